-- What the runner has to know of a database, whatever the backlog. Served by the partial
-- indexes queue_job_due_idx, queue_job_eta_idx, queue_job_eta_rank_idx,
-- queue_job_lane_idx, queue_job_eta_lane_idx, queue_job_dispatched_idx and
-- queue_job_failed_idx.

-- part: columns
id, uuid, channel, priority, date_created, eta, state, attempt, channel_method_name,
company_id, graph_uuid IS NOT NULL AS is_of_graph, lane, lock_key, lock_limit, user_id

-- part: rows
-- The jobs "found" as the runner knows them.
SELECT found.id, found.uuid, coalesce(found.channel, 'root') AS channel,
       coalesce(found.priority, 0) AS priority,
       coalesce(extract(epoch FROM found.date_created), 0)::float8 AS date_created,
       extract(epoch FROM found.eta)::float8 AS eta,
       found.state, found.attempt,
       found.channel_method_name AS function, found.company_id AS company,
       found.is_of_graph, found.lane, found.lock_key, found.lock_limit,
       found.user_id AS "user"

-- part: eta_hop
-- Channels with jobs that have an ETA, found by hopping from one to the next in the
-- index, so that a million jobs of one channel cost nothing. They begin with a given
-- one; the last is not read, it says where to go on.
eta_hop AS (
    (SELECT channel, 1 AS number FROM queue_job
     WHERE state = 'pending' AND eta IS NOT NULL AND channel >= %(begin)s
     ORDER BY channel LIMIT 1)
    UNION ALL
    SELECT (SELECT channel FROM queue_job
            WHERE state = 'pending' AND eta IS NOT NULL AND channel > last.channel
            ORDER BY channel LIMIT 1),
           last.number + 1
    FROM eta_hop last
    WHERE last.channel IS NOT NULL AND last.number <= %(channels)s
)

-- part: due_hop
-- The same of jobs without an ETA.
due_hop AS (
    (SELECT channel, 1 AS number FROM queue_job
     WHERE state = 'pending' AND eta IS NULL AND channel >= %(begin)s
     ORDER BY channel LIMIT 1)
    UNION ALL
    SELECT (SELECT channel FROM queue_job
            WHERE state = 'pending' AND eta IS NULL AND channel > last.channel
            ORDER BY channel LIMIT 1),
           last.number + 1
    FROM due_hop last
    WHERE last.channel IS NOT NULL AND last.number <= %(channels)s
)

