"""Every committed start and end of a job, in a table beside the jobs.

Written by triggers, hence in the very transaction that it tells of: what was rolled
back is not there. Each start tells how many jobs were running then, itself included.
"""

_TABLE = """
    CREATE TABLE finishes (
        uuid varchar, attempt int, state varchar, at timestamptz
    );
    CREATE TABLE starts (LIKE finishes, running int);
    CREATE FUNCTION note_move() RETURNS trigger AS $$
    BEGIN
        IF NEW.state IN ('done', 'failed') THEN
            INSERT INTO finishes VALUES
                (NEW.uuid, NEW.attempt, NEW.state, clock_timestamp());
        ELSIF NEW.state = 'started' THEN
            INSERT INTO starts VALUES
                (NEW.uuid, NEW.attempt, NEW.state, clock_timestamp(),
                 (SELECT count(*) FROM queue_job WHERE state = 'started'));
        END IF;
        RETURN NULL;
    END;
    $$ LANGUAGE plpgsql;
    CREATE TRIGGER note_move AFTER UPDATE ON queue_job FOR EACH ROW
        WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION note_move();
"""


def count_finishes(database):
    """Make the tables ``starts`` and ``finishes``, and have them filled."""
    database.rows(_TABLE)
