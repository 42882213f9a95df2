-- name: try_lead
-- One runner per group of servers, and per database.
SELECT pg_try_advisory_lock(%(key)s)

-- name: has_leader
-- Whether a runner leads the database.
SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND (classid::bigint << 32) | objid::bigint = %(key)s
      AND pg_locks.database =
          (SELECT oid FROM pg_database WHERE datname = current_database())
)

-- name: is_served
-- Whether a runner leads the database, or none is to: no user wants its jobs to run once
-- it is neutralized.
SELECT ({has_leader}) OR EXISTS (SELECT FROM ir_config_parameter WHERE key = 'database.is_neutralized')

-- name: end_holder
-- End the session that holds the lock, if it is one of the caller's own group and has
-- not said anything for so long: its runner is gone, or cannot hear PostgreSQL any
-- more, and has stopped dispatching by itself.
SELECT pg_terminate_backend(activity.pid)
FROM pg_locks JOIN pg_stat_activity activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND (classid::bigint << 32) | objid::bigint = %(key)s
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND application_name = current_setting('application_name')
  AND application_name LIKE 'queue_job runner %%'
  AND pid <> pg_backend_pid()
  AND state_change < clock_timestamp() - %(silent)s * interval '1 second'

-- name: wait
-- A session that was ended takes a moment to free its locks.
SELECT pg_sleep(0.2)

-- name: listen
-- In the maintenance database: who installs the addon says in which database.
LISTEN queue_job

-- name: beat
-- A sign of life; what it says of the runner, others read in pg_stat_activity. It precedes
-- each statement of the leader there: PostgreSQL shows the latest one alone.
SELECT %(about)s

-- name: tell_rival
-- The leader listens when it doubts whether it can do its work.
SELECT pg_notify('queue_job_rivals', %(key)s)

-- name: tell_ceiling
-- Nobody else's lock is in its way; and the runner would not wait for it.
SELECT pg_try_advisory_lock_shared(%(lowered)s, %(code)s)

-- name: forget_ceiling
SELECT pg_advisory_unlock_shared(%(lowered)s, %(code)s)

-- name: ceiling
-- How far runners have lowered themselves.
SELECT objid::bigint FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 2
  AND classid::bigint = %(lowered)s
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())

-- name: tell_overdue
-- In a database with jobs that are to end and do not, and that its leader cannot end.
SELECT pg_try_advisory_lock_shared(%(overdue)s, 0)

-- name: forget_overdue
SELECT pg_advisory_unlock_shared(%(overdue)s, 0)

-- name: overdue
-- The databases of which a leader says so.
SELECT json_agg(DISTINCT datname)
FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND granted AND objsubid = 2
  AND classid::bigint = %(overdue)s

-- name: inserts
-- Per database, the rows that were ever inserted. Who installs a module or restores a
-- dump makes that grow.
SELECT json_object_agg(datname, tup_inserted) FROM pg_stat_database
WHERE datname IS NOT NULL
