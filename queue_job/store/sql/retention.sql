-- Failed jobs that are kept no longer, found by queue_job_failed_idx or
-- queue_job_failure_idx. Not those that others of their graph still wait for, or for what
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
