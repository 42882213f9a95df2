-- What became of jobs, in counts: rows are added and summed up, and never changed, so that
-- nobody waits for anybody. Histograms are objects: how many times lie in a bucket, by the
-- bucket's number (see core/statistics.py).

-- name: insert
-- What the runner heard since it last wrote. Companies have no foreign key: its check
-- would lock their rows.
INSERT INTO queue_job_statistics
    (period, seconds, channel, function, company_id, done, failed, retried, cancelled,
     waiting_seconds, duration_seconds, waiting, duration)
SELECT to_timestamp(period) AT TIME ZONE 'UTC', %(seconds)s, channel, function,
       company, done, failed, retried, 0, waited, took, waiting, duration
FROM unnest(
    %(period)s::float8[], %(channel)s::varchar[], %(function)s::varchar[],
    %(company)s::int[], %(done)s::int[], %(failed)s::int[], %(retried)s::int[],
    %(waited)s::float8[], %(took)s::float8[], %(waiting)s::jsonb[], %(duration)s::jsonb[]
) AS counted (period, channel, function, company, done, failed, retried, waited, took,
              waiting, duration)

-- name: ends
-- How jobs stand, each under the number of a dispatch whose answer the runner did not get.
SELECT job.id, job.state,
       extract(epoch FROM coalesce(
           CASE WHEN job.state = 'failed' THEN job.date_failed ELSE job.date_done END,
           clock_timestamp() AT TIME ZONE 'UTC'
       ))::float8,
       job.exec_time
FROM unnest(%(ids)s::int[], %(attempts)s::int[]) AS asked (id, attempt)
JOIN queue_job job ON job.id = asked.id AND job.attempt = asked.attempt
WHERE job.state IN ('enqueued', 'started', 'done', 'failed')

-- name: count_moved
-- What users do, in their own transaction.
INSERT INTO queue_job_statistics
    (period, seconds, channel, function, company_id, done, failed, retried, cancelled,
     waiting_seconds, duration_seconds)
SELECT date_trunc('minute', clock_timestamp() AT TIME ZONE 'UTC'), %(seconds)s,
       coalesce(channel, 'root'), channel_method_name, company_id,
       count(*) FILTER (WHERE state = 'done'), 0, 0,
       count(*) FILTER (WHERE state = 'cancelled'), 0, 0
FROM queue_job
WHERE id = ANY(%(ids)s) AND state IN ('done', 'cancelled')
GROUP BY coalesce(channel, 'root'), channel_method_name, company_id

-- name: roll_up
-- Replace old rows of minutes, at most so many, by rows of hours.
WITH old AS (
    DELETE FROM queue_job_statistics
    WHERE id IN (
        SELECT id FROM queue_job_statistics
        WHERE seconds = %(minute)s AND period < %(before)s
        ORDER BY period LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )
    RETURNING *
), grouped AS (
    SELECT date_trunc('hour', period) AS hour, channel, function, company_id,
           count(*) AS rows, sum(done) AS done, sum(failed) AS failed,
           sum(retried) AS retried, sum(cancelled) AS cancelled,
           sum(waiting_seconds) AS waited, sum(duration_seconds) AS took,
           array_agg(waiting) AS waitings, array_agg(duration) AS durations
    FROM old GROUP BY 1, channel, function, company_id
), added AS (
    INSERT INTO queue_job_statistics
        (period, seconds, channel, function, company_id, done, failed, retried,
         cancelled, waiting_seconds, duration_seconds, waiting, duration)
    SELECT hour, %(hour)s, channel, function, company_id, done, failed, retried,
           cancelled, waited, took,
           (SELECT jsonb_object_agg(bucket, times) FROM (
               SELECT one.key AS bucket, sum(one.value::int) AS times
               FROM unnest(waitings) histogram, jsonb_each_text(histogram) one
               GROUP BY one.key) summed),
           (SELECT jsonb_object_agg(bucket, times) FROM (
               SELECT one.key AS bucket, sum(one.value::int) AS times
               FROM unnest(durations) histogram, jsonb_each_text(histogram) one
               GROUP BY one.key) summed)
    FROM grouped
), {totals}
SELECT coalesce(sum(rows), 0)::int FROM grouped

-- name: drop_old
-- Delete the oldest rows, at most so many.
WITH dropped AS (
    DELETE FROM queue_job_statistics
    WHERE id IN (
        SELECT id FROM queue_job_statistics WHERE period < %(before)s
        ORDER BY period LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )
    RETURNING *
), old AS (
    SELECT * FROM dropped WHERE seconds = %(minute)s
), {totals}
SELECT count(*)::int FROM dropped

