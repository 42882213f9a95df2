-- name: lock_action
-- The action, for one batch: who works on it besides waits, and goes on behind it.
SELECT id FROM queue_job_action
 WHERE id = %(id)s FOR NO KEY UPDATE

-- name: lock_jobs
-- Those of a batch that may be changed; waits for transactions that are changing one.
-- The order keeps two of them from waiting for each other.
SELECT id FROM queue_job
 WHERE id = ANY(%(ids)s) AND state = ANY(%(states)s)
 ORDER BY id FOR NO KEY UPDATE

-- name: lock_free_jobs
-- ... those that no other transaction is changing.
SELECT id FROM queue_job
 WHERE id = ANY(%(ids)s) AND state = ANY(%(states)s)
 ORDER BY id FOR NO KEY UPDATE SKIP LOCKED

-- name: in_states
SELECT id FROM queue_job WHERE id = ANY(%(ids)s) AND state = ANY(%(states)s)

-- name: last_job
-- The youngest job there is: what comes later does not belong to an action.
SELECT coalesce(max(id), 0) FROM queue_job

-- name: stop
-- What has not begun is over at once.
UPDATE queue_job_action
   SET is_stopping = status <> 'waiting',
       date_ended = CASE WHEN status = 'waiting'
                         THEN clock_timestamp() AT TIME ZONE 'UTC' END,
       status = CASE WHEN status = 'waiting' THEN 'stopped' ELSE status END,
       note = concat_ws(E'\n', note, %(note)s)
 WHERE id = ANY(%(ids)s) AND status IN ('waiting', 'counting', 'running')