-- part: aged_hop
-- The different priorities of the channels in which jobs rise by waiting, found by hopping
-- from one to the next in the index; at most %(priorities)s of each.
-- Then how far the best jobs reach, with their rise: of each priority a few of the oldest
-- are looked at, more of the better ones, and together some times as many as are asked for.
-- The best of all are no worse than as many of these, so what is worse need not be read. All
-- this is chosen by numbers: whole rows are read last.
, aged_channel AS (
    SELECT channel, due_channel.jobs, asked.seconds
    FROM due_channel
    JOIN unnest(%(aging)s::varchar[], %(aging_seconds)s::int[])
        AS asked (channel, seconds) USING (channel)
), aged_hop AS (
    SELECT aged_channel.*, best.priority, 1 AS number
    FROM aged_channel, LATERAL (
        SELECT priority FROM queue_job
        WHERE state = 'pending' AND eta IS NULL AND channel = aged_channel.channel
          AND (lane IS NOT NULL)::int = 0
        ORDER BY priority LIMIT 1
    ) best
    UNION ALL
    SELECT last.channel, last.jobs, last.seconds, next.priority, last.number + 1
    FROM aged_hop last, LATERAL (
        SELECT priority FROM queue_job
        WHERE state = 'pending' AND eta IS NULL AND channel = last.channel
          AND (lane IS NOT NULL)::int = 0
          AND priority > last.priority
        ORDER BY priority LIMIT 1
    ) next
    WHERE last.number < %(priorities)s
), aged_few AS (
    SELECT hop.channel, hop.jobs, oldest.rank,
           row_number() OVER (PARTITION BY hop.channel ORDER BY oldest.rank) AS place
    FROM (
        SELECT *, greatest(jobs / number,
                           2 * jobs / count(*) OVER (PARTITION BY channel)) + 1 AS few
        FROM aged_hop WHERE priority IS NOT NULL
    ) hop, LATERAL (
        SELECT hop.priority::bigint * hop.seconds
               + extract(epoch FROM date_created)::float8 AS rank
        FROM queue_job
        WHERE state = 'pending' AND eta IS NULL AND channel = hop.channel
          AND (lane IS NOT NULL)::int = 0
          AND priority = hop.priority
        ORDER BY date_created, id LIMIT hop.few
    ) oldest
), aged_reach AS (
    SELECT channel, rank FROM aged_few WHERE place = jobs
), aged_near AS (
    SELECT hop.channel, hop.jobs, oldest.*,
           hop.priority::bigint * hop.seconds
           + extract(epoch FROM oldest.date_created)::float8 AS rank
    FROM (
        -- A second more, for these are no whole numbers; within the times that there are.
        SELECT aged_hop.*, aged_reach.rank IS NULL AS is_endless,
               CASE WHEN aged_reach.rank IS NULL THEN 'infinity'
               ELSE to_timestamp(greatest(-1e11, least(1e11,
                   aged_reach.rank - aged_hop.priority::bigint * aged_hop.seconds + 1
               ))) AT TIME ZONE 'UTC' END AS until
        FROM aged_hop LEFT JOIN aged_reach USING (channel)
    ) hop, LATERAL (
        (SELECT id, date_created FROM queue_job
         WHERE state = 'pending' AND eta IS NULL AND channel = hop.channel
           AND (lane IS NOT NULL)::int = 0
           AND priority = hop.priority AND date_created <= hop.until
         ORDER BY date_created, id LIMIT hop.jobs)
        UNION ALL
        (SELECT id, date_created FROM queue_job
         WHERE hop.is_endless
           AND state = 'pending' AND eta IS NULL AND channel = hop.channel
           AND (lane IS NOT NULL)::int = 0
           AND priority = hop.priority AND date_created IS NULL
         ORDER BY id LIMIT hop.jobs)
    ) oldest
)

-- part: aged_jobs
-- The best of these; and those that another add-on gave no priority.
UNION ALL
SELECT job.* FROM (
    SELECT id AS near_id, jobs, row_number() OVER (
        PARTITION BY channel ORDER BY rank, date_created, id
    ) AS place
    FROM aged_near
) near, LATERAL (
    SELECT {columns} FROM queue_job WHERE id = near_id OFFSET 0
) job
WHERE near.place <= near.jobs
UNION ALL
SELECT job.* FROM aged_channel, LATERAL (
    SELECT {columns} FROM queue_job
    WHERE state = 'pending' AND eta IS NULL AND channel = aged_channel.channel
          AND (lane IS NOT NULL)::int = 0
      AND priority IS NULL
    ORDER BY date_created, id LIMIT aged_channel.jobs
) job

-- part: sequential_channel
, sequential_channel AS (
    SELECT unnest(%(sequential)s::varchar[]) AS channel
)

-- part: due_in_sequential
UNION ALL
SELECT channel, %(window)s::int FROM sequential_channel
WHERE channel <> ALL(%(in_demand)s::varchar[])

-- part: sequential_jobs
-- For each sequential channel also the best-ranked job with an ETA, and whether one of its
-- own has failed.
-- (The order of the failed job leaves the planner no other index to go through.)
UNION ALL
SELECT job.* FROM sequential_channel, (VALUES (0), (1)) kind (is_laned), LATERAL (
    SELECT {columns} FROM queue_job
    WHERE state = 'pending' AND eta IS NOT NULL
      AND channel = sequential_channel.channel
      AND (lane IS NOT NULL)::int = is_laned
    ORDER BY priority, date_created, id LIMIT 1
) job
UNION ALL
SELECT job.* FROM sequential_channel, LATERAL (
    SELECT {columns} FROM queue_job
    WHERE state = 'failed' AND channel >= sequential_channel.channel
    ORDER BY channel LIMIT 1
) job
WHERE job.channel = sequential_channel.channel

