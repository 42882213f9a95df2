-- name: own
-- The latest jobs that a user delayed, among the latest of all: no index tells whose a job
-- is, since each job would have to pay for it. Those that run come first.
SELECT job.id, job.name, job.state, job.exc_name, left(job.exc_message, %(characters)s),
       told.done, told.total, told.text
FROM (SELECT * FROM queue_job ORDER BY id DESC LIMIT %(looked_at)s) AS job
LEFT JOIN queue_job_progress told
  ON told.job_id = job.id AND told.attempt = coalesce(job.attempt, 0)
WHERE coalesce(nullif(job.delayed_by, 0), job.user_id) = %(user_id)s
ORDER BY job.state = 'started' DESC, job.id DESC
LIMIT %(most)s
