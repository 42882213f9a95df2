-- What is asked of the rows to explain why a job is not running; each question reads few
-- of them, whatever the backlog.

-- name: job
SELECT id, uuid, coalesce(channel, 'root'), coalesce(priority, 0),
       coalesce(extract(epoch FROM date_created), 0)::float8,
       extract(epoch FROM eta)::float8, state, coalesce(attempt, 0), channel_method_name,
       identity_key, graph_uuid, channel, date_created::text,
       extract(epoch FROM clock_timestamp())::float8,
       company_id, user_id, lock_key, lock_limit
FROM queue_job WHERE id = %(id)s

-- name: sees_locks
-- A replica knows nothing of locks.
SELECT NOT pg_is_in_recovery()

-- name: before_without_eta
-- How many jobs of the channel come before one, of those that wait for no time; at most
-- so many are counted. The order leaves the planner no other way to them than the partial
-- index queue_job_due_idx.
SELECT least(sum(jobs), %(most)s)::bigint FROM (VALUES (0), (1)) kind (is_laned), LATERAL (
    SELECT count(*) AS jobs FROM (
        SELECT FROM queue_job
        WHERE state = 'pending' AND eta IS NULL AND channel = %(channel)s
          AND (lane IS NOT NULL)::int = is_laned
          AND (priority, date_created, id) < (%(priority)s, %(date_created)s, %(id)s)
        ORDER BY priority, date_created, id
        LIMIT %(most)s
    ) one
) before

-- name: before_with_eta
-- ... and of those that have one, all or those whose time has come; and how many were
-- looked at. Served by the partial index queue_job_eta_rank_idx.
SELECT sum(jobs)::bigint, least(sum(looked_at), %(most)s)::bigint
FROM (VALUES (0), (1)) kind (is_laned), LATERAL (
    SELECT count(*) FILTER (
               WHERE %(is_line)s OR eta <= clock_timestamp() AT TIME ZONE 'UTC'
           ) AS jobs,
           count(*) AS looked_at
    FROM (
        SELECT eta FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL AND channel = %(channel)s
          AND (lane IS NOT NULL)::int = is_laned
          AND (priority, date_created, id) < (%(priority)s, %(date_created)s, %(id)s)
        ORDER BY priority, date_created, id
        LIMIT %(most)s
    ) one
) before

-- name: lately
-- Of the youngest jobs that are done: by channel, how many seconds ago those ended that
-- did within so many, how long they took on average, and when each began. They are few of
-- those that ended lately where very many do, and none of those that waited for long.
-- Served by the partial index queue_job_done_idx.
SELECT coalesce(channel, 'root'), array_agg(age) FILTER (WHERE age < %(seconds)s),
       coalesce(avg(exec_time) FILTER (WHERE age < %(seconds)s), 0)::float8,
       array_agg(extract(epoch FROM begun)::float8) FILTER (WHERE begun IS NOT NULL)
FROM (
    SELECT channel, exec_time, coalesce(date_started, date_enqueued) AS begun,
           extract(epoch FROM clock_timestamp() AT TIME ZONE 'UTC' - date_done)::float8
               AS age
    FROM (
        SELECT * FROM queue_job WHERE state = 'done' ORDER BY id DESC LIMIT %(most)s
    ) youngest
    WHERE same_as IS NULL
) done
GROUP BY 1

-- name: begun
-- When the jobs that run began, by channel.
-- Served by the partial index queue_job_dispatched_idx.
SELECT coalesce(channel, 'root'),
       array_agg(extract(epoch FROM coalesce(date_started, date_enqueued))::float8)
FROM queue_job
WHERE state IN ('enqueued', 'started') AND state = 'started'
  AND coalesce(date_started, date_enqueued) IS NOT NULL
GROUP BY 1