-- part: looked_at
-- Everything dispatched; per channel the best-ranked jobs without an ETA, at most
-- %(window)s, or %(wide)s where they are in demand, and the one whose ETA is next or was
-- first.
-- Of very many channels only a part is read, and those that are in demand or
-- sequential: their jobs must not begin before better ones that are not seen. A row
-- without an id then names the channel to go on with.
-- One statement, hence one view of all rows; and one plan, whatever the rows: each part
-- has just one index that fits. To make the plan, and to make it ready, takes as long as
-- there are parts, so those that few need are left out for others.
-- Jobs whose channel an add-on emptied are asked for by themselves.
WITH RECURSIVE {due_hop}, {eta_hop}, rest AS (
    SELECT min(channel) AS channel
    FROM (SELECT * FROM due_hop UNION ALL SELECT * FROM eta_hop) hop
    WHERE number > %(channels)s
) {more_channels}, due_channel AS (
    SELECT unnest(%(in_demand)s::varchar[]) AS channel, %(wide)s::int AS jobs
    {more_due}
    UNION ALL
    SELECT due_hop.channel, %(window)s::int FROM due_hop, rest
    WHERE (rest.channel IS NULL OR due_hop.channel < rest.channel)
      AND due_hop.channel <> ALL(%(in_demand)s::varchar[])
      AND {is_not_sequential}
), eta_channel AS (
    SELECT unnest(%(in_demand)s::varchar[]) AS channel
    UNION ALL
    SELECT eta_hop.channel FROM eta_hop, rest
    WHERE (rest.channel IS NULL OR eta_hop.channel < rest.channel)
      AND eta_hop.channel <> ALL(%(in_demand)s::varchar[])
) {aged_channels}
{rows}
FROM (
    SELECT {columns} FROM queue_job WHERE state IN ('enqueued', 'started')
    UNION ALL
    SELECT job.* FROM due_channel, LATERAL (
        SELECT {columns} FROM queue_job
        WHERE state = 'pending' AND eta IS NULL AND channel = due_channel.channel
          AND (lane IS NOT NULL)::int = 0
        ORDER BY priority, date_created, id LIMIT due_channel.jobs
    ) job
    WHERE {does_not_age}
    {more_jobs}
    UNION ALL
    SELECT job.* FROM eta_channel, LATERAL (
        SELECT {columns} FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL AND channel = eta_channel.channel
        ORDER BY eta LIMIT 1
    ) job
    UNION ALL
    (SELECT {columns} FROM queue_job
     WHERE state = 'pending' AND eta IS NULL AND channel IS NULL
       AND (lane IS NOT NULL)::int = 0
     ORDER BY priority, date_created, id LIMIT %(window)s)
    UNION ALL
    (SELECT {columns} FROM queue_job
     WHERE state = 'pending' AND eta IS NOT NULL AND channel IS NULL
     ORDER BY eta LIMIT 1)
    UNION ALL
    SELECT NULL, NULL, channel, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           NULL, NULL
    FROM rest WHERE channel IS NOT NULL
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, 'pending', NULL, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL
    WHERE EXISTS (
        SELECT FROM queue_job WHERE state = 'pending' AND eta IS NULL AND lane IS NOT NULL
    )
) found

-- part: of_both
{sequential_jobs}
{aged_jobs}

-- part: is_not_sequential
due_hop.channel <> ALL(%(sequential)s::varchar[])

-- part: does_not_age
due_channel.channel <> ALL(%(aging)s::varchar[])

-- name: snapshot = looked_at with more_channels = sequential_channel, more_due = due_in_sequential, more_jobs = of_both, aged_channels = aged_hop
-- What may run next, where there are sequential channels, or channels %(aging)s in which
-- jobs rise by one priority whenever they have waited for %(aging_seconds)s: of these
-- those come first that do so with their rise.

-- name: plain_snapshot = looked_at with more_channels = '', more_due = '', more_jobs = '', aged_channels = '', is_not_sequential = 'TRUE', does_not_age = 'TRUE'
-- The same where there are none of either.

