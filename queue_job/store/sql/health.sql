-- How the queue of a database is. No statement reads a table of jobs that grows: each is
-- served by a partial index, and bounded.

-- name: only_indexes
-- Whatever the estimates say: to read the whole table is never right here.
SELECT set_config('enable_seqscan', 'off', true),
       set_config('enable_bitmapscan', 'off', true)

-- name: all_plans
SELECT set_config('enable_seqscan', 'on', true),
       set_config('enable_bitmapscan', 'on', true)

-- name: leader
-- The runner that serves the database, and when it last asked anything. (Sessions of
-- roles that the caller may not see show no time: the runner lives, that is all.)
SELECT coalesce(extract(epoch FROM clock_timestamp() - state_change), 0)::float8
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND (classid::bigint << 32) | objid::bigint = %(key)s
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())

-- name: is_neutralized
SELECT EXISTS (SELECT FROM ir_config_parameter WHERE key = 'database.is_neutralized')

-- name: counts
-- Jobs by state, as far as they are not over; each counted up to one more than the bound.
SELECT 'wait_dependencies', count(*) FROM (
    SELECT FROM queue_job WHERE state = 'wait_dependencies' LIMIT %(most)s + 1
) found
UNION ALL
SELECT 'pending', least(sum(jobs), %(most)s + 1)::bigint FROM (
    SELECT count(*) AS jobs FROM (
        SELECT FROM queue_job
        WHERE state = 'pending' AND eta IS NULL LIMIT %(most)s + 1
    ) due
    UNION ALL
    SELECT count(*) FROM (
        SELECT FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL LIMIT %(most)s + 1
    ) later
) found
UNION ALL
SELECT 'enqueued', count(*) FROM queue_job
WHERE state IN ('enqueued', 'started') AND state = 'enqueued'
UNION ALL
SELECT 'started', count(*) FROM queue_job
WHERE state IN ('enqueued', 'started') AND state = 'started'
UNION ALL
SELECT 'failed', count(*) FROM (
    SELECT FROM queue_job WHERE state = 'failed' LIMIT %(most)s + 1
) found

-- name: counts_by_channel
-- The same by channel, of the jobs a channel has room for or waits to have room for.
-- Channels are those that managers see; others count towards none.
SELECT channel.complete_name, told.state, told.jobs
FROM queue_job_channel channel, LATERAL (
    SELECT 'pending' AS state, (
        SELECT count(*) FROM (
            SELECT FROM queue_job WHERE state = 'pending' AND eta IS NULL
            AND queue_job.channel = channel.complete_name LIMIT %(most)s
        ) due
    ) + (
        SELECT count(*) FROM (
            SELECT FROM queue_job WHERE state = 'pending' AND eta IS NOT NULL
            AND queue_job.channel = channel.complete_name LIMIT %(most)s
        ) later
    ) AS jobs
    UNION ALL
    SELECT 'failed', count(*) FROM (
        SELECT FROM queue_job WHERE state = 'failed'
        AND queue_job.channel = channel.complete_name LIMIT %(most)s
    ) failed
) told
UNION ALL
SELECT coalesce(channel, 'root'), state, count(*) FROM queue_job
WHERE state IN ('enqueued', 'started') GROUP BY 1, 2

