# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Every committed start and end of a job, in tables beside the jobs.

Written by triggers, hence in the very transaction that it tells of: what was rolled
back is not there.
"""

from itertools import accumulate

_TABLES = """
    CREATE TABLE starts (
        uuid varchar, attempt int, state varchar, at timestamptz
    );
    CREATE TABLE stops (LIKE starts);     -- ... of being started, whatever came next
    CREATE TABLE finishes (LIKE starts);  -- done, failed or cancelled
    CREATE FUNCTION note_move() RETURNS trigger AS $$
    BEGIN
        IF OLD.state = 'started' THEN
            INSERT INTO stops VALUES
                (NEW.uuid, NEW.attempt, NEW.state, clock_timestamp());
        END IF;
        IF NEW.state IN ('done', 'failed', 'cancelled') THEN
            INSERT INTO finishes VALUES
                (NEW.uuid, NEW.attempt, NEW.state, clock_timestamp());
        ELSIF NEW.state = 'started' THEN
            INSERT INTO starts VALUES
                (NEW.uuid, NEW.attempt, NEW.state, clock_timestamp());
        END IF;
        RETURN NULL;
    END;
    $$ LANGUAGE plpgsql;
    CREATE TRIGGER note_move AFTER UPDATE ON queue_job FOR EACH ROW
        WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION note_move();
"""
_TWICE = "SELECT uuid FROM {} GROUP BY {} HAVING count(*) > 1"
_UNFINISHED = """
    SELECT uuid, state, attempt, retry FROM queue_job
    WHERE NOT EXISTS (SELECT FROM finishes WHERE finishes.uuid = queue_job.uuid)
"""
_MOVES = """
    SELECT at, step FROM (
        SELECT uuid, at, 1 AS step FROM starts UNION ALL SELECT uuid, at, -1 FROM stops
    ) moves LEFT JOIN queue_job USING (uuid)
    WHERE %(key)s IS NULL OR lock_key = %(key)s
"""


def count_finishes(database):
    """Make the tables ``starts``, ``stops`` and ``finishes``, and have them filled."""
    database.rows(_TABLES)


def most_at_once(*databases, key=None):
    """How many jobs ran at the same time, at most, of all databases together.

    :param key: the lock key of those to count; none: all
    """
    asked = {"key": key}
    moves = [move for database in databases for move in database.rows(_MOVES, asked)]
    moves.sort(key=lambda move: (move["at"], move["step"]))
    return max(accumulate(move["step"] for move in moves), default=0)


def check_none_twice(database):
    """No job ended twice, none began twice for one dispatch."""
    assert database.rows(_TWICE.format("finishes", "uuid")) == [], "ended twice"
    twice = database.rows(_TWICE.format("starts", "uuid, attempt"))
    assert twice == [], "one hand-out started twice"


def check_accounts(database, capacity):
    """Nothing was lost, nothing ended twice, and the capacity held."""
    check_none_twice(database)
    assert database.rows(_UNFINISHED) == [], "lost"
    assert most_at_once(database) <= capacity