-- name: laned
-- Asked only where jobs wait in lanes, for the channels that the snapshot read: per
-- channel the best-ranked of those jobs, at most %(window)s or %(wide)s.
WITH RECURSIVE lane_channel AS (
    (SELECT channel, 1 AS number FROM queue_job
     WHERE state = 'pending' AND eta IS NULL AND lane IS NOT NULL
       AND channel >= %(begin)s
     ORDER BY channel LIMIT 1)
    UNION ALL
    SELECT (SELECT channel FROM queue_job
            WHERE state = 'pending' AND eta IS NULL AND lane IS NOT NULL
              AND channel > last.channel
            ORDER BY channel LIMIT 1),
           last.number + 1
    FROM lane_channel last
    WHERE last.channel IS NOT NULL AND last.number <= %(channels)s
), asked AS (
    SELECT unnest(%(in_demand)s::varchar[]) AS channel, %(wide)s AS jobs
    UNION ALL
    SELECT channel, %(window)s FROM unnest(%(sequential)s::varchar[]) channel
    WHERE channel <> ALL(%(in_demand)s::varchar[])
    UNION ALL
    SELECT channel, %(window)s FROM lane_channel
    WHERE (%(rest)s IS NULL OR channel < %(rest)s)
      AND channel <> ALL(%(in_demand)s::varchar[])
      AND channel <> ALL(%(sequential)s::varchar[])
)
{rows}
FROM (
    SELECT job.* FROM asked, LATERAL (
        SELECT {columns} FROM queue_job
        WHERE state = 'pending' AND eta IS NULL AND channel = asked.channel
          AND (lane IS NOT NULL)::int = 1
        ORDER BY priority, date_created, id LIMIT asked.jobs
    ) job
    UNION ALL
    (SELECT {columns} FROM queue_job
     WHERE state = 'pending' AND eta IS NULL AND channel IS NULL
       AND (lane IS NOT NULL)::int = 1
     ORDER BY priority, date_created, id LIMIT %(window)s)
) found

-- part: lane_hop
-- Some lanes of a channel, found by hopping from one to the next, after a given one.
WITH RECURSIVE lane_hop AS (
    (SELECT lane, 1 AS number FROM queue_job
     WHERE state = 'pending' AND eta {eta} AND lane IS NOT NULL
       AND channel = %(channel)s AND lane > %(after)s
     ORDER BY lane LIMIT 1)
    UNION ALL
    SELECT (SELECT lane FROM queue_job
            WHERE state = 'pending' AND eta {eta} AND lane IS NOT NULL
              AND channel = %(channel)s AND lane > last.lane
            ORDER BY lane LIMIT 1),
           last.number + 1
    FROM lane_hop last
    WHERE last.lane IS NOT NULL AND last.number < %(lanes)s
)
SELECT lane FROM lane_hop WHERE lane IS NOT NULL ORDER BY lane

-- name: lane_names = lane_hop with eta = 'IS NULL'
-- Asked only of a channel in which more jobs wait in lanes than the window holds: those
-- in it may all have to wait for others of their lanes. Served by queue_job_lane_idx.

-- name: lane_names_with_eta = lane_hop with eta = 'IS NOT NULL'
-- The same of jobs that have an ETA, due or not. Served by queue_job_eta_lane_idx.

-- part: by_lane
{rows}
FROM (
    {jobs}
) found

-- part: lane_jobs
SELECT job.* FROM unnest(%(names)s::varchar[]) AS asked (lane), LATERAL (
        SELECT {columns} FROM queue_job
        WHERE state = 'pending' AND eta IS NULL AND lane IS NOT NULL
          AND channel = %(channel)s AND lane = asked.lane
        ORDER BY priority, date_created, id LIMIT %(depth)s
    ) job

-- name: lanes = by_lane with jobs = lane_jobs
-- The best-ranked jobs of each of these lanes of a channel, by queue_job_lane_idx.

-- part: aged_lane_jobs
SELECT job.* FROM unnest(%(names)s::varchar[]) AS asked (lane), LATERAL (
        WITH RECURSIVE priority_hop AS (
            (SELECT priority, 1 AS number FROM queue_job
             WHERE state = 'pending' AND eta IS NULL AND lane IS NOT NULL
               AND channel = %(channel)s AND lane = asked.lane
             ORDER BY priority LIMIT 1)
            UNION ALL
            SELECT (SELECT priority FROM queue_job
                    WHERE state = 'pending' AND eta IS NULL AND lane IS NOT NULL
                      AND channel = %(channel)s AND lane = asked.lane
                      AND priority > last.priority
                    ORDER BY priority LIMIT 1),
                   last.number + 1
            FROM priority_hop last
            WHERE last.priority IS NOT NULL AND last.number < %(priorities)s
        )
        SELECT {columns} FROM (
            SELECT oldest.id AS risen_id FROM priority_hop, LATERAL (
                SELECT priority, date_created, id FROM queue_job
                WHERE state = 'pending' AND eta IS NULL AND lane IS NOT NULL
                  AND channel = %(channel)s AND lane = asked.lane
                  AND priority = priority_hop.priority
                ORDER BY date_created, id LIMIT %(aged)s
            ) oldest
            ORDER BY oldest.priority::bigint * %(seconds)s
                     + extract(epoch FROM oldest.date_created)::float8,
                     oldest.date_created, oldest.id
            LIMIT %(aged)s
        ) risen JOIN queue_job ON id = risen_id
    ) job

