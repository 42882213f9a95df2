-- name: look
-- Object id and uuid of this database, and those of the one whose jobs were served.
SELECT concat_ws(' ', (SELECT oid FROM pg_database WHERE datname = current_database()),
                 (SELECT value FROM ir_config_parameter WHERE key = 'database.uuid')),
       (SELECT value FROM ir_config_parameter WHERE key = 'queue_job.home')

-- name: remember
-- Writes nothing where it is remembered so already: a conflict would lock the row, and
-- every few seconds an idle database would write its log.
WITH here AS (
    SELECT concat_ws(' ', oid, (SELECT value FROM ir_config_parameter
                                WHERE key = 'database.uuid')) AS value
    FROM pg_database WHERE datname = current_database()
)
INSERT INTO ir_config_parameter (key, value)
SELECT 'queue_job.home', here.value FROM here
WHERE NOT EXISTS (
    SELECT FROM ir_config_parameter known
    WHERE known.key = 'queue_job.home' AND known.value = here.value
)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
