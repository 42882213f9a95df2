# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Workers do not hoard connections to databases whose jobs they once ran."""

import pytest
from rig.addons import make_trouble

#: Connections of workers on which jobs were locked, and are not any more.
_HOARDED = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND query LIKE 'SELECT pg_advisory_unlock(%%'
"""


@pytest.fixture
def impatient(tmp_path):
    """A server-wide addon, beside ours, that makes a moment of idle minutes."""
    return make_trouble(tmp_path, "impatient")


def test_a_worker_closes_what_it_does_not_use(servers, database, impatient):
    server = servers("prefork", [database], "root:1", server_wide=impatient)
    server.wait_until_ready()
    for _time in range(2):  # the next job just opens another one
        database.wait_for_state("done", database.delay())
        database.wait_for(_HOARDED, expected=0)
    assert not [x for x in server.lines if " WARNING " in x or " ERROR " in x]
