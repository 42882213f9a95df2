-- Delaying a call in SQL: for triggers, and for other programs that may write into the
-- database.

-- name: delay_function
-- It runs with the rights of who calls it, who needs INSERT on the table of jobs anyway;
-- not with those of its owner. What it refuses beyond that is what code did not declare.
-- Data of others may come in as arguments: no part of them may be taken for a record, which
-- would name as whom it is used.
CREATE OR REPLACE FUNCTION queue_job_delay(
    model text,
    method text,
    record_ids integer[],
    user_id integer,
    args jsonb DEFAULT '[]',
    kwargs jsonb DEFAULT '{}',
    priority integer DEFAULT NULL,
    eta timestamp DEFAULT NULL,
    max_retries integer DEFAULT NULL,
    description text DEFAULT NULL,
    expires timestamp DEFAULT NULL
) RETURNS text AS $$
#variable_conflict use_column
DECLARE
    called text := '<' || queue_job_delay.model || '>.' || queue_job_delay.method;
    chosen record;
    refused record;
    acting record;
    ids integer[] := coalesce(queue_job_delay.record_ids, '{}');
    told text;
    made text := gen_random_uuid()::text;
    now_utc timestamp := clock_timestamp() AT TIME ZONE 'UTC';
    until timestamp;
    too_deep jsonpath := 'strict $.**' || chr(123) || {most_nested} || chr(125)
        || ' ? (@.type() == "array" || @.type() == "object")';
    too_long jsonpath := 'strict $.** ? (@ >= 1e{most_digits} || @ <= -1e{most_digits})';
