-- Requests to stop running jobs, beside their rows: the row of a started job is written by
-- no one but its worker. Each is about one dispatch; what is left of an earlier one says
-- nothing.

-- name: ask
-- Who asked first for a dispatch stays.
INSERT INTO queue_job_stop (job_id, attempt, user_id, date_asked, reason, result)
SELECT id, coalesce(attempt, 0), %(user_id)s,
       date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC'),
       %(reason)s, %(result)s
FROM queue_job
WHERE id = ANY(%(ids)s) AND state = 'started'
ON CONFLICT (job_id) DO UPDATE SET
    attempt = excluded.attempt, user_id = excluded.user_id,
    date_asked = excluded.date_asked, reason = excluded.reason,
    result = excluded.result, server_limit = NULL, is_stuck = NULL
WHERE queue_job_stop.attempt <> excluded.attempt OR queue_job_stop.result IS NULL

-- name: note_limit
-- A worker that its server ends says by which limit; that is no request.
INSERT INTO queue_job_stop (job_id, attempt, server_limit)
SELECT id, attempt, %(limit)s
FROM unnest(%(ids)s::int[], %(attempts)s::int[]) AS named (id, attempt)
JOIN queue_job job USING (id, attempt)
WHERE state = 'started'
ON CONFLICT (job_id) DO UPDATE SET
    server_limit = excluded.server_limit,
    attempt = excluded.attempt,
    result = CASE WHEN queue_job_stop.attempt = excluded.attempt
             THEN queue_job_stop.result END

-- name: note_stuck
UPDATE queue_job_stop stop SET is_stuck = true
FROM unnest(%(ids)s::int[], %(attempts)s::int[]) AS named (id, attempt)
WHERE stop.job_id = named.id AND stop.attempt = named.attempt
  AND stop.is_stuck IS NOT TRUE

-- name: standing
-- Which of these dispatches are to be stopped.
SELECT job_id, attempt, result FROM queue_job_stop
WHERE job_id = ANY(%(ids)s) AND result IS NOT NULL

-- name: stopping
-- Of these jobs, those that run and are to be stopped.
SELECT stop.job_id, stop.user_id, stop.date_asked, stop.reason, stop.is_stuck
FROM queue_job_stop stop JOIN queue_job job ON job.id = stop.job_id
WHERE stop.job_id = ANY(%(ids)s) AND stop.result IS NOT NULL
  AND job.state = 'started' AND stop.attempt = coalesce(job.attempt, 0)

-- name: forget
DELETE FROM queue_job_stop WHERE job_id = %(id)s AND attempt <= %(attempt)s

-- name: found_dead
-- What is known of started jobs that no worker has locked.
SELECT job.id,
       extract(epoch FROM clock_timestamp() AT TIME ZONE 'UTC' - job.date_started)::float8,
       job.timeout::float8, stop.result, stop.server_limit
FROM queue_job job
LEFT JOIN queue_job_stop stop
    ON stop.job_id = job.id AND stop.attempt = coalesce(job.attempt, 0)
WHERE job.id = ANY(%(ids)s) AND job.state = 'started'
ORDER BY job.id

-- name: forget_dead
DELETE FROM queue_job_stop WHERE job_id = ANY(%(ids)s)

-- name: has_timed_out
-- Whether the time of a job was over when its worker ended at its last attempt.
SELECT exc_name = %(timed_out)s FROM queue_job_attempt
WHERE job_id = %(id)s ORDER BY id DESC LIMIT 1

-- name: drop_old
-- Requests about attempts that are over.
DELETE FROM queue_job_stop WHERE id IN (
    SELECT stop.id FROM queue_job_stop stop JOIN queue_job job ON job.id = stop.job_id
    WHERE job.state <> 'started' OR stop.attempt <> coalesce(job.attempt, 0)
    FOR UPDATE OF stop SKIP LOCKED
    LIMIT %(most)s
)
RETURNING id

-- name: overdue
-- Jobs that still run, so long after somebody asked to stop them, and the name of the
-- session that has locked them; but for those that their servers will not end.
-- (MATERIALIZED: there are none mostly, and then nobody looks at the locks.)
WITH late AS MATERIALIZED (
    SELECT job.id, job.attempt, job.uuid
    FROM queue_job_stop stop JOIN queue_job job ON job.id = stop.job_id
    WHERE stop.result IS NOT NULL AND stop.attempt = job.attempt
      AND stop.is_stuck IS NOT TRUE
      AND stop.date_asked < clock_timestamp() AT TIME ZONE 'UTC'
                            - make_interval(secs => %(seconds)s)
      AND job.state = 'started'
)
SELECT late.id, late.attempt, late.uuid, activity.application_name
FROM late
CROSS JOIN LATERAL (
    SELECT pid FROM pg_locks
    WHERE locktype = 'advisory' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND classid::bigint = %(lock_class)s AND objid::bigint = late.id
) held
JOIN pg_stat_activity activity ON activity.pid = held.pid
ORDER BY late.id