-- part: totals
-- What is counted for good, by channel: that of rows of minutes that are no more.
totals AS (
    INSERT INTO queue_job_statistics_total AS known
        (channel, done, failed, retried, cancelled, waiting_seconds, duration_seconds)
    SELECT coalesce(channel, ''), coalesce(sum(done), 0), coalesce(sum(failed), 0),
           coalesce(sum(retried), 0), coalesce(sum(cancelled), 0),
           coalesce(sum(waiting_seconds), 0), coalesce(sum(duration_seconds), 0)
    FROM old GROUP BY 1
    ON CONFLICT (channel) DO UPDATE SET
        done = known.done + excluded.done,
        failed = known.failed + excluded.failed,
        retried = known.retried + excluded.retried,
        cancelled = known.cancelled + excluded.cancelled,
        waiting_seconds = known.waiting_seconds + excluded.waiting_seconds,
        duration_seconds = known.duration_seconds + excluded.duration_seconds
)

-- name: totals_by_channel
-- All that was ever counted: for good, and in rows of minutes.
SELECT channel, sum(done)::float8, sum(failed)::float8, sum(retried)::float8,
       sum(cancelled)::float8, sum(waiting_seconds)::float8, sum(duration_seconds)::float8
FROM (
    SELECT channel, done, failed, retried, cancelled, waiting_seconds, duration_seconds
    FROM queue_job_statistics_total
    UNION ALL
    SELECT coalesce(channel, ''), done, failed, retried, cancelled, waiting_seconds,
           duration_seconds
    FROM queue_job_statistics WHERE seconds = 60
) AS counted
GROUP BY channel ORDER BY channel

-- name: latest
-- What tells that something was added.
SELECT coalesce(max(id), 0) FROM queue_job_statistics

-- name: ends_by_time
-- Of each part of a period what ended; of what the caller may see.
SELECT (floor(extract(epoch FROM period) / %(step)s) * %(step)s)::float8,
       coalesce(sum(done), 0)::int, coalesce(sum(failed), 0)::int,
       coalesce(sum(retried), 0)::int, coalesce(sum(cancelled), 0)::int
FROM queue_job_statistics
WHERE period >= %(since)s AND %(allowed)s
GROUP BY 1 ORDER BY 1

-- name: ends_by_minute
-- How many jobs of each channel came to their end in each whole minute, the first of them
-- being 0, and the seconds that they took. What is cancelled did not run.
SELECT channel, floor(extract(epoch FROM period - %(since)s) / 60)::int,
       sum(coalesce(done, 0) + coalesce(failed, 0))::int,
       coalesce(sum(duration_seconds), 0)::float8
FROM queue_job_statistics
WHERE period >= %(since)s AND period < %(until)s AND %(allowed)s
GROUP BY 1, 2

-- name: ended_just_now
-- Of the youngest jobs that are done, by channel: how many seconds ago those ended that did
-- within so many, and that the caller may see; how long these took on average; how many
-- were looked at, and when the first of them ended. A row of a minute tells less of one of
-- which a channel was at work for a part. What people set to done, and duplicates that never
-- ran, took no time.
-- Served by the partial index queue_job_done_idx.
SELECT coalesce(channel, 'root'),
       array_agg(age) FILTER (WHERE counts AND age < %(seconds)s),
       coalesce(avg(exec_time) FILTER (WHERE counts AND age < %(seconds)s), 0)::float8,
       count(*), max(age)
FROM (
    SELECT channel, exec_time,
           same_as IS NULL AND exec_time IS NOT NULL AND (%(allowed)s) AS counts,
           extract(epoch FROM clock_timestamp() AT TIME ZONE 'UTC' - date_done)::float8
               AS age
    FROM queue_job WHERE state = 'done'
    ORDER BY id DESC LIMIT %(most)s
) youngest
GROUP BY 1

-- name: times_by_channel
-- How many jobs of each channel waited, and took, so long: by bucket.
SELECT channel, kind, one.key::int, sum(one.value::int)::int
FROM queue_job_statistics,
     LATERAL (VALUES ('waiting', waiting), ('duration', duration)) AS told (kind, histogram),
     jsonb_each_text(histogram) one
WHERE period >= %(since)s AND %(allowed)s
GROUP BY channel, kind, one.key
