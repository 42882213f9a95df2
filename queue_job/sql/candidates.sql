-- name: snapshot
-- What the runner has to know of a database, whatever the backlog: everything
-- handed out; per channel the best-ranked due jobs, at most %(window)s without and
-- as many with an ETA, and the next one to become due; for each sequential channel
-- also the best-ranked job with an ETA and whether one of its own has failed.
-- One statement, hence one view of all rows. The channels are found by hopping from
-- one to the next in the index, so that a million jobs of one channel cost nothing.
-- (The order of the failed job leaves the planner no other index to go through.)
-- Jobs whose channel somebody emptied are asked for by themselves.
-- Served by the partial indexes queue_job_due_idx, queue_job_eta_idx,
-- queue_job_eta_rank_idx, queue_job_handed_out_idx and queue_job_failed_idx.
WITH RECURSIVE due_channel AS (
    (SELECT channel FROM queue_job
     WHERE state = 'pending' AND eta IS NULL
     ORDER BY channel LIMIT 1)
    UNION ALL
    SELECT (SELECT channel FROM queue_job
            WHERE state = 'pending' AND eta IS NULL AND channel > last.channel
            ORDER BY channel LIMIT 1)
    FROM due_channel last WHERE last.channel IS NOT NULL
), eta_channel AS (
    (SELECT channel FROM queue_job
     WHERE state = 'pending' AND eta IS NOT NULL
     ORDER BY channel LIMIT 1)
    UNION ALL
    SELECT (SELECT channel FROM queue_job
            WHERE state = 'pending' AND eta IS NOT NULL AND channel > last.channel
            ORDER BY channel LIMIT 1)
    FROM eta_channel last WHERE last.channel IS NOT NULL
), sequential_channel AS (
    SELECT unnest(%(sequential)s::varchar[]) AS channel
)
SELECT found.id, found.uuid, coalesce(found.channel, 'root') AS channel,
       coalesce(found.priority, 0) AS priority,
       coalesce(extract(epoch FROM found.date_created), 0)::float8 AS date_created,
       extract(epoch FROM found.eta)::float8 AS eta,
       found.state, found.attempt,
       found.channel_method_name AS function
FROM (
    SELECT id, uuid, channel, priority, date_created, eta, state, attempt,
           channel_method_name
    FROM queue_job WHERE state IN ('enqueued', 'started')
    UNION ALL
    SELECT job.* FROM due_channel, LATERAL (
        SELECT id, uuid, channel, priority, date_created, eta, state, attempt,
               channel_method_name
        FROM queue_job
        WHERE state = 'pending' AND eta IS NULL AND channel = due_channel.channel
        ORDER BY priority, date_created, id LIMIT %(window)s
    ) job
    UNION ALL
    SELECT job.* FROM eta_channel, LATERAL (
        SELECT id, uuid, channel, priority, date_created, eta, state, attempt,
               channel_method_name
        FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL
          AND eta <= to_timestamp(%(now)s) AT TIME ZONE 'UTC'
          AND channel = eta_channel.channel
        ORDER BY priority, date_created, id LIMIT %(window)s
    ) job
    UNION ALL
    SELECT job.* FROM eta_channel, LATERAL (
        SELECT id, uuid, channel, priority, date_created, eta, state, attempt,
               channel_method_name
        FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL
          AND eta > to_timestamp(%(now)s) AT TIME ZONE 'UTC'
          AND channel = eta_channel.channel
        ORDER BY eta LIMIT 1
    ) job
    UNION ALL
    SELECT job.* FROM sequential_channel, LATERAL (
        SELECT id, uuid, channel, priority, date_created, eta, state, attempt,
               channel_method_name
        FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL
          AND channel = sequential_channel.channel
        ORDER BY priority, date_created, id LIMIT 1
    ) job
    UNION ALL
    SELECT job.* FROM sequential_channel, LATERAL (
        SELECT id, uuid, channel, priority, date_created, eta, state, attempt,
               channel_method_name
        FROM queue_job
        WHERE state = 'failed' AND channel >= sequential_channel.channel
        ORDER BY channel LIMIT 1
    ) job
    WHERE job.channel = sequential_channel.channel
    UNION ALL
    (SELECT id, uuid, channel, priority, date_created, eta, state, attempt,
           channel_method_name
     FROM queue_job
     WHERE state = 'pending' AND eta IS NULL AND channel IS NULL
     ORDER BY priority, date_created, id LIMIT %(window)s)
    UNION ALL
    (SELECT id, uuid, channel, priority, date_created, eta, state, attempt,
            channel_method_name
     FROM queue_job
     WHERE state = 'pending' AND eta IS NOT NULL AND channel IS NULL
       AND eta <= to_timestamp(%(now)s) AT TIME ZONE 'UTC'
     ORDER BY priority, date_created, id LIMIT %(window)s)
) found

-- name: is_odoo
SELECT to_regclass('ir_module_module') IS NOT NULL
   AND to_regclass('ir_config_parameter') IS NOT NULL

-- name: module_state
SELECT state FROM ir_module_module WHERE name = 'queue_job'

-- name: marked_modules
-- What is to be installed, upgraded or removed.
SELECT format('%%s (%%s)', name, state) FROM ir_module_module
WHERE state IN ('to install', 'to upgrade', 'to remove')

-- name: writing_transactions
-- Transactions of others that write in this database, or change its tables. Autovacuum
-- has no user; its locks are no sign of anybody.
SELECT DISTINCT virtualtransaction
FROM pg_locks JOIN pg_stat_activity activity USING (pid)
WHERE locktype = 'relation' AND granted
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND mode IN ('RowExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock',
               'ExclusiveLock', 'AccessExclusiveLock')
  AND activity.usesysid IS NOT NULL AND pid <> pg_backend_pid()

-- name: has_trigger
-- Without it nobody would tell the runner of new jobs.
SELECT EXISTS (
    SELECT 1 FROM pg_trigger
    WHERE tgrelid = to_regclass('queue_job')
      AND tgname LIKE 'queue\_job\_notify%%'
      AND tgenabled <> 'D'
)

-- name: secret
-- What the requests of the runner are signed with.
SELECT value FROM ir_config_parameter WHERE key = 'database.secret'
