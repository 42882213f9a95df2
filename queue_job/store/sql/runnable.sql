-- What waits, part by part in the order of the ids, to see whether it can run.

-- name: groups
-- Of so many waiting jobs after one: by function and user how many, the last one, and
-- some of them. Served by the partial index queue_job_open_idx.
WITH batch AS (
    SELECT id, model_name, method_name, user_id FROM queue_job
    WHERE state IN ('wait_dependencies', 'pending', 'enqueued', 'started')
      AND id > %(after)s
    ORDER BY id LIMIT %(most)s
)
SELECT model_name, method_name, user_id, count(*)::int, max(id),
       (array_agg(id ORDER BY id))[1:%(sample)s]
FROM batch GROUP BY model_name, method_name, user_id
ORDER BY min(id)

-- name: calls
SELECT id, uuid, model_name, method_name, user_id,
       records::text, args::text, kwargs::text
FROM queue_job WHERE id = ANY(%(ids)s) ORDER BY id
