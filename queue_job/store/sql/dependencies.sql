-- Who waits for whom. A row of queue_job_dependency links a parent to a child, or a
-- parent to a barrier, or a barrier to a child; who is behind a barrier waits for all
-- who are in front of it. Braces are filled in with other blocks of this file.

-- name: holds_back
-- Whether the job "parent" keeps back what the row "edge" links to it.
parent.state <> 'done'
AND (edge.if_failed <> 'run' OR parent.state NOT IN ('failed', 'cancelled'))

-- name: barrier_is_closed
-- Whether some job in front of "barrier" keeps back who is behind. However many there
-- are, it is mostly enough to ask a few: the youngest, because they mostly run last, or
-- the neighbours of "barrier.ended", the one that has just ended (NULL where none has),
-- because jobs run in some order. All are asked when these are done.
(coalesce(
    {youngest}, {next_ones}, {ones_before},
    (
        SELECT edge.parent_id
        FROM queue_job_dependency edge
        JOIN queue_job parent ON parent.id = edge.parent_id
        WHERE edge.barrier_id = barrier.barrier_id AND edge.child_id IS NULL
          AND {holds_back}
        LIMIT 1
    )
) IS NOT NULL)

-- name: keeper
-- One of a few jobs in front of "barrier" that keeps back those behind. Each is looked
-- up by itself, as the whole table would cost more.
(
    SELECT edge.parent_id
    FROM (
        SELECT edge.parent_id, edge.if_failed FROM queue_job_dependency edge
        WHERE edge.barrier_id = barrier.barrier_id AND edge.child_id IS NULL {those}
        LIMIT 16
    ) edge
    WHERE (
        SELECT parent.id FROM queue_job parent
        WHERE parent.id = edge.parent_id AND {holds_back}
    ) IS NOT NULL
    LIMIT 1
)

-- name: not_done
SELECT count(*) FROM queue_job WHERE id = ANY(%(parents)s) AND state <> 'done'

-- name: children
-- Jobs that wait for some of these parents, behind a closed barrier left out.
WITH barrier AS MATERIALIZED (
    SELECT edge.barrier_id, max(edge.parent_id) AS ended
    FROM queue_job_dependency edge
    WHERE edge.parent_id = ANY(%(parents)s) AND edge.child_id IS NULL
    GROUP BY edge.barrier_id
), opened AS MATERIALIZED (
    SELECT barrier.barrier_id FROM barrier WHERE NOT {barrier_is_closed}
)
SELECT edge.child_id FROM queue_job_dependency edge
WHERE edge.parent_id = ANY(%(parents)s) AND edge.child_id IS NOT NULL
UNION ALL
SELECT behind.child_id
FROM opened JOIN queue_job_dependency behind
  -- a range, not a number: PostgreSQL would read the whole table for a large group
  ON behind.barrier_id BETWEEN opened.barrier_id AND opened.barrier_id
 AND behind.parent_id IS NULL

-- name: waiting
-- The next ones that wait, found by their own small index.
SELECT id FROM queue_job
WHERE state = 'wait_dependencies' AND id > %(after)s
ORDER BY id LIMIT %(most)s

-- name: kept_and_lost
-- Who is linked to these children: (child, barrier or NULL, whether a parent without
-- barrier keeps the child back, that parent where the child waits in vain).
SELECT edge.child_id, edge.barrier_id,
    parent.id IS NOT NULL AND ({holds_back}),
    CASE WHEN {is_lost} THEN parent.id END
FROM queue_job_dependency edge
LEFT JOIN LATERAL (
    SELECT id, state FROM queue_job WHERE id = edge.parent_id LIMIT 1
) parent ON TRUE
WHERE edge.child_id = ANY(%(children)s)

-- name: is_lost
-- Whether because of the job "parent" those are to be cancelled to whom "edge" leads.
(
    parent.state = 'cancelled' AND edge.if_failed <> 'run'
    OR parent.state = 'failed' AND edge.if_failed = 'cancel'
)

