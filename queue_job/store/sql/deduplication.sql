-- Jobs that may count as the same, because they have the same identity key. The
-- moves "merge" and "supersede" come from the builder of moves.

-- part: columns
-- What core/deduplication.py wants to know. "call" is equal for jobs that may share an
-- attempt: as whom and under which rule they were delayed, all but the records. A job
-- that was attempted already shares its attempts with no other.
job.id, job.uuid, job.identity_key, job.state, coalesce(job.attempt, 0) AS attempt,
coalesce(job.identity_until, 'started') AS until,
coalesce(job.identity_period, 0) AS period,
coalesce(job.identity_on_duplicate, 'keep') AS on_duplicate,
EXISTS (
    SELECT FROM queue_job_dependency edge WHERE edge.parent_id = job.id
) AS is_followed,
CASE WHEN job.identity_on_duplicate = 'merge' AND coalesce(job.retry, 0) = 0 THEN md5(
    jsonb_build_array(
        job.records::jsonb - 'ids', job.method_name, job.args, job.kwargs,
        job.user_id, job.company_id, job.identity_until, job.identity_period
    )::text
) END AS call,
extract(epoch FROM
    clock_timestamp() AT TIME ZONE 'UTC' - coalesce(job.date_done, job.date_started)
)::float8 AS seconds,
coalesce(job.identity_supersedes, false) AS supersedes,
CASE WHEN job.state IN ('pending', 'enqueued') THEN
    extract(epoch FROM job.expires_at)::float8
END AS expires

-- name: counting
-- Of each key the latest job that counts as the same as a new one: in one of these
-- states, awake when that is due, not to expire before it, and not passed by. For a call that
-- supersedes what failed, one that does so, too, whatever failed when.
-- Each call with a key asks this, mostly in vain, so what it costs is to plan it: CASE
-- keeps the planner from comparing the conditions with those of all indexes.
-- Served by the partial index queue_job_identity_key_state_partial_index.
SELECT identity_key, max(id) FROM queue_job
WHERE identity_key = ANY(%(keys)s::varchar[]) AND state = ANY(%(states)s)
  AND (NOT %(supersedes)s OR identity_supersedes AND {is_fresh})
  AND CASE
      WHEN state = 'started' THEN true
      WHEN NOT ({is_in_time} AND (expires_at IS NULL OR expires_at >= %(expires)s)) THEN false
      WHEN state = 'enqueued' THEN true
      WHEN state = 'pending' AND date_enqueued IS NOT NULL THEN false
      ELSE eta IS NULL OR eta <= %(due)s
  END
GROUP BY identity_key

-- name: under_way
-- Of each key: what is dispatched or runs, and the youngest of those that wait.
-- Served by the partial index queue_job_identity_key_state_partial_index.
SELECT {columns}
FROM unnest(%(keys)s::varchar[]) AS wanted(key), LATERAL (
    SELECT * FROM queue_job
    WHERE identity_key = wanted.key AND state IN ('enqueued', 'started')
    UNION ALL
    (SELECT * FROM queue_job
     WHERE identity_key = wanted.key AND state = 'pending' AND {is_in_time}
     ORDER BY id DESC LIMIT %(most)s)
) job

-- name: expire_as_late
-- A job that stands for others expires as late as they do, unless it has begun; nothing is
-- found where another transaction is at it, or it is over.
WITH standing AS MATERIALIZED (
    SELECT id AS standing_id FROM queue_job
    WHERE id = %(stands)s AND state IN ('pending', 'enqueued', 'started')
    FOR NO KEY UPDATE SKIP LOCKED
), latest AS (
    SELECT CASE WHEN bool_and(expires_at IS NOT NULL) THEN max(expires_at) END AS moment
    FROM queue_job WHERE id = ANY(%(ids)s)
    HAVING count(*) > 0
), postponed AS (
    UPDATE queue_job SET expires_at = moment FROM standing, latest
    WHERE id = standing_id AND state <> 'started'
      AND (moment IS NULL OR moment > expires_at)
)
SELECT standing_id FROM standing

-- name: done_lately
-- Of each key the last job done within so many seconds that was delayed with a period;
-- none that ended because of another one.
-- Served by the partial index queue_job_identity_done_idx.
SELECT {columns}
FROM unnest(%(keys)s::varchar[]) AS wanted(key), LATERAL (
    SELECT * FROM queue_job
    WHERE identity_key = wanted.key AND state = 'done'
      AND identity_period > 0 AND same_as IS NULL
      AND date_done > clock_timestamp() AT TIME ZONE 'UTC'
          - %(seconds)s * interval '1 second'
    ORDER BY date_done DESC LIMIT 1
) job

-- name: merge_records
-- End jobs, and add their records to those of the job that runs for them, in order:
-- all in one statement, so that no record gets lost. First the job that runs is
-- locked, not to begin or be cancelled meanwhile; if it has, nothing moves.
WITH locked_jobs AS MATERIALIZED (
    SELECT id AS locked_id, records::jsonb AS locked_records FROM queue_job
    WHERE id = %(runs)s AND attempt = %(attempt)s AND state = 'enqueued'
    FOR NO KEY UPDATE
), merged AS (
    {merge} FROM locked_jobs
    WHERE id = ANY(%(ids)s) AND {may_merge}
      AND records::jsonb - 'ids' = locked_records - 'ids'
      AND {is_free}
    RETURNING id, records::jsonb
), record AS (
    SELECT element.value AS record_id,
           min(ARRAY[source.place, element.place]) AS place
    FROM (
        SELECT 0::bigint AS place, locked_records AS records FROM locked_jobs
        UNION ALL
        SELECT id, records FROM merged
    ) source,
    LATERAL jsonb_array_elements(source.records -> 'ids')
        WITH ORDINALITY AS element(value, place)
    GROUP BY element.value
), together AS (
    SELECT jsonb_agg(record_id ORDER BY place) AS ids,
           string_agg(record_id::text, ', ' ORDER BY place)
           || CASE WHEN count(*) = 1 THEN ',' ELSE '' END AS text
    FROM record
), extended AS (
    UPDATE queue_job
    SET records = jsonb_set(records::jsonb, ARRAY['ids'], together.ids)::json,
        func_string = regexp_replace(
            func_string, '^[^()]*\([^()]*\)', format('%%s(%%s)', model_name, together.text)
        )
    FROM locked_jobs, together
    WHERE id = locked_id AND together.ids IS NOT NULL
)
SELECT id FROM merged

