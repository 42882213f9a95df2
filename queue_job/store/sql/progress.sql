-- name: write_progress
-- How far a job has come; an attempt that counts no more overwrites nothing.
INSERT INTO queue_job_progress (job_id, attempt, done, total, text, date_told)
SELECT id, %(attempt)s, %(done)s, %(total)s, %(text)s,
       date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC')
FROM queue_job
WHERE id = %(job_id)s AND coalesce(attempt, 0) = %(attempt)s
ON CONFLICT (job_id) DO UPDATE SET
    attempt = excluded.attempt, done = excluded.done, total = excluded.total,
    text = excluded.text, date_told = excluded.date_told
WHERE queue_job_progress.attempt <= excluded.attempt
RETURNING id

-- name: progress_of
-- What the latest dispatch of each job tells; of an earlier one it says nothing.
SELECT told.job_id, told.done, told.total, told.text
FROM queue_job_progress told JOIN queue_job job ON job.id = told.job_id
WHERE told.job_id = ANY(%(job_ids)s) AND told.attempt = coalesce(job.attempt, 0)

-- name: write_checkpoint
-- Rows are added, and those before deleted, as far as no other attempt has them locked:
-- attempts of the same job never wait for each other.
WITH told AS (
    INSERT INTO queue_job_checkpoint (job_id, attempt, data)
    SELECT id, %(attempt)s, %(data)s::json FROM queue_job
    WHERE id = %(job_id)s AND coalesce(attempt, 0) = %(attempt)s
    RETURNING id
), before AS MATERIALIZED (
    SELECT id FROM queue_job_checkpoint
    WHERE job_id = %(job_id)s AND attempt <= %(attempt)s
      AND EXISTS (SELECT FROM told)
    FOR UPDATE SKIP LOCKED
), dropped AS (
    DELETE FROM queue_job_checkpoint WHERE id IN (SELECT id FROM before)
)
SELECT id FROM told

-- name: add_checkpoint
INSERT INTO queue_job_checkpoint (job_id, attempt, data)
SELECT id, %(attempt)s, %(data)s::json FROM queue_job
WHERE id = %(job_id)s AND coalesce(attempt, 0) = %(attempt)s
RETURNING id

-- name: last_checkpoint
SELECT attempt, id, data::text FROM queue_job_checkpoint
WHERE job_id = %(job_id)s
ORDER BY attempt DESC, id DESC
LIMIT 1

-- name: has_written
-- A transaction gets its number when it first changes or locks a row.
SELECT pg_current_xact_id_if_assigned() IS NOT NULL
