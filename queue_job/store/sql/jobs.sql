-- name: lock_run
-- Take the liveness locks of jobs dispatched under these numbers, as far as they are
-- free, in the order asked.
-- MATERIALIZED: the lock function must see only the rows that passed the filter.
-- OFFSET 0: each is looked up by its uuid, not in all that is dispatched.
WITH candidate AS MATERIALIZED (
    SELECT job.id, job.uuid, job.attempt, asked.position
    FROM unnest(%(uuids)s::varchar[], %(attempts)s::int[])
        WITH ORDINALITY AS asked (uuid, attempt, position)
    CROSS JOIN LATERAL (
        SELECT id, uuid, attempt, state FROM queue_job
        WHERE queue_job.uuid = asked.uuid OFFSET 0
    ) job
    WHERE job.attempt = asked.attempt AND job.state = 'enqueued'
    ORDER BY asked.position
)
SELECT id, uuid, attempt FROM candidate
WHERE pg_try_advisory_lock(%(lock_class)s, id)

-- name: alike
-- Which of these dispatched jobs call the same as one, on records, at their first attempt.
SELECT other.id FROM queue_job job, queue_job other
WHERE job.id = %(id)s AND other.id = ANY(%(ids)s)
  AND other.state = 'enqueued' AND coalesce(other.retry, 0) = 0
  AND coalesce(other.timeout, 0) = 0
  AND (other.model_name, other.method_name) = (job.model_name, job.method_name)
  AND other.user_id = job.user_id
  AND other.company_id IS NOT DISTINCT FROM job.company_id
  AND other.args::text IS NOT DISTINCT FROM job.args::text
  AND other.kwargs::text IS NOT DISTINCT FROM job.kwargs::text
  AND other.records::jsonb - 'ids' = job.records::jsonb - 'ids'
  AND json_array_length(job.records -> 'ids') > 0
  AND json_array_length(other.records -> 'ids') > 0

-- name: is_unlocked
-- Whether no other session has locked the job; the lock lasts as long as the
-- transaction, so that no worker starts the job before the caller's move commits.
SELECT pg_try_advisory_xact_lock(%(lock_class)s, %(id)s)

-- part: is_enqueued
state = 'enqueued'

-- part: is_started
state = 'started'

-- part: unlocked
-- Dispatched jobs that no session seems to have locked. Only a filter: who acts on the
-- answer takes the lock first.
SELECT id FROM queue_job
WHERE {is_of_state}
  AND NOT (id = ANY(%(except_ids)s))
  AND NOT EXISTS (
      SELECT 1 FROM pg_locks
      WHERE locktype = 'advisory'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid::bigint = %(lock_class)s
        AND objid::bigint = queue_job.id
        AND granted
  )
ORDER BY id

-- name: unlocked_enqueued = unlocked with is_of_state = is_enqueued

-- name: unlocked_started = unlocked with is_of_state = is_started

-- name: locked
-- Which of these jobs another session has locked.
SELECT objid::bigint FROM pg_locks
WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid::bigint = %(lock_class)s AND objid::bigint = ANY(%(ids)s)

-- name: locks_of_workers
-- All jobs that other sessions have locked, by session; those started first.
SELECT pid, job.state, coalesce(job.channel, 'root'), job.id, job.uuid, job.attempt
FROM pg_locks JOIN queue_job job ON job.id = objid::bigint
WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid::bigint = %(lock_class)s
ORDER BY pid, job.state <> 'started', job.id

-- name: lock_all
SELECT id FROM unnest(%(ids)s::int[]) AS id WHERE pg_try_advisory_lock(%(lock_class)s, id)

-- name: unlock_all
SELECT pg_advisory_unlock(%(lock_class)s, id) FROM unnest(%(ids)s::int[]) AS id

-- name: end_sessions
-- End the sessions that dead jobs worked on, as far as they live on. A process id may
-- be in use anew: the right session is older than the job's start, which is cut to the
-- second. (Sessions of roles that the caller may not end show no start.)
SELECT pg_terminate_backend(activity.pid)
FROM queue_job job JOIN pg_stat_activity activity ON activity.pid = job.worker_backend
WHERE job.id = ANY(%(ids)s) AND job.state = 'started'
  AND activity.datname = current_database()
  AND activity.pid <> pg_backend_pid()
  AND activity.backend_start < job.date_started AT TIME ZONE 'UTC' + interval '1 second'
  AND pg_has_role(activity.usesysid, 'MEMBER')

-- name: forget_session
UPDATE queue_job SET worker_backend = NULL
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'started'

-- name: is_current
-- Whether a started job is still that of the number of a dispatch.
SELECT EXISTS (
    SELECT 1 FROM queue_job
    WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'started'
)

-- name: standing
SELECT attempt, state FROM queue_job WHERE id = %(id)s

-- name: lock_failed
-- Keep a job as failed as it is, unless another transaction has moved it on, or is
-- changing it.
SELECT id FROM queue_job
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'failed'
FOR NO KEY UPDATE SKIP LOCKED

-- name: free
-- Those of these jobs that are pending, and that no other transaction is changing.
SELECT id FROM queue_job
WHERE id = ANY(%(ids)s) AND state = 'pending'
FOR NO KEY UPDATE SKIP LOCKED

-- name: tell_begin
-- A hint, like every notification: a poll finds out, too.
NOTIFY queue_job, 'begun'

-- name: wait
-- A session that was ended takes a moment to free the rows it changed.
SELECT pg_sleep(0.1)
