-- What is kept no longer. Failed jobs are found by queue_job_failed_idx or
-- queue_job_failure_idx; not those that others of their graph still wait for, or for what
-- comes of them.

-- name: expired_failed
-- In these channels.
SELECT job.id FROM queue_job job
WHERE job.state = 'failed' AND job.channel = ANY(%(channels)s)
  AND job.date_failed <= %(deadline)s
  AND NOT EXISTS (
      SELECT FROM queue_job waiting
      WHERE waiting.graph_uuid = job.graph_uuid
        AND waiting.state = 'wait_dependencies'
  )
ORDER BY job.id
LIMIT %(most)s

-- name: expired_failed_elsewhere
-- In all but these channels.
SELECT job.id FROM queue_job job
WHERE job.state = 'failed'
  AND (job.channel IS NULL OR job.channel <> ALL(%(channels)s))
  AND job.date_failed <= %(deadline)s
  AND NOT EXISTS (
      SELECT FROM queue_job waiting
      WHERE waiting.graph_uuid = job.graph_uuid
        AND waiting.state = 'wait_dependencies'
  )
ORDER BY job.id
LIMIT %(most)s

-- part: left_over
-- What lies beside jobs that are gone: written while another transaction deleted them.
DELETE FROM {table} WHERE id IN (
    SELECT id FROM {table} beside
    WHERE NOT EXISTS (SELECT FROM queue_job WHERE queue_job.id = beside.job_id)
    LIMIT %(most)s
)
RETURNING id

-- name: left_over_logs = left_over with table = 'queue_job_log'

-- name: left_over_progress = left_over with table = 'queue_job_progress'

-- name: left_over_checkpoints = left_over with table = 'queue_job_checkpoint'

-- name: left_over_stops = left_over with table = 'queue_job_stop'