-- part: supersede_some
-- Cancel failed jobs that a later call of their key makes superfluous, if it was to: one
-- that waits, or that has begun since they did. What was stored before them and never ran
-- is as good while it waits: its transaction was a long one, or it slept. The best one is
-- what is dispatched. Jobs that others wait for have their place in a graph, and keep it.
-- Calls to be merged have records of their own, so none does the work of another. What
-- another transaction is changing is left alone.
-- A key may have a month of jobs that are over, and the question is asked for each failed
-- one: so few of them are read, of each state the last ones that began since, and few of
-- those that wait.
-- Served by the partial indexes queue_job_identity_key_state_partial_index and
-- queue_job_identity_superseding_idx, in which they are ordered within a state.
WITH locked_jobs AS MATERIALIZED (
    SELECT failed.id AS locked_id, later.uuid AS later_uuid
    FROM {some} CROSS JOIN LATERAL (
        SELECT uuid FROM (
            (SELECT id, uuid, state, identity_on_duplicate FROM queue_job
             WHERE identity_key = failed.identity_key AND identity_supersedes
               AND state IN ('pending', 'enqueued')
               AND (id > failed.id OR {is_fresh})
             ORDER BY id DESC LIMIT %(few)s)
            UNION ALL
            ({begun_since} AND state = 'started'
             ORDER BY date_started DESC LIMIT %(few)s)
            UNION ALL
            ({begun_since} AND state = 'done'
             ORDER BY date_started DESC LIMIT %(few)s)
            UNION ALL
            ({begun_since} AND state = 'failed'
             ORDER BY date_started DESC LIMIT %(few)s)
        ) same_key
        WHERE identity_on_duplicate IS DISTINCT FROM 'merge'
        ORDER BY state NOT IN ('enqueued', 'started'), id LIMIT 1
    ) later
    WHERE failed.state = 'failed' AND {is_unfollowed}
      AND failed.identity_on_duplicate IS DISTINCT FROM 'merge'
    LIMIT %(most)s
    FOR NO KEY UPDATE OF failed SKIP LOCKED
)
{supersede}, same_as = later_uuid, result = format(%(text)s, later_uuid)
FROM locked_jobs WHERE id = locked_id AND {may_supersede}
RETURNING id

-- part: begun_since
SELECT id, uuid, state, identity_on_duplicate FROM queue_job
WHERE identity_key = failed.identity_key AND identity_supersedes
  AND date_started >= failed.date_started AND id > failed.id

-- name: supersede_of_keys = supersede_some with some = failed_of_keys

-- name: supersede_among = supersede_some with some = failed_among

-- part: is_fresh
-- It was not dispatched before: so neither did it fail, nor has a person requeued it.
coalesce(attempt, 0) <= CASE state
    WHEN 'started' THEN attempt WHEN 'enqueued' THEN 1 ELSE 0
END

-- part: failed_of_keys
unnest(%(keys)s::varchar[]) AS wanted(key)
JOIN queue_job failed ON failed.identity_key = wanted.key

-- part: failed_among
unnest(%(ids)s::int[]) AS wanted(id)
JOIN queue_job failed ON failed.id = wanted.id AND failed.identity_key <> ''

-- part: is_unfollowed
NOT EXISTS (SELECT FROM queue_job_dependency edge WHERE edge.parent_id = failed.id)

-- name: other_call
-- The call of a waiting job that a new one was to be merged with, but that calls
-- something else: same user, same context. Of so many jobs the youngest are asked.
SELECT func_string
FROM (
    SELECT * FROM queue_job
    WHERE identity_key = %(key)s AND state IN ('wait_dependencies', 'pending', 'enqueued')
    ORDER BY id DESC LIMIT %(most)s
) job
WHERE identity_on_duplicate = 'merge'
  AND records::jsonb - ARRAY['ids', 'model'] = %(records)s::jsonb - ARRAY['ids', 'model']
  AND (model_name, method_name, args::jsonb, kwargs::jsonb)
      IS DISTINCT FROM
      (%(model)s, %(method)s, %(args)s::jsonb, %(kwargs)s::jsonb)
LIMIT 1

-- name: deadline
-- When a call that is backed off again and again has to run at the latest.
SELECT identity_deadline FROM queue_job
WHERE identity_key = %(key)s AND state = 'pending'
ORDER BY id DESC LIMIT 1

-- name: still_counting
-- Jobs done that still keep others out.
SELECT id FROM queue_job
WHERE state = 'done' AND identity_period > 0 AND same_as IS NULL
  AND identity_key IS NOT NULL
  AND date_done > clock_timestamp() AT TIME ZONE 'UTC'
      - identity_period * interval '1 second'
