-- Rows of earlier versions of the addon, brought into the present layout. Each
-- statement finds nothing left to do when it is run again.

-- name: columns
SELECT column_name, udt_name FROM information_schema.columns
WHERE table_schema = current_schema AND table_name = %(table)s

-- name: to_jsonb
-- JSON that was kept as text; NUL, which jsonb cannot hold, is left out.
ALTER TABLE {table} ALTER COLUMN {column} TYPE jsonb
USING replace(nullif({column}::text, ''), '\u0000', '')::jsonb

-- name: add_records
ALTER TABLE queue_job ADD COLUMN IF NOT EXISTS records jsonb

-- name: fill_records
-- Up to Odoo 12 the ids stood alone: the model and the user make records of them.
UPDATE queue_job SET records = jsonb_build_object(
    '_type', 'odoo_recordset',
    'model', model_name,
    'ids', coalesce(nullif(record_ids::text, '')::jsonb, '[]'),
    'uid', user_id
)
WHERE records IS NULL AND model_name IS NOT NULL

-- name: drop_record_ids
ALTER TABLE queue_job DROP COLUMN record_ids

-- name: link_by_uuid
-- Links that were kept as lists of UUIDs in each job.
INSERT INTO queue_job_dependency (parent_id, child_id, if_failed)
SELECT DISTINCT parent.id, child.id, 'wait'
FROM queue_job child
CROSS JOIN LATERAL jsonb_array_elements_text(
    coalesce(nullif(child.dependencies::text, '')::jsonb -> 'depends_on', '[]')
) AS named(uuid)
JOIN queue_job parent ON parent.uuid = named.uuid
WHERE NOT EXISTS (
    SELECT FROM queue_job_dependency known
    WHERE known.parent_id = parent.id AND known.child_id = child.id
)

-- name: drop_dependencies
ALTER TABLE queue_job DROP COLUMN dependencies

-- name: name_functions
-- Up to Odoo 12 functions had nothing but a name.
UPDATE queue_job_function
SET model_id = ir_model.id, method = substring(queue_job_function.name FROM '>\.(\w+)$')
FROM ir_model
WHERE queue_job_function.model_id IS NULL
  AND ir_model.model = substring(queue_job_function.name FROM '^<(.+)>\.\w+$')
