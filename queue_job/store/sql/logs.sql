-- name: write
-- Keep the log of an attempt, and of older ones as many as there may be. A job that
-- deleted its own row has none.
WITH told AS (
    INSERT INTO queue_job_log (job_id, attempt, text, lines_cut)
    SELECT id, %(attempt)s, %(text)s, %(lines_cut)s FROM queue_job WHERE id = %(id)s
)
DELETE FROM queue_job_log WHERE id IN (
    SELECT id FROM queue_job_log WHERE job_id = %(id)s
    ORDER BY id DESC
    OFFSET %(most)s - 1 -- one is being inserted
)
