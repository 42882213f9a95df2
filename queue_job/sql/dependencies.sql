-- Who waits for whom. A row of queue_job_dependency links a parent to a child, or a
-- parent to a barrier, or a barrier to a child; who is behind a barrier waits for all
-- who are in front of it. Braces are filled in with other blocks of this file.

-- name: holds_back
-- Whether the job "parent" keeps back what the row "edge" links to it.
parent.state <> 'done'
AND (edge.if_failed <> 'run' OR parent.state NOT IN ('failed', 'cancelled'))

-- name: barrier_is_closed
-- Whether some job in front of "barrier" keeps back who is behind. The youngest are
-- asked first: they mostly run last, so that the first one asked is the answer.
(
    SELECT edge.parent_id
    FROM queue_job_dependency edge JOIN queue_job parent ON parent.id = edge.parent_id
    WHERE edge.barrier_id = barrier.barrier_id AND edge.child_id IS NULL
      AND {holds_back}
    ORDER BY edge.parent_id DESC LIMIT 1
) IS NOT NULL

-- name: not_done
SELECT count(*) FROM queue_job WHERE id = ANY(%(parents)s) AND state <> 'done'

-- name: children
-- Jobs that wait for some of these parents, behind a closed barrier left out.
SELECT edge.child_id FROM queue_job_dependency edge
WHERE edge.parent_id = ANY(%(parents)s) AND edge.child_id IS NOT NULL
UNION
SELECT behind.child_id
FROM (
    SELECT DISTINCT edge.barrier_id FROM queue_job_dependency edge
    WHERE edge.parent_id = ANY(%(parents)s) AND edge.child_id IS NULL
) barrier
JOIN queue_job_dependency behind
  ON behind.barrier_id = barrier.barrier_id AND behind.parent_id IS NULL
WHERE NOT {barrier_is_closed}

-- name: waiting
-- All that wait; few, or found by their own small index.
SELECT id FROM queue_job WHERE state = 'wait_dependencies'

-- name: free
-- Those of the candidates that nobody keeps back. Each barrier is asked once. Rows
-- that somebody works with are left for the next look.
WITH candidate AS MATERIALIZED (
    SELECT id FROM queue_job
    WHERE id IN ({candidates}) AND state = 'wait_dependencies'
), barrier AS MATERIALIZED (
    SELECT DISTINCT edge.barrier_id
    FROM candidate JOIN queue_job_dependency edge ON edge.child_id = candidate.id
    WHERE edge.barrier_id IS NOT NULL
), closed AS MATERIALIZED (
    SELECT barrier.barrier_id FROM barrier WHERE {barrier_is_closed}
)
SELECT job.id FROM queue_job job JOIN candidate ON candidate.id = job.id
WHERE NOT EXISTS (
    SELECT FROM queue_job_dependency edge
    LEFT JOIN queue_job parent ON parent.id = edge.parent_id
    LEFT JOIN closed ON closed.barrier_id = edge.barrier_id
    WHERE edge.child_id = job.id
      AND (closed.barrier_id IS NOT NULL OR {holds_back})
)
FOR NO KEY UPDATE OF job SKIP LOCKED

-- name: kept_back
-- Those of the jobs that somebody keeps back.
WITH barrier AS MATERIALIZED (
    SELECT DISTINCT edge.barrier_id FROM queue_job_dependency edge
    WHERE edge.child_id = ANY(%(children)s) AND edge.barrier_id IS NOT NULL
), closed AS MATERIALIZED (
    SELECT barrier.barrier_id FROM barrier WHERE {barrier_is_closed}
)
SELECT edge.child_id
FROM queue_job_dependency edge
LEFT JOIN queue_job parent ON parent.id = edge.parent_id
LEFT JOIN closed ON closed.barrier_id = edge.barrier_id
WHERE edge.child_id = ANY(%(children)s)
  AND (closed.barrier_id IS NOT NULL OR {holds_back})