-- name: walk_fronts
-- Some of those in front of these barriers, by barrier in the order given: the last one,
-- how many, whether one keeps others back, those because of whom some wait in vain. If
-- the barrier was said to equal a number, its order could come from an index on the jobs
-- alone, and those in front of another barrier would be read, too.
SELECT edge.barrier_id, max(edge.parent_id), count(*), bool_or({holds_back}),
    array_agg(parent.id) FILTER (WHERE {is_lost})
FROM (
    SELECT barrier.number, front.*
    FROM unnest(%(barriers)s::int[], %(after)s::int[])
        WITH ORDINALITY AS barrier(barrier_id, after, number)
    CROSS JOIN LATERAL (
        SELECT barrier_id, parent_id, if_failed FROM queue_job_dependency
        WHERE (barrier_id, parent_id) > (barrier.barrier_id, barrier.after)
          AND barrier_id <= barrier.barrier_id AND child_id IS NULL
        ORDER BY barrier_id, parent_id LIMIT %(most)s
    ) front
    LIMIT %(most)s
) edge
CROSS JOIN LATERAL (
    SELECT id, state FROM queue_job WHERE id = edge.parent_id LIMIT 1
) parent
GROUP BY edge.number, edge.barrier_id ORDER BY edge.number

-- name: walk_behind
-- Some of those behind these barriers, in the same way: the last one, how many, and
-- those that wait.
SELECT edge.barrier_id, max(edge.child_id), count(*),
    array_agg(edge.child_id) FILTER (WHERE child.state = 'wait_dependencies')
FROM (
    SELECT barrier.number, behind.*
    FROM unnest(%(barriers)s::int[], %(after)s::int[])
        WITH ORDINALITY AS barrier(barrier_id, after, number)
    CROSS JOIN LATERAL (
        SELECT barrier_id, child_id FROM queue_job_dependency
        WHERE (barrier_id, child_id) > (barrier.barrier_id, barrier.after)
          AND barrier_id <= barrier.barrier_id AND parent_id IS NULL
        ORDER BY barrier_id, child_id LIMIT %(most)s
    ) behind
    LIMIT %(most)s
) edge
CROSS JOIN LATERAL (
    SELECT state FROM queue_job WHERE id = edge.child_id LIMIT 1
) child
GROUP BY edge.number, edge.barrier_id ORDER BY edge.number

