-- What a move adds to its statement that keeps the attempt which ended with it. The
-- builder of moves puts it behind "locked_jobs", the jobs that are about to move.

-- name: record
-- The trace of an unsuccessful attempt. The jobs are locked first: of two that end the
-- same attempt at the same time, the later one finds nothing, to keep no more than to
-- move.
-- A poll that hears the same as the latest one kept is only counted there. Of a job's
-- polls, and of its other attempts, the first and the latest ones stay.
repeated AS (
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