-- name: aged_lanes = by_lane with jobs = aged_lane_jobs
-- Asked besides, of the same lanes, where jobs rise by one priority whenever they have
-- waited for %(seconds)s: of each lane the few, %(aged)s, that come first with their rise,
-- found by hopping from one priority to the next, as for the channels themselves. They are
-- chosen by what the index holds: only they are read.

-- name: due_with_eta
-- Asked only when an ETA has come, for the channels that the snapshot read: per
-- channel the best-ranked jobs whose ETA is due, at most %(window)s or %(wide)s, and the
-- next one to become due; of the channels %(aging)s also those whose time came first, for
-- these rise by waiting; for each sequential channel also the best-ranked one that is
-- not due: who stands behind it waits with it, once those that are due have gone. Which
-- index serves the former depends on how many of them are due, so this is planned each
-- time.
-- Asked first about those in no lane (%(laned)s = 0), and about the others (1) only where a
-- row without an id says that there are any.
WITH RECURSIVE {eta_hop}, asked AS (
    SELECT unnest(%(in_demand)s::varchar[]) AS channel, %(wide)s AS jobs
    UNION ALL
    SELECT channel, %(window)s FROM unnest(%(sequential)s::varchar[]) channel
    WHERE channel <> ALL(%(in_demand)s::varchar[])
    UNION ALL
    SELECT channel, %(window)s FROM eta_hop
    WHERE (%(rest)s IS NULL OR channel < %(rest)s)
      AND channel <> ALL(%(in_demand)s::varchar[])
      AND channel <> ALL(%(sequential)s::varchar[])
)
{rows}
FROM (
    SELECT job.* FROM asked, LATERAL (
        SELECT {columns} FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL
          AND eta <= to_timestamp(%(now)s) AT TIME ZONE 'UTC'
          AND channel = asked.channel AND (lane IS NOT NULL)::int = %(laned)s
        ORDER BY priority, date_created, id LIMIT asked.jobs
    ) job
    UNION ALL
    SELECT job.* FROM asked, LATERAL (
        SELECT {columns} FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL
          AND eta <= to_timestamp(%(now)s) AT TIME ZONE 'UTC'
          AND channel = asked.channel
        ORDER BY eta LIMIT asked.jobs
    ) job
    WHERE asked.channel = ANY(%(aging)s::varchar[])
    UNION ALL
    SELECT job.* FROM asked, LATERAL (
        SELECT {columns} FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL
          AND eta > to_timestamp(%(now)s) AT TIME ZONE 'UTC'
          AND channel = asked.channel
        ORDER BY eta LIMIT 1
    ) job
    UNION ALL
    SELECT job.* FROM unnest(%(sequential)s::varchar[]) AS asked(channel), LATERAL (
        SELECT best.* FROM (
            SELECT {columns} FROM queue_job
            WHERE state = 'pending' AND eta IS NOT NULL AND channel = asked.channel
              AND (lane IS NOT NULL)::int = %(laned)s
            ORDER BY priority, date_created, id LIMIT %(wide)s
        ) best
        WHERE eta > to_timestamp(%(now)s) AT TIME ZONE 'UTC'
        ORDER BY priority, date_created, id LIMIT 1
    ) job
    UNION ALL
    (SELECT {columns} FROM queue_job
     WHERE state = 'pending' AND eta IS NOT NULL AND channel IS NULL
       AND (lane IS NOT NULL)::int = %(laned)s
       AND eta <= to_timestamp(%(now)s) AT TIME ZONE 'UTC'
     ORDER BY priority, date_created, id LIMIT %(window)s)
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, 'pending', NULL, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL
    WHERE EXISTS (
        SELECT FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL AND lane IS NOT NULL
    )
) found

