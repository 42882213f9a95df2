# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A job that only its own host can end is ended there, wherever the leader is."""

import pytest
from rig.addons import make_trouble
from rig.surroundings import first_port

from odoo.addons.queue_job.jobrunner.database import Database
from odoo.addons.queue_job.jobrunner.leader import Leadership
from odoo.addons.queue_job.jobrunner.stand_by import StandBy
from odoo.addons.queue_job.store import stopping

RESULT = "Stopped by a test"
ENDS = ("bad query", "exception in GET", "Re-queued dead job")


def ask(database, uuid):
    """What the button does."""
    job_id = database.value("SELECT id FROM queue_job WHERE uuid = %s", uuid)
    with database.connection.cursor() as cr:
        assert stopping.ask(cr, [job_id], 1, None, RESULT)


@pytest.fixture
def elsewhere(servers, database, tmp_path):
    """(the server that leads, the one that has the workers): as good as on two hosts,
    for no server ends what is another one's."""
    settings = {
        "server_wide": make_trouble(tmp_path, "stuck"),
        "section": {"stop_after": "1,2,4"},
    }
    section = {**settings["section"], "port": str(first_port() + 1 + 3)}
    leader = servers("threaded", [database], **{**settings, "section": section})
    leader.wait_until_ready()
    busy = servers("prefork", [database], **settings)
    busy.wait_for("Worker WorkerHTTP .* alive")
    busy.wait_for("starting jobrunner worker")
    return leader, busy


@pytest.mark.faults
@pytest.mark.expects(*ENDS, "its worker process .* was ended")
def test_the_stand_by_of_its_host_ends_what_keeps_its_process_to_itself(
    elsewhere, database
):
    leader, busy = elsewhere
    [uuid] = database.delay(method_name="_match")
    database.wait_for_state("started", [uuid])
    ask(database, uuid)
    busy.wait_for(f"job {uuid} does not end: its worker process .* was ended")
    database.wait_for_state("cancelled", [uuid])
    query = "SELECT result FROM queue_job WHERE uuid = %s"
    assert database.value(query, uuid) == RESULT
    assert not any("was ended" in line for line in leader.lines)
    assert not any("ready for db" in line for line in busy.lines), "it does not lead"
    database.wait_for_state("done", database.delay(_count=4))


@pytest.fixture
def led(database):
    looking = Database(database.name)
    yield looking
    looking.close()


def look(stand_by, leads, name):
    """Try in vain to lead the group so often that it looks."""
    ended = []
    stand_by._end_own = ended.append
    for _try in range(3):
        stand_by.ask(leads._ask)
        stand_by.act()
    return ended


@pytest.fixture
def leads(database):
    leadership = Leadership()
    leadership.take([database.name])
    yield leadership
    leadership.leave()


def test_it_looks_where_the_leader_says_that_it_cannot(
    led, leads, database, monkeypatch
):
    monkeypatch.setattr(StandBy, "is_of_use", True)  # as in a prefork server
    stand_by = StandBy(lambda: [database.name, "other"])
    assert look(stand_by, leads, database.name) == []
    led.tell_overdue(True)
    led.tell_overdue(True)
    assert look(stand_by, leads, database.name) == [database.name]
    assert look(StandBy(lambda: ["other"]), leads, database.name) == []
    led.tell_overdue(False)
    assert not led.tells_overdue
    assert look(stand_by, leads, database.name) == []


def test_where_it_can_end_nothing_it_asks_nothing(led, database):
    led.tell_overdue(True)

    def refuse(*_args, **_kwargs):
        raise AssertionError("asked")

    stand_by = StandBy(lambda: [database.name])
    for _try in range(10):
        stand_by.ask(refuse)
        stand_by.act()
