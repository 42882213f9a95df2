-- name: look
-- What tells this database from others: its object id, Odoo's uuid, and whether the
-- cluster may be asked for its identifier; and what is remembered of the one whose jobs
-- were served. (The first database of any two clusters has the same object id.)
SELECT (SELECT oid::text FROM pg_database WHERE datname = current_database()),
       (SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'),
       has_function_privilege('pg_control_system()', 'execute'),
       (SELECT value FROM ir_config_parameter WHERE key = 'queue_job.home')

-- name: cluster
-- By itself: PostgreSQL refuses it to whom it does not allow it, wherever it is written.
SELECT system_identifier::text FROM pg_control_system()

-- name: remember
INSERT INTO ir_config_parameter (key, value) VALUES ('queue_job.home', %(here)s)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