-- name: cancelled_along
-- Waiting jobs that are cancelled because of these parents, and because of each
-- other: on a cancelled parent all but those that run anyway, on a failed one those
-- that asked for it.
WITH RECURSIVE given_up(job_id, barrier_id, is_cancelled) AS (
    SELECT id, NULL::int, state = 'cancelled' OR %(as_cancelled)s
    FROM queue_job
    WHERE id = ANY(%(parents)s)
      AND (state IN ('cancelled', 'failed') OR %(as_cancelled)s)
    UNION
    SELECT next.child_id, next.barrier_id, TRUE
    FROM given_up
    JOIN LATERAL (
        SELECT edge.child_id, edge.barrier_id FROM queue_job_dependency edge
        WHERE edge.parent_id = given_up.job_id
          AND (edge.if_failed = 'cancel'
               OR edge.if_failed = 'wait' AND given_up.is_cancelled)
        UNION ALL
        SELECT edge.child_id, NULL FROM queue_job_dependency edge
        WHERE edge.barrier_id = given_up.barrier_id AND edge.parent_id IS NULL
    ) next ON TRUE
    LEFT JOIN queue_job child ON child.id = next.child_id
    WHERE next.child_id IS NULL OR child.state = 'wait_dependencies'
)
SELECT job_id FROM given_up WHERE job_id IS NOT NULL

-- name: failed_parents
-- Failed jobs because of which waiting ones are to be cancelled: whoever let them
-- fail died before he could do that.
WITH inward AS MATERIALIZED (
    SELECT edge.parent_id, edge.barrier_id
    FROM queue_job child JOIN queue_job_dependency edge ON edge.child_id = child.id
    WHERE child.state = 'wait_dependencies' AND edge.if_failed = 'cancel'
), front AS (
    SELECT parent_id FROM inward WHERE parent_id IS NOT NULL
    UNION
    SELECT edge.parent_id
    FROM (SELECT DISTINCT barrier_id FROM inward WHERE parent_id IS NULL) barrier
    JOIN queue_job_dependency edge
      ON edge.barrier_id = barrier.barrier_id AND edge.child_id IS NULL
)
SELECT parent.id FROM front JOIN queue_job parent ON parent.id = front.parent_id
WHERE parent.state = 'failed'

-- name: has_dependencies
SELECT to_regclass('queue_job_dependency') IS NOT NULL

-- name: link
INSERT INTO queue_job_dependency (parent_id, child_id, if_failed)
SELECT given.parent_id, given.child_id, %(if_failed)s
FROM unnest(%(parents)s, %(children)s) AS given(parent_id, child_id)
WHERE NOT EXISTS (
    SELECT FROM queue_job_dependency known
    WHERE known.parent_id = given.parent_id AND known.child_id = given.child_id
)

-- name: link_by_barrier
-- A barrier is a number that nobody else has.
WITH barrier AS MATERIALIZED (
    SELECT nextval('queue_job_dependency_id_seq') AS barrier_id
)
INSERT INTO queue_job_dependency (parent_id, barrier_id, child_id, if_failed)
SELECT parent_id, barrier_id, NULL, %(if_failed)s
FROM barrier, unnest(%(parents)s) AS parent_id
UNION ALL
SELECT NULL, barrier_id, child_id, %(if_failed)s
FROM barrier, unnest(%(children)s) AS child_id

-- name: parents_of
-- (child, parent) of these children, barriers looked through.
SELECT edge.child_id, coalesce(edge.parent_id, front.parent_id)
FROM queue_job_dependency edge
LEFT JOIN queue_job_dependency front
  ON edge.parent_id IS NULL
 AND front.barrier_id = edge.barrier_id AND front.child_id IS NULL
WHERE edge.child_id = ANY(%(ids)s)
  AND coalesce(edge.parent_id, front.parent_id) IS NOT NULL

-- name: children_of
-- (parent, child) of these parents, barriers looked through.
SELECT edge.parent_id, coalesce(edge.child_id, behind.child_id)
FROM queue_job_dependency edge
LEFT JOIN queue_job_dependency behind
  ON edge.child_id IS NULL
 AND behind.barrier_id = edge.barrier_id AND behind.parent_id IS NULL
WHERE edge.parent_id = ANY(%(ids)s)
  AND coalesce(edge.child_id, behind.child_id) IS NOT NULL

-- name: links_among
-- (parent, child) of these jobs only, barriers looked through.
SELECT edge.parent_id, coalesce(edge.child_id, behind.child_id)
FROM queue_job_dependency edge
LEFT JOIN queue_job_dependency behind
  ON edge.child_id IS NULL
 AND behind.barrier_id = edge.barrier_id AND behind.parent_id IS NULL
 AND behind.child_id = ANY(%(ids)s)
WHERE edge.parent_id = ANY(%(ids)s)
  AND coalesce(edge.child_id, behind.child_id) = ANY(%(ids)s)
