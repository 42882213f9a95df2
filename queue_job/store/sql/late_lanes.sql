-- Jobs that were stored before their channel told them apart. Served by the partial index
-- queue_job_due_idx, in which those without a lane stand first.

-- name: without_lane
-- The best-ranked ones of a channel.
SELECT id, lock_key, company_id, user_id, channel_method_name FROM queue_job
WHERE state = 'pending' AND eta IS NULL
  AND channel = %(channel)s AND (lane IS NOT NULL)::int = 0
ORDER BY priority, date_created, id LIMIT %(most)s

-- name: give
-- Those that wait still, and that no other transaction is about to change.
WITH given AS MATERIALIZED (
    SELECT job.id, new.lane
    FROM unnest(%(ids)s::int[], %(lanes)s::text[]) new (id, lane)
    JOIN queue_job job ON job.id = new.id
    WHERE job.state = 'pending' AND job.lane IS NULL
    FOR NO KEY UPDATE OF job SKIP LOCKED
)
UPDATE queue_job job SET lane = given.lane
FROM given WHERE job.id = given.id
RETURNING job.id
