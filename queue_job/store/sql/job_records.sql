-- name: link
-- One row for each record that a new job works on.
INSERT INTO queue_job_record (job_id, model, res_id)
SELECT link.job_id, %(model)s, link.res_id
FROM unnest(%(job_ids)s::int[], %(res_ids)s::int[]) AS link (job_id, res_id)

-- name: under_way
-- Of each record: how many of its jobs are not over, and the one to be named, which is
-- the one that has run for longest, else the next one. A duplicate is counted as the job
-- it became one with.
SELECT res_id, count(*)::int,
       (array_agg(name ORDER BY is_started DESC, id))[1],
       bool_or(is_started),
       (array_agg(done ORDER BY is_started DESC, id))[1],
       (array_agg(total ORDER BY is_started DESC, id))[1]
FROM (
    SELECT DISTINCT link.res_id, job.id, job.name, told.done, told.total,
           job.state = ANY(%(running)s) AS is_started
    FROM queue_job_record link
    JOIN queue_job linked ON linked.id = link.job_id
    LEFT JOIN queue_job kept ON kept.uuid = linked.same_as
    JOIN queue_job job ON job.id = coalesce(kept.id, linked.id)
    LEFT JOIN queue_job_progress told
      ON told.job_id = job.id AND told.attempt = coalesce(job.attempt, 0)
    WHERE link.model = %(model)s AND link.res_id = ANY(%(res_ids)s)
      AND job.state = ANY(%(states)s)
) AS unended
GROUP BY res_id

-- name: with_jobs
-- Records of a model for which any job is under way. It begins at these jobs, which are
-- few, and not at the links.
(
    SELECT link.res_id FROM queue_job_record link
    WHERE link.model = %(model)s AND link.job_id IN (
        SELECT id FROM queue_job WHERE state = ANY(%(states)s)
        UNION ALL
        SELECT duplicate.id
        FROM queue_job kept JOIN queue_job duplicate ON duplicate.same_as = kept.uuid
        WHERE duplicate.same_as IS NOT NULL AND kept.state = ANY(%(states)s)
    )
)

-- name: latest
-- The latest jobs of records, whatever became of them.
SELECT DISTINCT job.id
FROM unnest(%(res_ids)s::int[]) AS record (id)
CROSS JOIN LATERAL (
    SELECT job_id AS id FROM queue_job_record
    WHERE model = %(model)s AND res_id = record.id
    ORDER BY job_id DESC LIMIT %(most)s
) AS job
ORDER BY job.id DESC
