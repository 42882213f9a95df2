-- What the dashboard shows of the jobs there are just now. Each statement is served by
-- partial indexes, and reads so many rows of a kind ("seen"), whoever may see them; where it
-- reads those of many channels, so many of each, but no more than "total" of all. (Below
-- that limit stands another one: for a limit that PostgreSQL does not know beforehand, it
-- would plan to read a tenth of all there are.) The parameter "allowed" is a condition:
-- which of them the user may see. Where "is_cut", there may be more. So many "channels", or
-- functions, are looked at, and one besides, which tells that there are others ("is_part").

-- name: waiting
-- By channel: the jobs that are due, and since when at least, and those that are due later.
-- Channels are found by hopping from one to the next in the index; where these are not all,
-- those of some "names" are looked at, too.
WITH RECURSIVE due_hop AS (
    (SELECT channel, 1 AS number FROM queue_job
     WHERE state = 'pending' AND eta IS NULL AND channel IS NOT NULL
     ORDER BY channel LIMIT 1)
    UNION ALL
    SELECT (SELECT channel FROM queue_job
            WHERE state = 'pending' AND eta IS NULL AND channel > last.channel
            ORDER BY channel LIMIT 1),
           last.number + 1
    FROM due_hop last
    WHERE last.channel IS NOT NULL AND last.number <= %(channels)s
), eta_hop AS (
    (SELECT channel, 1 AS number FROM queue_job
     WHERE state = 'pending' AND eta IS NOT NULL AND channel IS NOT NULL
     ORDER BY channel LIMIT 1)
    UNION ALL
    SELECT (SELECT channel FROM queue_job
            WHERE state = 'pending' AND eta IS NOT NULL AND channel > last.channel
            ORDER BY channel LIMIT 1),
           last.number + 1
    FROM eta_hop last
    WHERE last.channel IS NOT NULL AND last.number <= %(channels)s
), looked AS (
    SELECT EXISTS (SELECT FROM due_hop WHERE channel IS NOT NULL AND number > %(channels)s)
           AS due_is_part,
           EXISTS (SELECT FROM eta_hop WHERE channel IS NOT NULL AND number > %(channels)s)
           AS later_is_part
), named AS (
    SELECT channel FROM due_hop WHERE channel IS NOT NULL
    UNION SELECT channel FROM eta_hop WHERE channel IS NOT NULL
    UNION SELECT name FROM unnest(%(names)s::varchar[]) name, looked
          WHERE due_is_part OR later_is_part
), found AS (
    SELECT channel, least(%(seen)s, greatest(%(total)s / count(*) OVER (), 1)) AS seen
    FROM named
)
SELECT found.channel, due.jobs + come.jobs AS due, later.jobs AS later,
       extract(epoch FROM %(now)s - least(due.oldest, come.oldest))::float8,
       due.is_cut OR come.is_cut OR due_is_part OR later_is_part,
       later.is_cut OR later_is_part, due_is_part OR later_is_part
FROM looked, found, LATERAL (
    SELECT count(*) FILTER (WHERE is_allowed) AS jobs, count(*) >= found.seen AS is_cut,
           min(date_created) FILTER (WHERE is_allowed) AS oldest
    FROM (SELECT * FROM (
        SELECT date_created, %(allowed)s AS is_allowed FROM queue_job
        WHERE state = 'pending' AND eta IS NULL AND channel = found.channel
        ORDER BY (lane IS NOT NULL)::int, priority, date_created, id LIMIT %(seen)s
    ) one LIMIT found.seen) few
) due, LATERAL (
    SELECT count(*) FILTER (WHERE is_allowed) AS jobs, count(*) >= found.seen AS is_cut,
           min(eta) FILTER (WHERE is_allowed) AS oldest
    FROM (SELECT * FROM (
        SELECT eta, %(allowed)s AS is_allowed FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL AND channel = found.channel
          AND eta <= %(now)s
        ORDER BY eta LIMIT %(seen)s
    ) one LIMIT found.seen) few
) come, LATERAL (
    SELECT count(*) FILTER (WHERE is_allowed) AS jobs, count(*) >= found.seen AS is_cut
    FROM (SELECT * FROM (
        SELECT %(allowed)s AS is_allowed FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL AND channel = found.channel
          AND eta > %(now)s
        ORDER BY eta LIMIT %(seen)s
    ) one LIMIT found.seen) few
) later

-- name: dispatched
-- What is at work: which job, since when, by which process and from where its session in
-- PostgreSQL comes (nothing for one of the same host).
SELECT queue_job.id, queue_job.name, coalesce(queue_job.channel, 'root'),
       queue_job.channel_method_name, queue_job.state,
       extract(epoch FROM
               %(now)s - coalesce(queue_job.date_started, queue_job.date_enqueued))::float8,
       queue_job.worker_pid, host(activity.client_addr)
FROM queue_job
LEFT JOIN pg_stat_activity activity
    ON activity.pid = queue_job.worker_backend
   AND activity.datname = current_database()
WHERE queue_job.state IN ('enqueued', 'started') AND %(allowed)s
ORDER BY queue_job.id LIMIT %(seen)s

