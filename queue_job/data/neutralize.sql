-- A neutralised copy does not run the jobs of the original. What was running there must
-- not be taken for dead here, and run again.
UPDATE queue_job
   SET state = 'cancelled',
       date_cancelled = date_trunc('second', now() AT TIME ZONE 'UTC'),
       result = 'Cancelled: the database was neutralized'
 WHERE state IN ('wait_dependencies', 'pending', 'enqueued', 'started');

-- ... nor its actions on many jobs
UPDATE queue_job_action
   SET status = 'stopped', date_ended = now() AT TIME ZONE 'UTC', is_stopping = false
 WHERE status IN ('waiting', 'counting', 'running');

-- nothing of the original is left to be held: jobs delayed from now on are its own
DELETE FROM ir_config_parameter WHERE key = 'queue_job.home';
