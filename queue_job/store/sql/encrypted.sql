-- The rows of jobs whose arguments are encrypted, read part by part.

-- name: part_of_jobs
-- The next jobs that somebody may run yet, by id; what is said of those whose arguments
-- are not encrypted is NULL.
SELECT id,
       CASE WHEN args ->> '_type' = 'encrypted' THEN args::text END,
       CASE WHEN kwargs ->> '_type' = 'encrypted' THEN kwargs::text END
FROM (
    SELECT id, state, args, kwargs FROM queue_job
    WHERE id > %(after)s AND state NOT IN ('done', 'cancelled')
    ORDER BY id
    LIMIT %(most)s
) part

-- name: replace
-- Nobody else writes the row of a job that runs; it has read its arguments, too.
UPDATE queue_job SET args = %(args)s, kwargs = %(kwargs)s
WHERE id = %(id)s AND state <> 'started'
RETURNING id