-- name: failed
-- By channel the jobs that have failed, and are still to be looked at.
WITH RECURSIVE hop AS (
    (SELECT channel, 1 AS number FROM queue_job
     WHERE state = 'failed' AND channel IS NOT NULL ORDER BY channel LIMIT 1)
    UNION ALL
    SELECT (SELECT channel FROM queue_job
            WHERE state = 'failed' AND channel > last.channel ORDER BY channel LIMIT 1),
           last.number + 1
    FROM hop last WHERE last.channel IS NOT NULL AND last.number <= %(channels)s
), found AS (
    SELECT channel, least(%(seen)s, greatest(%(total)s / count(*) OVER (), 1)) AS seen,
           bool_or(number > %(channels)s) OVER () AS is_part
    FROM hop WHERE channel IS NOT NULL
)
SELECT found.channel, failed.jobs, failed.is_cut OR is_part, is_part FROM found, LATERAL (
    SELECT count(*) FILTER (WHERE is_allowed) AS jobs, count(*) >= found.seen AS is_cut
    FROM (SELECT * FROM (
        SELECT %(allowed)s AS is_allowed FROM queue_job
        WHERE state = 'failed' AND channel = found.channel
        ORDER BY channel LIMIT %(seen)s
    ) one LIMIT found.seen) few
) failed

-- name: failed_since
-- How many have failed since a moment, and are still to be looked at.
WITH RECURSIVE hop AS (
    (SELECT channel_method_name AS function, 1 AS number FROM queue_job
     WHERE state = 'failed' AND channel_method_name IS NOT NULL
     ORDER BY channel_method_name LIMIT 1)
    UNION ALL
    SELECT (SELECT channel_method_name FROM queue_job
            WHERE state = 'failed' AND channel_method_name > last.function
            ORDER BY channel_method_name LIMIT 1),
           last.number + 1
    FROM hop last WHERE last.function IS NOT NULL AND last.number <= %(channels)s
), found AS (
    SELECT function, least(%(seen)s, greatest(%(total)s / count(*) OVER (), 1)) AS seen,
           number > %(channels)s AS is_part
    FROM hop WHERE function IS NOT NULL
)
SELECT coalesce(sum(failed.jobs), 0)::int, coalesce(bool_or(failed.is_cut OR is_part), false)
FROM found, LATERAL (
    SELECT count(*) FILTER (WHERE is_allowed) AS jobs, count(*) >= found.seen AS is_cut
    FROM (SELECT * FROM (
        SELECT %(allowed)s AS is_allowed FROM queue_job
        WHERE state = 'failed' AND channel_method_name = found.function
          AND date_failed > %(since)s
        LIMIT %(seen)s
    ) one LIMIT found.seen) few
) failed

-- name: waiting_for_others
SELECT count(*) FILTER (WHERE is_allowed), count(*) >= %(seen)s
FROM (
    SELECT %(allowed)s AS is_allowed FROM queue_job WHERE state = 'wait_dependencies'
    ORDER BY id LIMIT %(seen)s
) one

-- name: leader
-- The session of the runner that leads this database: since when (seconds), when it last
-- asked something, and where it comes from (nothing for one of the same host); and the
-- sign of life that says more of it, the statement of its session in another database.
SELECT extract(epoch FROM clock_timestamp() - activity.backend_start)::float8,
       extract(epoch FROM clock_timestamp() - activity.state_change)::float8,
       host(activity.client_addr), activity.pid,
       (SELECT beat.query FROM pg_stat_activity beat
        WHERE beat.application_name = activity.application_name
          AND beat.query LIKE '%%queue_job_runner%%'
        ORDER BY beat.state_change DESC LIMIT 1)
FROM pg_locks JOIN pg_stat_activity activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND (classid::bigint << 32) | objid::bigint = %(key)s
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())

-- name: is_neutralized
SELECT EXISTS (SELECT FROM ir_config_parameter WHERE key = 'database.is_neutralized')

-- name: marked_modules
SELECT name FROM ir_module_module WHERE starts_with(state, 'to ') ORDER BY name LIMIT 5

-- name: ended_lately
-- Whether one of the youngest jobs that are done, or have failed, ended within so many
-- seconds. Served by the partial indexes queue_job_done_idx and queue_job_ended_badly_idx.
SELECT EXISTS (
    SELECT FROM (
        (SELECT date_done AS ended, same_as FROM queue_job WHERE state = 'done'
         ORDER BY id DESC LIMIT 100)
        UNION ALL
        (SELECT date_failed, same_as FROM queue_job WHERE state IN ('failed', 'cancelled')
         ORDER BY id DESC LIMIT 100)
    ) youngest
    WHERE ended > clock_timestamp() AT TIME ZONE 'UTC' - %(seconds)s * interval '1 second'
      AND same_as IS NULL
)

-- name: has_jobs
-- Whether there ever was a job, as far as that can be told.
SELECT EXISTS (SELECT FROM queue_job) OR EXISTS (SELECT FROM queue_job_statistics)
