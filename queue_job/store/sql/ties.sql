-- What ties waiting jobs to transactions whose calls they stand for.

-- name: tie
-- A failure, for want of memory for locks, must not cost the caller his transaction.
SAVEPOINT queue_job_tie;
SELECT id FROM unnest(%(ids)s::int[]) AS id
WHERE pg_try_advisory_xact_lock_shared(%(lock_class)s, id)

-- name: still_waiting
-- Those of the jobs that still wait, as the rows are now: an older snapshot than that
-- raises an error here. None that sleeps longer than the call it is to stand for, that
-- the runner wanted already, or that waits for what failed.
SAVEPOINT queue_job_look;
SELECT job.id FROM queue_job job
WHERE job.id = ANY(%(ids)s)
  AND job.state IN ('wait_dependencies', 'pending', 'enqueued')
  AND (job.state <> 'pending' OR job.date_enqueued IS NULL)
  AND (job.state <> 'wait_dependencies' OR NOT EXISTS ({obstacle}))
FOR SHARE OF job SKIP LOCKED

-- part: obstacle
-- Whether a job that failed or was cancelled, however far ahead, keeps back "job". In so
-- large a graph that it cannot be told quickly, yes: one run more costs less than one
-- lost.
WITH RECURSIVE ahead AS (
    SELECT job.id, false AS is_done, false AS stops
    UNION
    SELECT parent.id, parent.state = 'done',
           parent.state IN ('failed', 'cancelled') AND edge.if_failed <> 'run'
    FROM ahead, LATERAL (
        SELECT parent_id, if_failed FROM queue_job_dependency own
        WHERE own.child_id = ahead.id AND own.parent_id IS NOT NULL
        UNION ALL
        SELECT front.parent_id, front.if_failed
        FROM queue_job_dependency own JOIN queue_job_dependency front
          ON front.barrier_id = own.barrier_id AND front.child_id IS NULL
        WHERE own.child_id = ahead.id AND own.parent_id IS NULL
        LIMIT %(most)s
    ) edge, queue_job parent
    WHERE parent.id = edge.parent_id AND NOT ahead.is_done
)
SELECT FROM (SELECT stops FROM ahead LIMIT %(most)s) seen
HAVING bool_or(stops) OR count(*) = %(most)s

-- name: forget_look
-- No row stays locked: the tie is enough.
ROLLBACK TO SAVEPOINT queue_job_look; RELEASE SAVEPOINT queue_job_look

-- name: undo
ROLLBACK TO SAVEPOINT queue_job_tie; RELEASE SAVEPOINT queue_job_tie

-- name: keep
-- When the caller commits, the runner looks again at what it passed by.
RELEASE SAVEPOINT queue_job_tie; SELECT pg_notify('queue_job', %(untied)s)

-- name: pass_by
WITH locked_jobs AS MATERIALIZED (
    SELECT id AS locked_id FROM queue_job
    WHERE id = ANY(%(ids)s) AND state = 'pending' AND date_enqueued IS NULL
      AND identity_key <> '' AND NOT pg_try_advisory_xact_lock(%(lock_class)s, id)
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE queue_job
SET date_enqueued = date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC')
FROM locked_jobs WHERE id = locked_id
