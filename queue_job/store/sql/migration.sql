-- Rows of earlier versions of the addon, brought into the present layout. Each
-- statement finds nothing left to do when it is run again.

-- name: columns
SELECT column_name, udt_name FROM information_schema.columns
WHERE table_schema = current_schema AND table_name = %(table)s

-- name: reader
-- JSON that was kept as text, or as text within JSON, letter by letter. NUL, which no
-- text of PostgreSQL can hold, is left out. What is no JSON otherwise (NaN, say) stays
-- text: only the job that it belongs to fails, when it is read.
CREATE OR REPLACE FUNCTION pg_temp.queue_job_json(kept text) RETURNS json AS $$
BEGIN
    IF left(kept, 1) = '"' THEN
        kept := kept::jsonb #>> '{}';
    END IF;
    IF strpos(kept, '\u0000') > 0 THEN
        kept := regexp_replace(kept, '(?<!\\)((?:\\\\)*)\\u0000', '\1', 'g');
    END IF;
    RETURN nullif(kept, '')::json;
EXCEPTION WHEN data_exception THEN
    RETURN to_json(kept);
END;
$$ LANGUAGE plpgsql

-- name: records_from_ids
-- Up to Odoo 12 the ids stood alone: the model and the user make records of them.
CASE WHEN model_name IS NOT NULL THEN json_build_object(
    '_type', 'odoo_recordset',
    'model', model_name,
    'ids', coalesce(pg_temp.queue_job_json(record_ids::text), '[]'),
    'uid', user_id
) END

-- name: rename_record_ids
ALTER TABLE queue_job RENAME COLUMN record_ids TO records

-- name: drop_leftovers
-- The trigger would notify of each row that is brought into the present layout, the
-- indexes would be kept up to date in vain, the locks are held elsewhere now.
DROP TRIGGER IF EXISTS queue_job_notify ON queue_job;
DROP INDEX IF EXISTS
    queue_job__state_index, queue_job__channel_index, queue_job__graph_uuid_index,
    queue_job_state_index, queue_job_channel_index, queue_job_graph_uuid_index,
    queue_job_uuid_index, queue_job_company_id_index,
    queue_job_channel_date_done_date_created_index;
DROP TABLE IF EXISTS queue_job_lock

-- name: merge_functions
-- Functions that were declared several times: the first one was in force.
WITH same AS (
    SELECT id, min(id) OVER (PARTITION BY name) AS kept
    FROM queue_job_function
    WHERE name IS NOT NULL
), jobs AS (
    UPDATE queue_job SET job_function_id = kept
    FROM same WHERE job_function_id = same.id AND same.id <> kept
), names AS (
    UPDATE ir_model_data SET res_id = kept
    FROM same
    WHERE model = 'queue.job.function' AND res_id = same.id AND same.id <> kept
)
DELETE FROM queue_job_function USING same
WHERE queue_job_function.id = same.id AND same.id <> kept

-- name: fill_records
UPDATE queue_job SET records = {records_from_ids} WHERE records IS NULL

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

-- name: add_function_columns
-- The ORM finds them then, and adds what else they have.
ALTER TABLE queue_job_function
    ADD COLUMN IF NOT EXISTS model_id integer,
    ADD COLUMN IF NOT EXISTS method varchar

-- name: name_functions
-- Up to Odoo 12 functions had nothing but a name.
UPDATE queue_job_function
SET model_id = ir_model.id, method = substring(queue_job_function.name FROM '>\.(\w+)$')
FROM ir_model
WHERE queue_job_function.model_id IS NULL
  AND ir_model.model = substring(queue_job_function.name FROM '^<(.+)>\.\w+$')

-- name: open_channels
-- Served by the partial index queue_job_open_idx.
SELECT DISTINCT channel FROM queue_job
WHERE state IN ('wait_dependencies', 'pending', 'enqueued', 'started', 'failed')

-- name: respell
-- A page of the jobs that wait, or failed, in channels of which "found" is another
-- spelling; who holds one now keeps it. Those that are dispatched no other transaction
-- writes.
UPDATE queue_job SET channel = spelling.stored
FROM unnest(%(found)s::varchar[], %(stored)s::varchar[]) AS spelling (found, stored)
WHERE queue_job.channel IS NOT DISTINCT FROM spelling.found AND id IN (
    SELECT job.id FROM queue_job job
    WHERE job.id > %(after)s AND job.state IN ('wait_dependencies', 'pending', 'failed')
      AND EXISTS (
          SELECT FROM unnest(%(found)s::varchar[]) AS known (found)
          WHERE job.channel IS NOT DISTINCT FROM known.found
      )
    ORDER BY job.id LIMIT %(page)s
    FOR UPDATE SKIP LOCKED
)
RETURNING id

-- name: date_failures
UPDATE queue_job SET date_failed = ended
FROM (
    SELECT job_id, date_trunc(
        'second', max(date_started + coalesce(duration, 0) * interval '1 second')
    ) AS ended
    FROM queue_job_attempt GROUP BY job_id
) attempt
WHERE attempt.job_id = queue_job.id AND state = 'failed' AND date_failed IS NULL
