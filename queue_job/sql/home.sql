-- name: look
-- Object id and uuid of this database, and those of the one whose jobs were served.
SELECT concat_ws(' ', (SELECT oid FROM pg_database WHERE datname = current_database()),
                 (SELECT value FROM ir_config_parameter WHERE key = 'database.uuid')),
       (SELECT value FROM ir_config_parameter WHERE key = 'queue_job.home')

-- name: remember
-- Writes nothing where it is remembered so already.
INSERT INTO ir_config_parameter AS home (key, value)
SELECT 'queue_job.home', concat_ws(' ', oid,
    (SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'))
FROM pg_database WHERE datname = current_database()
ON CONFLICT (key) DO UPDATE SET value = excluded.value
WHERE home.value IS DISTINCT FROM excluded.value
