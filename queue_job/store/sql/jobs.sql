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

-- name: is_unlocked
-- Whether no other session has locked the job; the lock lasts as long as the
-- transaction, so that no worker starts the job before the caller's move commits.
SELECT pg_try_advisory_xact_lock(%(lock_class)s, %(id)s)

-- name: unlocked
-- Dispatched jobs that no session seems to have locked. Only a filter: who acts on the
-- answer takes the lock first.
SELECT id FROM queue_job
WHERE state = %(state)s
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
-- Of the jobs that may move those that no other transaction is changing; the others
-- stay as they are, instead of keeping the caller waiting.
WITH locked_jobs AS MATERIALIZED (
    SELECT id AS locked_id FROM queue_job WHERE {guard} FOR NO KEY UPDATE SKIP LOCKED
)

-- name: record_attempt
-- The trace of an unsuccessful attempt; runs in the statement of its move and
-- under the same guard. The jobs are locked first: of two who end the same attempt at
-- the same time, the later one finds nothing, to keep no more than to move.
-- A poll that hears the same as the latest one kept is only counted there. Of a job's
-- polls, and of its other attempts, the first and the latest ones stay.
WITH locked_jobs AS MATERIALIZED (
    SELECT id AS locked_id, attempt AS locked_attempt,
           date_started AS locked_since, worker_pid AS locked_pid
    FROM queue_job
    WHERE {guard} FOR NO KEY UPDATE {locked}
), repeated AS (
    UPDATE queue_job_attempt
    SET times = coalesce(times, 1) + 1,
        date_end = date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC')
    FROM locked_jobs
    WHERE %(attempt_is_poll)s AND is_poll
      AND queue_job_attempt.id = (
          SELECT latest.id FROM queue_job_attempt latest
          WHERE latest.job_id = locked_id ORDER BY latest.id DESC LIMIT 1
      )
      AND exc_name IS NOT DISTINCT FROM %(attempt_exc_name)s
      AND exc_message IS NOT DISTINCT FROM %(attempt_exc_message)s
    RETURNING job_id
), recorded AS (
    INSERT INTO queue_job_attempt
        (job_id, number, date_started, date_end, duration, host, pid,
         exc_name, exc_message, exc_info, is_poll, times)
    SELECT locked_id, locked_attempt, locked_since,
           date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC'),
           %(attempt_duration)s, %(attempt_host)s, locked_pid, %(attempt_exc_name)s,
           %(attempt_exc_message)s, %(attempt_exc_info)s, %(attempt_is_poll)s, 1
    FROM locked_jobs WHERE locked_id NOT IN (SELECT job_id FROM repeated)
), dropped AS (
    DELETE FROM queue_job_attempt
    WHERE id IN (
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY job_id ORDER BY id) AS rank,
                   count(*) OVER (PARTITION BY job_id) AS kept
            FROM queue_job_attempt JOIN locked_jobs ON job_id = locked_id
            WHERE coalesce(is_poll, false) = %(attempt_is_poll)s
              AND job_id NOT IN (SELECT job_id FROM repeated)
        ) AS ranked
        -- one of the latest is being inserted
        WHERE rank > 1 AND rank <= kept - (%(most_attempts)s - 1)
    )
    RETURNING job_id, times
)

-- name: count_dropped
-- What a transition that records an attempt sets besides its own columns.
attempts_not_kept = coalesce(attempts_not_kept, 0) + coalesce(
    (SELECT sum(coalesce(times, 1)) FROM dropped WHERE job_id = locked_id), 0
)

-- name: wait
-- A session that was ended takes a moment to free the rows it changed.
SELECT pg_sleep(0.1)