-- name: oldest_due
-- Seconds that the job waits which could have begun first. The index is hopped through,
-- from one channel and priority to the next. When a job that was requeued or released
-- came to wait its row does not tell: it does not count. Nor does what a paused channel
-- holds.
WITH RECURSIVE due AS (
    (SELECT channel, (lane IS NOT NULL)::int AS is_laned, priority, 1 AS number
     FROM queue_job
     WHERE state = 'pending' AND eta IS NULL
     ORDER BY channel, (lane IS NOT NULL)::int, priority LIMIT 1)
    UNION ALL
    SELECT next.channel, next.is_laned, next.priority, due.number + 1
    FROM due, LATERAL (
        SELECT channel, (lane IS NOT NULL)::int AS is_laned, priority FROM queue_job
        WHERE state = 'pending' AND eta IS NULL
          AND (channel, (lane IS NOT NULL)::int, priority)
              > (due.channel, due.is_laned, due.priority)
        ORDER BY channel, (lane IS NOT NULL)::int, priority LIMIT 1
    ) next
    WHERE due.number < %(hops)s
), later AS (
    (SELECT channel, 1 AS number FROM queue_job
     WHERE state = 'pending' AND eta IS NOT NULL
     ORDER BY channel LIMIT 1)
    UNION ALL
    SELECT next.channel, later.number + 1
    FROM later, LATERAL (
        SELECT channel FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL AND channel > later.channel
        ORDER BY channel LIMIT 1
    ) next
    WHERE later.number < %(hops)s
), since AS (
    SELECT due.channel, job.date_created AS at FROM due, LATERAL (
        SELECT date_created, attempt, graph_uuid FROM queue_job
        WHERE state = 'pending' AND eta IS NULL
          AND channel = due.channel AND (lane IS NOT NULL)::int = due.is_laned
          AND priority = due.priority
        ORDER BY date_created, id LIMIT 20
    ) job
    WHERE coalesce(job.attempt, 0) = 0 AND job.graph_uuid IS NULL
    UNION ALL
    SELECT later.channel, job.eta FROM later, LATERAL (
        SELECT eta FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL AND channel = later.channel
        ORDER BY eta LIMIT 1
    ) job
    WHERE job.eta <= clock_timestamp() AT TIME ZONE 'UTC'
)
SELECT extract(epoch FROM clock_timestamp() AT TIME ZONE 'UTC' - min(at))::float8
FROM since
WHERE NOT EXISTS (
    SELECT FROM queue_job_channel paused
    WHERE is_paused AND (paused.complete_name = since.channel
                         OR starts_with(since.channel, paused.complete_name || '.'))
)

-- name: unbegun
-- Seconds since the first job was dispatched that no worker has locked.
SELECT extract(epoch FROM
    clock_timestamp() AT TIME ZONE 'UTC' - min(date_enqueued))::float8
FROM queue_job
WHERE state IN ('enqueued', 'started') AND state = 'enqueued'
  AND NOT EXISTS (
      SELECT 1 FROM pg_locks
      WHERE locktype = 'advisory' AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid::bigint = %(lock_class)s AND objid::bigint = queue_job.id
  )

-- name: has_statistics
SELECT to_regclass('queue_job_statistics') IS NOT NULL

-- name: ended
-- Within an hour.
SELECT coalesce(sum(done + failed), 0)::int, coalesce(sum(failed), 0)::int
FROM queue_job_statistics
WHERE period > clock_timestamp() AT TIME ZONE 'UTC' - interval '1 hour'

-- name: marked_modules
SELECT format('%%s (%%s)', name, state) FROM ir_module_module
WHERE starts_with(state, 'to ')

-- name: triggers
SELECT tgname FROM pg_trigger
WHERE tgrelid IN (to_regclass('queue_job'), to_regclass('queue_job_channel'))
  AND tgenabled <> 'D'

-- name: indexes
-- Those that can be used.
SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = to_regclass('queue_job') AND indisvalid AND indisready

-- name: old_transactions
-- Of whom the caller may see; what they say is not told, it may be secret.
SELECT pid, extract(epoch FROM clock_timestamp() - xact_start)::float8,
       coalesce(nullif(application_name, ''), usename, backend_type)
FROM pg_stat_activity
WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid()
  AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
ORDER BY xact_start LIMIT 5

-- name: table_rows
SELECT n_live_tup::bigint, n_dead_tup::bigint FROM pg_stat_user_tables
WHERE relid = to_regclass('queue_job')

-- name: session
-- The clock, and the process that answers.
SELECT extract(epoch FROM clock_timestamp())::float8, pg_backend_pid()

-- name: waiting_functions
-- Functions of the jobs that come next, in every channel.
WITH RECURSIVE due AS (
    (SELECT channel, 1 AS number FROM queue_job
     WHERE state = 'pending' AND eta IS NULL ORDER BY channel LIMIT 1)
    UNION ALL
    SELECT next.channel, due.number + 1
    FROM due, LATERAL (
        SELECT channel FROM queue_job
        WHERE state = 'pending' AND eta IS NULL AND channel > due.channel
        ORDER BY channel LIMIT 1
    ) next
    WHERE due.number < %(hops)s
)
SELECT DISTINCT job.model_name, job.method_name FROM due, LATERAL (
    SELECT model_name, method_name FROM queue_job
    WHERE state = 'pending' AND eta IS NULL AND channel = due.channel
    ORDER BY (lane IS NOT NULL)::int, priority, date_created, id LIMIT %(hops)s
) job
UNION
(SELECT model_name, method_name FROM queue_job
 WHERE state = 'wait_dependencies' ORDER BY id LIMIT %(hops)s)
