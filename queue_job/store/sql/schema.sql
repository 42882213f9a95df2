-- name: notify_function
-- Notifies the runners, and names nothing, so that PostgreSQL merges all
-- notifications of a transaction into one. Where more than the jobs is to be looked at,
-- the trigger says what.
CREATE OR REPLACE FUNCTION queue_job_notify() RETURNS trigger AS $$
BEGIN
    PERFORM pg_notify('queue_job', coalesce(TG_ARGV[0], ''));
    RETURN NULL;
END;
$$ LANGUAGE plpgsql

-- name: notify_triggers
-- Only changes that make work runnable, change its rank, or free a slot that the
-- runner does not hear of in the answer to its own request. PostgreSQL reads a condition
-- anew for each statement that sets one of the columns: that on the state, which every
-- move of a job meets, is one text of pairs, the state before and the one after.
DROP TRIGGER IF EXISTS queue_job_notify ON queue_job;
CREATE TRIGGER queue_job_notify AFTER INSERT ON queue_job
    FOR EACH STATEMENT EXECUTE FUNCTION queue_job_notify();
DROP TRIGGER IF EXISTS queue_job_notify_delete ON queue_job;
CREATE TRIGGER queue_job_notify_delete AFTER DELETE ON queue_job
    FOR EACH STATEMENT EXECUTE FUNCTION queue_job_notify();
DROP TRIGGER IF EXISTS queue_job_notify_update ON queue_job;
CREATE TRIGGER queue_job_notify_update AFTER UPDATE OF state ON queue_job
    FOR EACH ROW
    WHEN (
        strpos(
            'enqueuedpending enqueueddone enqueuedcancelled startedpending donepending'
            ' cancelledpending failedpending faileddone failedcancelled'
            ' failedwait_dependencies wait_dependenciespending',
            OLD.state || NEW.state
        ) > 0
    )
    EXECUTE FUNCTION queue_job_notify();
DROP TRIGGER IF EXISTS queue_job_notify_rank ON queue_job;
CREATE TRIGGER queue_job_notify_rank
    AFTER UPDATE OF channel, priority, eta, date_created ON queue_job
    FOR EACH ROW
    WHEN (
        NEW.state = 'pending' AND (
            OLD.channel, OLD.priority, OLD.eta, OLD.date_created
        ) IS DISTINCT FROM (
            NEW.channel, NEW.priority, NEW.eta, NEW.date_created
        )
    )
    EXECUTE FUNCTION queue_job_notify()

-- name: beside_triggers
-- What lies beside a job goes with it. Foreign keys would do the same, but PostgreSQL
-- does something for each of them at every move of a job, and at the deletion of each.
-- (An array, for which PostgreSQL goes by the indexes, whatever it planned for before.)
CREATE OR REPLACE FUNCTION queue_job_delete_beside() RETURNS trigger AS $$
DECLARE
    ids int[] := ARRAY(SELECT id FROM gone);
BEGIN
    DELETE FROM queue_job_attempt WHERE job_id = ANY(ids);
    DELETE FROM queue_job_log WHERE job_id = ANY(ids);
    DELETE FROM queue_job_progress WHERE job_id = ANY(ids);
    DELETE FROM queue_job_checkpoint WHERE job_id = ANY(ids);
    DELETE FROM queue_job_record WHERE job_id = ANY(ids);
    DELETE FROM queue_job_stop WHERE job_id = ANY(ids);
    RETURN NULL;
END;
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS queue_job_delete_beside ON queue_job;
CREATE TRIGGER queue_job_delete_beside AFTER DELETE ON queue_job
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION queue_job_delete_beside();
CREATE OR REPLACE FUNCTION queue_job_truncate_beside() RETURNS trigger AS $$
BEGIN
    TRUNCATE queue_job_attempt, queue_job_log, queue_job_progress,
        queue_job_checkpoint, queue_job_record, queue_job_stop;
    RETURN NULL;
END;
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS queue_job_truncate_beside ON queue_job;
CREATE TRIGGER queue_job_truncate_beside AFTER TRUNCATE ON queue_job
    FOR EACH STATEMENT EXECUTE FUNCTION queue_job_truncate_beside()

-- name: channel_triggers
-- Only what a manager says of his channels; where it is said, the runner looks.
DROP TRIGGER IF EXISTS queue_job_channel_notify ON queue_job_channel;
CREATE TRIGGER queue_job_channel_notify AFTER INSERT OR DELETE ON queue_job_channel
    FOR EACH STATEMENT EXECUTE FUNCTION queue_job_notify('limits');
DROP TRIGGER IF EXISTS queue_job_channel_notify_update ON queue_job_channel;
CREATE TRIGGER queue_job_channel_notify_update AFTER UPDATE ON queue_job_channel
    FOR EACH ROW
    WHEN (
        (OLD.complete_name, OLD.is_paused, OLD.capacity_limit, OLD.rate_limit,
         OLD.aging_limit, OLD.per_kind, OLD.per_limit, OLD.fair_kind)
        IS DISTINCT FROM
        (NEW.complete_name, NEW.is_paused, NEW.capacity_limit, NEW.rate_limit,
         NEW.aging_limit, NEW.per_kind, NEW.per_limit, NEW.fair_kind)
    )
    EXECUTE FUNCTION queue_job_notify('limits')

-- name: tell_runners
-- In the maintenance database: the runner there is listens in it.
SELECT pg_notify('queue_job', %(database)s)

-- name: table_settings
-- Each state move leaves a dead row behind: vacuum early, by number and not by share.
ALTER TABLE queue_job SET (
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.05,
    autovacuum_vacuum_cost_delay = 0
)

-- name: forget
-- Before the addon is uninstalled: what Odoo does not remove (the functions, with their
-- triggers; where the jobs were at home), and what keeps it from removing the root
-- channel.
DROP FUNCTION IF EXISTS queue_job_notify() CASCADE;
DROP FUNCTION IF EXISTS queue_job_delete_beside() CASCADE;
DROP FUNCTION IF EXISTS queue_job_truncate_beside() CASCADE;
DROP FUNCTION IF EXISTS queue_job_delay;
DELETE FROM queue_job_function;
DELETE FROM ir_config_parameter WHERE key IN
    ('queue_job.home', 'queue_job.alerts_seen', 'queue_job.failure_messages');
UPDATE queue_job_channel SET parent_id = NULL
