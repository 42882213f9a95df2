-- Jobs that did not begin in time. The moves "expire" and "expire_dispatched" come from
-- the builder of moves.

-- part: text
'expired at ' || to_char(expires_at, 'YYYY-MM-DD HH24:MI:SS') || ' UTC'

-- name: expire_some
-- At most so many, those first that expired first. Asked again and again, mostly in vain:
-- served by the partial index queue_job_expiry_idx, which is empty where nothing expires.
WITH locked_jobs AS MATERIALIZED (
    SELECT id AS locked_id FROM queue_job
    WHERE expires_at <= clock_timestamp() AT TIME ZONE 'UTC' AND {may_expire}
    ORDER BY expires_at LIMIT %(most)s
    FOR NO KEY UPDATE SKIP LOCKED
)
{cancel}, result = {text}
FROM locked_jobs WHERE id = locked_id AND {may_expire} AND NOT {is_in_time}
RETURNING id

-- name: expire_among
-- Of these jobs.
WITH locked_jobs AS MATERIALIZED (
    SELECT id AS locked_id FROM queue_job
    WHERE id = ANY(%(ids)s) AND {may_expire} AND NOT {is_in_time}
    FOR NO KEY UPDATE SKIP LOCKED
)
{cancel}, result = {text}
FROM locked_jobs WHERE id = locked_id AND {may_expire} AND NOT {is_in_time}
RETURNING id

-- name: expire_dispatched
-- One job, under the number of its dispatch.
{cancel_dispatched}, result = {text}
WHERE id = %(id)s AND attempt = %(attempt)s
  AND {may_expire_dispatched} AND NOT {is_in_time}
RETURNING id