-- part: lane_jobs_with_eta
SELECT job.* FROM unnest(%(names)s::varchar[]) AS asked (lane), LATERAL (
        SELECT {columns} FROM queue_job
        WHERE state = 'pending' AND eta IS NOT NULL AND lane IS NOT NULL
          AND eta <= to_timestamp(%(now)s) AT TIME ZONE 'UTC'
          AND channel = %(channel)s AND lane = asked.lane
        ORDER BY eta LIMIT %(depth)s
    ) job

-- name: lanes_with_eta = by_lane with jobs = lane_jobs_with_eta
-- Asked as "lanes" is, about the jobs whose ETA is due: of each of these lanes those that
-- became due first, for the index queue_job_eta_lane_idx knows no rank.

-- name: limits
-- What the managers of the database allow its channels; 0 = paused.
SELECT complete_name, CASE WHEN is_paused THEN 0 ELSE capacity_limit END
FROM queue_job_channel
WHERE complete_name IS NOT NULL AND (is_paused OR capacity_limit > 0)

-- name: own_rules
-- ... and how they let its jobs begin, rise by waiting, and wait for each other.
SELECT complete_name, rate_limit, aging_limit, per_kind, per_limit, fair_kind
FROM queue_job_channel
WHERE complete_name IS NOT NULL
  AND (rate_limit <> '' OR aging_limit > 0 OR per_kind <> '' OR fair_kind <> '')

-- name: is_odoo
SELECT to_regclass('ir_module_module') IS NOT NULL
   AND to_regclass('ir_config_parameter') IS NOT NULL

-- name: module_state
SELECT state FROM ir_module_module WHERE name = 'queue_job'

-- name: marked_modules
-- What is to be installed, upgraded or removed.
SELECT format('%%s (%%s)', name, state) FROM ir_module_module
WHERE starts_with(state, 'to ')

-- name: writers
-- Transactions of others that write in this database, or change its tables; whether they
-- hold locks that those take who change modules: to write into Odoo's tables of modules
-- and models, or to alter a table that others can see. (One of a transaction's own, such
-- as a temporary one, no other session finds in pg_class.) Autovacuum has no user; its
-- locks are no sign of an upgrade.
SELECT virtualtransaction,
       format('%%s %%s', pid, backend_start),
       coalesce(extract(epoch FROM clock_timestamp() - xact_start), 0)::float8,
       bool_or(coalesce(
           relname IN ('ir_module_module', 'ir_module_module_dependency', 'ir_model',
                       'ir_model_fields', 'ir_model_constraint', 'ir_model_relation')
           OR (mode = 'AccessExclusiveLock' AND relkind IN ('r', 'p')
               AND relpersistence <> 't'), false)),
       format('%%s of %%s, since %%s', pid, coalesce(nullif(application_name, ''), usename),
              date_trunc('second', xact_start))
FROM pg_locks JOIN pg_stat_activity activity USING (pid)
LEFT JOIN pg_class ON pg_class.oid = relation
WHERE locktype = 'relation' AND granted
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND mode IN ('RowExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock',
               'ExclusiveLock', 'AccessExclusiveLock')
  AND activity.usesysid IS NOT NULL AND pid <> pg_backend_pid()
GROUP BY virtualtransaction, pid, backend_start, xact_start, application_name, usename

-- name: has_trigger
-- Without it nothing would tell the runner of new jobs.
SELECT EXISTS (
    SELECT 1 FROM pg_trigger
    WHERE tgrelid = to_regclass('queue_job')
      AND tgname LIKE 'queue\_job\_notify%%'
      AND tgenabled <> 'D'
)

-- name: active_backends
-- Sessions that are at a statement; of roles that the caller may not see, none is known.
-- (The state is that of a session, and none of a job.)
SELECT count(*) FROM pg_stat_activity
WHERE 'active' = state AND backend_type = 'client backend' AND pid <> pg_backend_pid()

-- name: time
SELECT extract(epoch FROM clock_timestamp())::float8

-- name: secret
-- What the requests of the runner are signed with.
SELECT value FROM ir_config_parameter WHERE key = 'database.secret'
