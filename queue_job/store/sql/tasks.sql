-- name: own
-- The latest jobs that a user delayed, among the latest of all: no index tells whose a job
-- is, since each job would have to pay for it. Those that run come first. Jobs of one
-- graph are one task: the one that runs, or failed, or waits stands for all of them; the
-- last column tells whether there are older ones that are not counted: then its state is
-- looked for in the whole graph, by the index queue_job_graph_idx.
SELECT job.id, job.name, coalesce(whole.state, job.state), job.exc_name,
       left(job.exc_message, %(characters)s),
       told.done, told.total, told.text, own.parts, own.parts_done, own.parts_failed,
       older.are_there
FROM (
    SELECT id, state, count(*) OVER task AS parts,
           count(*) FILTER (WHERE state = 'done') OVER task AS parts_done,
           count(*) FILTER (WHERE state = 'failed') OVER task AS parts_failed,
           max(id) OVER task AS latest,
           row_number() OVER (
               PARTITION BY coalesce(graph_uuid, id::text)
               ORDER BY CASE state WHEN 'started' THEN 0 WHEN 'failed' THEN 1
                        WHEN 'wait_dependencies' THEN 3 WHEN 'done' THEN 4
                        WHEN 'cancelled' THEN 4 ELSE 2 END,
                        id DESC
           ) AS place,
           oldest_seen
    FROM (
        SELECT *, min(id) OVER () AS oldest_seen
        FROM (SELECT * FROM queue_job ORDER BY id DESC LIMIT %(looked_at)s) AS latest
    ) AS young
    WHERE coalesce(nullif(delayed_by, 0), user_id) = %(user_id)s
    WINDOW task AS (PARTITION BY coalesce(graph_uuid, id::text))
) AS own
JOIN queue_job job ON job.id = own.id
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM queue_job part
        WHERE part.graph_uuid = job.graph_uuid AND part.id < own.oldest_seen
    ) AS are_there
) older
LEFT JOIN LATERAL (
    SELECT asked.state
    FROM unnest(ARRAY['started', 'failed', 'enqueued', 'pending', 'wait_dependencies'])
        WITH ORDINALITY AS asked (state, place)
    WHERE EXISTS (
        SELECT FROM queue_job part
        WHERE part.graph_uuid = job.graph_uuid AND part.state = asked.state
          AND coalesce(nullif(part.delayed_by, 0), part.user_id) = %(user_id)s
    )
    ORDER BY asked.place LIMIT 1
) whole ON older.are_there
LEFT JOIN queue_job_progress told
  ON told.job_id = job.id AND told.attempt = coalesce(job.attempt, 0)
WHERE own.place = 1
ORDER BY job.state = 'started' DESC, own.latest DESC
LIMIT %(most)s
