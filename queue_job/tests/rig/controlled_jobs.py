# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that are under some control: that are stopped, limited, held back."""

from rig.begins import assert_paced, begun
from rig.finishes import check_accounts, most_at_once
from rig.mixed_jobs import check_ends

from odoo.addons.queue_job.store import stopping

CAPACITY = 4
CHANNELS = (
    f"root:{CAPACITY},root.calm:{CAPACITY}:throttle=1"
    f",root.rated:{CAPACITY}:rate=40/2:burst=5"
)
#: By lock key, how many of its jobs may run at a time.
LIMITS = {"one": 1, "two": 2, "rated": 1}
_RATED = {"channel": "root.rated"}


def _noted(**kwargs):
    return {"method_name": "_note", "_kwargs": kwargs}


def _keyed(key, **kwargs):
    columns = {"lock_key": key, "lock_limit": LIMITS[key], "lane": f"key={key}"}
    return {**columns, **_noted(**kwargs)}


#: Share of each kind, and what its rows say; as ``mixed_jobs`` has it.
KINDS = {
    "quick": (36, _noted()),
    "slow": (6, _noted(seconds=0.2)),
    "of a key": (14, _keyed("one", seconds=0.01)),
    "of another key": (10, _keyed("two", seconds=0.02)),
    "rated": (8, _noted() | _RATED),
    "rated, of a key": (4, _keyed("rated") | _RATED),
    "calm": (2, _noted() | {"channel": "root.calm"}),
    "failing": (7, _noted(fails=1)),
    "retrying": (7, _noted(retries=0.5)),
    "stopped when asked": (1, {"method_name": "_ask"}),
    "stopped in a statement": (1, {"method_name": "_run_a_statement"}),
    "stopped in a loop": (1, {"method_name": "_loop"}),
    "limited": (2, {"method_name": "_run_a_statement", "timeout": 1}),
    "limited, of a key": (1, _keyed("two") | {"method_name": "_loop", "timeout": 1}),
}
_STOPPED = [kind for kind in KINDS if kind.startswith("stopped")]
ENDS = {
    **dict.fromkeys(_STOPPED, "cancelled"),
    **dict.fromkeys(["failing", "limited", "limited, of a key"], "failed"),
}
_RUNNING = """
    SELECT array_agg(id) FROM queue_job WHERE state = 'started' AND name = ANY(%s)
"""
#: Jobs that are done without having run once, or are not and have.
_WRONG_RUNS = """
    SELECT uuid, count(runs.uuid) FROM queue_job LEFT JOIN runs USING (uuid)
    GROUP BY uuid, state HAVING count(runs.uuid) <> (state = 'done')::int
"""


def count_runs(database):
    database.rows("CREATE TABLE runs (uuid varchar)")


def stop_running(database):
    """Ask that those of the jobs be stopped that run and are to be."""
    if ids := database.value(_RUNNING, _STOPPED):
        with database.connection.cursor() as cr:
            stopping.ask(cr, ids, 1, None, "Stopped by a test")


def check_control(database, made):
    """Nothing was lost, or done twice; every limit held, and every job ended as it
    had to."""
    check_accounts(database, CAPACITY)
    check_ends(database, made, ENDS)
    assert database.rows(_WRONG_RUNS) == []
    for key, limit in LIMITS.items():
        assert most_at_once(database, key=key) <= limit, key
    assert_paced(begun(database, made["calm"]), 1)
    rated = [*made["rated"], *made["rated, of a key"]]
    assert_paced(begun(database, rated), 2 / 40, burst=5)


def told_ends(database):
    """How many jobs ended in which way, in words."""
    query = "SELECT state, count(*) AS jobs FROM queue_job GROUP BY state ORDER BY 1"
    return ", ".join(f"{row['jobs']} {row['state']}" for row in database.rows(query))
