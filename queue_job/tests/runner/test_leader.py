# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One leader per group of servers."""

import psycopg2
import pytest

from odoo.addons.queue_job.core.runner import sign_of_life
from odoo.addons.queue_job.db.connection import connect
from odoo.addons.queue_job.jobrunner import leader
from odoo.addons.queue_job.jobrunner.database import MasterElectionLost
from odoo.addons.queue_job.jobrunner.leader import Leadership, group_key


@pytest.fixture
def candidates():
    made = [Leadership(), Leadership()]
    yield made
    for leadership in made:
        leadership.leave()


def unreachable(_name):
    raise psycopg2.OperationalError("no such host")


def test_servers_of_the_same_databases_have_one_leader(candidates, database):
    first, second = candidates
    first.take([database.name, "other"])
    with pytest.raises(MasterElectionLost):
        second.take(["other", database.name])
    first.leave()
    second.take(["other", database.name])
    second.check()


def test_servers_of_other_databases_are_another_group(candidates, database):
    first, second = candidates
    first.take([database.name])
    second.take([database.name, "more"])
    first.check()
    second.check()


def test_a_leader_that_lost_its_session_is_told(candidates, database):
    leader, _other = candidates
    leader.take([database.name])
    pid = leader._connection.info.backend_pid
    database.rows("SELECT pg_terminate_backend(%s)", pid)
    with pytest.raises(MasterElectionLost, match="lost the lock"):
        leader.check()
    assert leader.fileno() is None


def test_whatever_a_leader_asks_others_see_which_runner_it_is(database):
    told = {"version": "1", "host": "h", "pid": 7, "address": "a", "channels": "c"}
    leader = Leadership(about=sign_of_life.spell(**told))
    leader.take([database.name])
    pid = leader._connection.info.backend_pid

    def seen():
        sql = "SELECT query FROM pg_stat_activity WHERE pid = %s"
        [session] = database.rows(sql, pid)
        return sign_of_life.read(session["query"])

    try:
        assert seen() == told, "at once, before the first beat"
        assert leader.count_inserts()[database.name] >= 0
        assert seen() == told
        leader.watch_rivals(True)
        assert seen() == told
        leader.watch_rivals(False)
        leader.check()
        assert seen() == told
    finally:
        leader.leave()


def test_a_round_without_news_reads_no_settings(candidates, database, monkeypatch):
    leadership, _other = candidates
    leadership.take([database.name])
    monkeypatch.setattr(leader, "group_key", None)  # made of the connection's settings
    assert leadership.news() == set()


def test_without_the_maintenance_database_each_lock_stands_alone(database):
    leadership = Leadership(unreachable)
    leadership.take([database.name])
    leadership.check()
    assert leadership.fileno() is None


def test_a_maintenance_database_that_stays_away_is_told_once(database, caplog):
    leadership = Leadership(unreachable)
    leadership.take([database.name])
    assert not caplog.records, "PostgreSQL may be about to start"
    for _try in range(20):
        leadership.check()
    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert "no such host" in record.getMessage()
    assert "access to the database postgres" in record.getMessage()


def test_where_databases_have_to_be_listed_that_tells_enough(caplog):
    leadership = Leadership(unreachable)
    leadership.take([])
    for _try in range(20):
        leadership.check()
    assert not caplog.records


def test_a_lock_that_could_not_be_had_at_first_is_tried_for_later(database):
    reach = [unreachable, connect]
    leadership = Leadership(lambda name: reach.pop(0)(name))
    leadership.take([database.name])
    leader = Leadership()
    leader.take([database.name])
    with pytest.raises(MasterElectionLost):
        leadership.check()
    leader.leave()


def test_the_key_fits_an_advisory_lock():
    assert -(2**63) <= group_key(["a"]) < 2**63
    assert group_key(["a", "b"]) == group_key(["b", "a"]) != group_key(["a"])