-- name: free
-- Those of the candidates that no other keeps back. Each barrier is asked once. Rows
-- that another transaction works with are left for the next search.
WITH candidate AS MATERIALIZED (
    SELECT id FROM queue_job
    WHERE id IN ({candidates}) AND state = 'wait_dependencies'
), barrier AS MATERIALIZED (
    SELECT DISTINCT edge.barrier_id, NULL::int AS ended
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
-- Those of the jobs that others keep back.
WITH barrier AS MATERIALIZED (
    SELECT DISTINCT edge.barrier_id, NULL::int AS ended FROM queue_job_dependency edge
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
-- Waiting jobs that are cancelled because these parents ended in a state, and because
-- of each other: on a cancelled parent all but those that run anyway, on a failed one
-- those that asked for it.
WITH RECURSIVE given_up(job_id, barrier_id, is_cancelled) AS (
    SELECT id, NULL::int, %(ended)s = 'cancelled'
    FROM queue_job
    WHERE id = ANY(%(parents)s) AND (state = %(ended)s OR %(whatever_state)s)
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

-- name: lost_parents
-- Ended jobs because of which some of the jobs that wait are to be cancelled.
WITH inward AS MATERIALIZED (
    SELECT edge.parent_id, edge.barrier_id, edge.if_failed
    FROM queue_job child JOIN queue_job_dependency edge ON edge.child_id = child.id
    WHERE child.state = 'wait_dependencies' AND child.id = ANY(%(children)s)
), edge AS (
    SELECT parent_id, if_failed FROM inward WHERE parent_id IS NOT NULL
    UNION
    SELECT front.parent_id, front.if_failed
    FROM (SELECT DISTINCT barrier_id FROM inward WHERE parent_id IS NULL) barrier
    JOIN queue_job_dependency front
      ON front.barrier_id = barrier.barrier_id AND front.child_id IS NULL
)
SELECT parent.id FROM edge JOIN queue_job parent ON parent.id = edge.parent_id
WHERE {is_lost}

-- name: has_dependencies
SELECT to_regclass('queue_job_dependency') IS NOT NULL

-- name: link
INSERT INTO queue_job_dependency (parent_id, child_id, if_failed)
SELECT given.parent_id, given.child_id, %(if_failed)s
FROM unnest(%(parents)s, %(children)s) AS given(parent_id, child_id)
JOIN queue_job parent ON parent.id = given.parent_id
JOIN queue_job child ON child.id = given.child_id
WHERE NOT EXISTS (
    SELECT FROM queue_job_dependency known
    WHERE known.parent_id = given.parent_id AND known.child_id = given.child_id
)

-- name: link_by_barrier
-- A barrier is a number that no other has.
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

-- name: nearest
-- Of the jobs on the side "other" of a job, those that one wants to see first, however
-- many there are: of the failed ones of its graph, and then of those that are not done,
-- some thousands are asked whether they are linked; and some that are linked are taken
-- whatever their state. The job itself stands on the side "own".
WITH own AS MATERIALIZED (
    SELECT {other}_id AS other, barrier_id FROM queue_job_dependency
    WHERE {own}_id = %(id)s LIMIT %(taken)s
), barrier AS MATERIALIZED (
    SELECT barrier_id FROM own WHERE other IS NULL
), taken AS (
    SELECT other FROM own WHERE other IS NOT NULL
    UNION ALL
    SELECT through.other FROM barrier CROSS JOIN LATERAL (
        SELECT edge.{other}_id AS other FROM queue_job_dependency edge
        WHERE edge.barrier_id BETWEEN barrier.barrier_id AND barrier.barrier_id
          AND edge.{own}_id IS NULL
        ORDER BY edge.barrier_id, edge.{other}_id LIMIT %(taken)s
    ) through
    LIMIT %(taken)s
)
{failed}
UNION
{not_done}
UNION
SELECT other FROM taken

-- name: nearest_in_states
(
    SELECT job.id FROM (
        SELECT id FROM queue_job
        WHERE graph_uuid = %(graph)s AND state = ANY(%({states})s)
        LIMIT %(asked)s
    ) job
    WHERE (
        SELECT edge.id FROM queue_job_dependency edge
        WHERE edge.{own}_id = %(id)s AND edge.{other}_id = job.id LIMIT 1
    ) IS NOT NULL OR (
        SELECT edge.id FROM barrier CROSS JOIN LATERAL (
            SELECT id FROM queue_job_dependency edge
            WHERE edge.barrier_id = barrier.barrier_id
              AND edge.{other}_id = job.id AND edge.{own}_id IS NULL
            LIMIT 1
        ) edge LIMIT 1
    ) IS NOT NULL
    LIMIT %(shown)s
)

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

-- name: links_of
-- All links between these jobs, and of these jobs with barriers, as they are stored.
SELECT parent_id, barrier_id, child_id, if_failed FROM queue_job_dependency
WHERE parent_id = ANY(%(ids)s) AND (child_id IS NULL OR child_id = ANY(%(ids)s))
UNION ALL
SELECT parent_id, barrier_id, child_id, if_failed FROM queue_job_dependency
WHERE child_id = ANY(%(ids)s) AND parent_id IS NULL

-- name: keeping_back
-- Those of the jobs, all of them before one in its graph, that keep it back.
SELECT parent.id, parent.state FROM queue_job parent
WHERE parent.id = ANY(%(parents)s) AND EXISTS (
    SELECT FROM queue_job_dependency edge
    WHERE edge.parent_id = parent.id
      AND (edge.child_id = %(id)s OR edge.child_id IS NULL AND edge.barrier_id IN (
          SELECT own.barrier_id FROM queue_job_dependency own
          WHERE own.child_id = %(id)s AND own.parent_id IS NULL
      ))
      AND {holds_back}
)
ORDER BY parent.state NOT IN ('failed', 'cancelled'), parent.id
LIMIT %(most)s
