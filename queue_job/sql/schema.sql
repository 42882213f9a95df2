-- name: notify_function
-- Says "look" to the runners; the payload is empty, so that PostgreSQL merges all
-- notifications of a transaction into one.
CREATE OR REPLACE FUNCTION queue_job_notify() RETURNS trigger AS $$
BEGIN
    PERFORM pg_notify('queue_job', '');
    RETURN NULL;
END;
$$ LANGUAGE plpgsql

-- name: notify_triggers
-- Only changes that make work runnable, change its rank, or free a place that the
-- runner does not hear of in the answer to its own request.
DROP TRIGGER IF EXISTS queue_job_notify ON queue_job;
CREATE TRIGGER queue_job_notify AFTER INSERT ON queue_job
    FOR EACH STATEMENT EXECUTE FUNCTION queue_job_notify();
DROP TRIGGER IF EXISTS queue_job_notify_delete ON queue_job;
CREATE TRIGGER queue_job_notify_delete AFTER DELETE ON queue_job
    FOR EACH STATEMENT EXECUTE FUNCTION queue_job_notify();
DROP TRIGGER IF EXISTS queue_job_notify_update ON queue_job;
CREATE TRIGGER queue_job_notify_update AFTER UPDATE ON queue_job
    FOR EACH ROW
    WHEN (
        NEW.state = 'pending' AND (
            OLD.state, OLD.channel, OLD.priority, OLD.eta, OLD.date_created
        ) IS DISTINCT FROM (
            NEW.state, NEW.channel, NEW.priority, NEW.eta, NEW.date_created
        )
        OR OLD.state IN ('enqueued', 'failed') AND NEW.state NOT IN (OLD.state, 'started')
    )
    EXECUTE FUNCTION queue_job_notify()

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
-- Before the addon is uninstalled: what Odoo does not remove (the function, with its
-- triggers; where the jobs were at home), and what keeps it from removing the root channel.
DROP FUNCTION IF EXISTS queue_job_notify() CASCADE;
DELETE FROM queue_job_function;
DELETE FROM ir_config_parameter WHERE key = 'queue_job.home';
UPDATE queue_job_channel SET parent_id = NULL
