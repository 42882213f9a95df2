-- name: link
-- One row for each record that a new job works on.
INSERT INTO queue_job_record (job_id, model, res_id)
SELECT link.job_id, %(model)s, link.res_id
FROM unnest(%(job_ids)s::int[], %(res_ids)s::int[]) AS link (job_id, res_id)

-- name: under_way
-- Of each record: how many of its jobs are not over, and the one to be named, which is
-- the one that has run for longest, else the next one; one of other companies only where
-- there is no other, and without its name. A duplicate is counted as the job it became one
-- with.
SELECT res_id, count(*)::int,
       (array_agg(name ORDER BY is_started DESC, is_foreign, id))[1],
       bool_or(is_started),
       (array_agg(done ORDER BY is_started DESC, is_foreign, id))[1],
       (array_agg(total ORDER BY is_started DESC, is_foreign, id))[1]
FROM (
    SELECT DISTINCT link.res_id, job.id, told.done, told.total,
           job.state = ANY(%(running)s) AS is_started,
           job.company_id <> ALL(%(companies)s) IS TRUE AS is_foreign,
           CASE WHEN job.company_id <> ALL(%(companies)s) THEN NULL ELSE job.name END AS name
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

-- part: open_jobs
-- Jobs of a model under way that records show. The order keeps PostgreSQL, which knows not
-- that all jobs of one model may be over, to the index of just these.
SELECT id, uuid FROM queue_job
WHERE is_shown AND state IN ('wait_dependencies', 'pending', 'enqueued', 'started')
  AND model_name >= %(model)s AND model_name <= %(model)s
ORDER BY model_name LIMIT %(most)s

-- name: with_jobs
-- Records of a model for which any job is under way, up to a bound: it begins at the jobs,
-- and OFFSET keeps PostgreSQL from reading all links first. A duplicate counts as the job it
-- became one with.
SELECT link.res_id
FROM ({open_jobs}) AS job,
     LATERAL (SELECT res_id FROM queue_job_record
              WHERE job_id = job.id AND model = %(model)s OFFSET 0) AS link
UNION ALL
SELECT link.res_id
FROM ({open_jobs}) AS kept,
     LATERAL (SELECT id FROM queue_job
              WHERE same_as = kept.uuid AND same_as IS NOT NULL OFFSET 0) AS duplicate,
     LATERAL (SELECT res_id FROM queue_job_record
              WHERE job_id = duplicate.id AND model = %(model)s OFFSET 0) AS link
LIMIT %(most)s

-- name: has_jobs
-- Whether any job is under way for a record: where jobs are many, each record is asked, and
-- a list stops at the end of its page. OFFSET keeps PostgreSQL from reading all jobs first.
EXISTS (
    SELECT FROM queue_job_record link
    JOIN queue_job linked ON linked.id = link.job_id
    LEFT JOIN queue_job kept ON kept.uuid = linked.same_as
    WHERE link.model = %(model)s AND link.res_id = %(record)s
      AND coalesce(kept.state, linked.state) = ANY(%(states)s)
    OFFSET 0
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
