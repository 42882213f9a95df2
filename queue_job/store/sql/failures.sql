-- What failures of jobs have in common.

-- name: note
-- Count a failure with those of the same fingerprint and company, and say so on its job
-- unless that was, or is just being, moved on. A fixed one that comes back is open again.
-- Locks last as long as the statement, which waits for nobody who has the job: others
-- would wait behind it to count theirs.
-- Returned is the failure if users are to be told of it with this job: it is new, or came
-- back, or who was to tell of it has not done so in time.
WITH failing AS (
    SELECT id AS job_id, company_id, channel_method_name AS function,
           date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC') AS seen
    FROM queue_job WHERE id = %(id)s
), failure AS (
    INSERT INTO queue_job_failure AS known
        (fingerprint, company_id, exc_name, message, frame, functions, status, is_back,
         first_seen, last_seen, times, job_id, told_job_id, tell_after)
    SELECT %(digest)s, company_id, %(exc_name)s, %(message)s, %(frame)s, function, 'open',
           false, seen, seen, 1, job_id, job_id, seen + %(told_again_after)s * interval '1 second'
    FROM failing
    ON CONFLICT (fingerprint, coalesce(company_id, 0)) DO UPDATE SET
        last_seen = excluded.last_seen,
        times = known.times + 1,
        job_id = excluded.job_id,
        is_back = known.is_back OR known.status = 'fixed',
        status = CASE known.status WHEN 'fixed' THEN 'open' ELSE known.status END,
        back_seen = CASE known.status
            WHEN 'fixed' THEN excluded.last_seen ELSE known.back_seen
        END,
        told_job_id = CASE
            WHEN known.status = 'fixed' OR known.tell_after <= excluded.last_seen
            THEN excluded.job_id ELSE known.told_job_id
        END,
        tell_after = CASE
            WHEN known.status = 'fixed' OR known.tell_after <= excluded.last_seen
            THEN excluded.tell_after ELSE known.tell_after
        END,
        functions = CASE
            WHEN excluded.functions = ANY(string_to_array(known.functions, E'\n'))
                OR length(known.functions) > %(most)s
            THEN known.functions
            ELSE concat_ws(E'\n', known.functions, excluded.functions)
        END
    RETURNING id, last_seen, told_job_id, tell_after
), hour AS (
    INSERT INTO queue_job_failure_hour AS known (failure_id, hour, times)
    SELECT id, date_trunc('hour', last_seen), 1 FROM failure
    ON CONFLICT (failure_id, hour) DO UPDATE SET times = known.times + 1
), said AS (
    UPDATE queue_job SET failure_id = failure.id FROM failure
    WHERE queue_job.id = (
        SELECT id FROM queue_job
        WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'failed'
        FOR NO KEY UPDATE SKIP LOCKED
    )
)
SELECT id FROM failure WHERE told_job_id = %(id)s AND tell_after > last_seen

-- name: told
-- Whether users were told of a failure with the job that was to tell of it. If not, the
-- next one does.
UPDATE queue_job_failure
SET tell_after = CASE WHEN NOT %(was_told)s
    THEN date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC')
END
WHERE id = %(failure_id)s AND told_job_id = %(id)s

-- name: hours
-- How often each of these failures was met, by hour, since a time.
SELECT failure_id, hour, times FROM queue_job_failure_hour
WHERE failure_id = ANY(%(ids)s) AND hour >= %(since)s

-- name: forget_hours
DELETE FROM queue_job_failure_hour WHERE hour < %(before)s

-- name: forget
-- Those not met for so long whose jobs are gone.
DELETE FROM queue_job_failure failure
WHERE last_seen < %(before)s
  AND NOT EXISTS (SELECT FROM queue_job WHERE failure_id = failure.id)
RETURNING id