BEGIN
    SELECT f.id, f.channel, f.is_sql_allowed, f.is_encrypted, f.lock_key,
        coalesce(f.expires, 0) AS expires, nullif(f.timeout, 0) AS timeout
    INTO chosen FROM queue_job_function f WHERE f.name = called;
    IF chosen.id IS NULL OR chosen.is_sql_allowed IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
            MESSAGE = coalesce(called, 'a call without model or method')
                || ' cannot be delayed in SQL',
            HINT = 'Declare the method with @job(sql=True), and restart the servers.';
    END IF;
    SELECT u.id, u.company_id, p.lang, p.tz INTO acting
    FROM res_users u LEFT JOIN res_partner p ON p.id = u.partner_id
    WHERE u.id = queue_job_delay.user_id AND u.active;
    IF acting.id IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = called || ' cannot be delayed: there is no active user '
                || coalesce(queue_job_delay.user_id::text, 'NULL'),
            HINT = 'Give the id, in res_users, of the active user as whom it runs.';
    END IF;
    IF array_position(ids, NULL) IS NOT NULL OR 0 >= ANY(ids) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = called || ' cannot be delayed: record_ids has what is no id',
            HINT = 'Give ids of rows, each greater than 0.';
    END IF;
    IF jsonb_typeof(queue_job_delay.args) IS DISTINCT FROM 'array'
       OR jsonb_typeof(queue_job_delay.kwargs) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = called || ' cannot be delayed: args has to be a JSON array, and'
                || ' kwargs a JSON object';
    END IF;
    IF jsonb_path_exists(queue_job_delay.args, '$.**._type')
       OR jsonb_path_exists(queue_job_delay.kwargs, '$.**._type') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = called || ' cannot be delayed: no object in args or kwargs may'
                || ' have the key "_type"',
            HINT = 'Pass ids and text; the method makes records and dates of them.';
    END IF;
    until := coalesce(
        queue_job_delay.expires,
        coalesce(queue_job_delay.eta, now_utc)
            + nullif(chosen.expires, 0) * interval '1 second'
    );
    -- what a row would keep, and Python not read, or not do
    SELECT wrong.what, wrong.cure INTO refused FROM (VALUES
        (
            chosen.is_encrypted,
            'its arguments are to be encrypted, and PostgreSQL has no key',
            'Delay it in Python, or take "Encrypt Arguments" from its job function.'
        ), (
            chosen.lock_key <> '',
            'its job function has a lock key, which is made in Python',
            'Delay it in Python, or take the lock key from its job function.'
        ), (
            jsonb_path_exists(queue_job_delay.args, too_deep),
            'args is nested in more than {most_nested} others', 'Pass it as one text.'
        ), (
            jsonb_path_exists(queue_job_delay.kwargs, too_deep),
            'kwargs is nested in more than {most_nested} others', 'Pass it as one text.'
        ), (
            jsonb_path_exists(queue_job_delay.args, too_long),
            'args has a number of more than {most_digits} digits', 'Pass it as text.'
        ), (
            jsonb_path_exists(queue_job_delay.kwargs, too_long),
            'kwargs has a number of more than {most_digits} digits', 'Pass it as text.'
        ), (
            queue_job_delay.eta < '0001-01-01' OR queue_job_delay.eta >= '10000-01-01',
            'eta is ' || queue_job_delay.eta,
            'Give a moment in the years 1 to 9999, or NULL.'
        ), (
            until < '0001-01-01' OR until >= '10000-01-01',
            'expires is ' || until,
            'Give a moment in the years 1 to 9999, or NULL.'
        ), (
            queue_job_delay.max_retries < 0,
            'max_retries is ' || queue_job_delay.max_retries,
            'Give a number of attempts; 0 means endless.'
        ), (
            queue_job_delay.priority < -{most_integer},
            'priority is ' || queue_job_delay.priority,
            'Give a number from -{most_integer} to {most_integer}.'
        )
    ) AS wrong (is_so, what, cure) WHERE wrong.is_so LIMIT 1;
    IF refused.what IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = called || ' cannot be delayed: ' || refused.what,
            HINT = refused.cure;
    END IF;
    told := coalesce(
        nullif(queue_job_delay.description, ''),
        queue_job_delay.model || '.' || queue_job_delay.method
    );
    INSERT INTO queue_job (
        uuid, state, name, date_created, model_name, method_name, channel_method_name,
        job_function_id, channel, priority, eta, expires_at, max_retries, retry, attempt,
        timeout, user_id, company_id, func_string, records, args, kwargs
    ) VALUES (
        made, 'pending', left(told, {most_description}), now_utc,
        queue_job_delay.model, queue_job_delay.method, called,
        chosen.id, coalesce(chosen.channel, 'root'),
        coalesce(queue_job_delay.priority, {priority}), queue_job_delay.eta,
        until, coalesce(queue_job_delay.max_retries, {max_retries}), 0, 0,
        chosen.timeout, acting.id, acting.company_id,
        left(
            queue_job_delay.model || '(' || array_to_string(ids, ', ')
                || CASE WHEN cardinality(ids) = 1 THEN ',' ELSE '' END
                || ').' || queue_job_delay.method || '(*' || queue_job_delay.args
                || ', **' || queue_job_delay.kwargs || ')',
            {most_call}
        ),
        json_build_object(
            '_type', 'odoo_recordset', 'model', queue_job_delay.model,
            'ids', to_json(ids), 'uid', acting.id, 'su', false,
            'context', json_strip_nulls(json_build_object(
                'lang', acting.lang, 'tz', acting.tz,
                'allowed_company_ids', json_build_array(acting.company_id)
            ))
        ),
        queue_job_delay.args::json, queue_job_delay.kwargs::json
    );
    RETURN made;
END;
$$ LANGUAGE plpgsql SECURITY INVOKER SET search_path FROM CURRENT

-- name: delay_rights
-- PostgreSQL lets all roles call what is new. Who may write jobs is granted both.
REVOKE ALL ON FUNCTION queue_job_delay(
    text, text, integer[], integer, jsonb, jsonb, integer, timestamp, integer, text,
    timestamp
) FROM PUBLIC

-- name: declare
-- Note which functions code declares, and no others; which ones changed.
UPDATE queue_job_function SET is_sql_allowed = (name = ANY(%(names)s))
WHERE is_sql_allowed IS DISTINCT FROM (name = ANY(%(names)s))
  AND (name = ANY(%(names)s) OR is_sql_allowed)
RETURNING id

-- name: withdraw
UPDATE queue_job_function SET is_sql_allowed = NULL WHERE id = ANY(%(ids)s)
