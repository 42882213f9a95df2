# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Databases that get the addon while the runner runs, and what the search costs."""

import contextlib
import socket

import psycopg2
import pytest
from rig.loop import looping

from odoo.addons.queue_job.core.runner.fetch_window import Window
from odoo.addons.queue_job.db import connection
from odoo.addons.queue_job.db.connection import connect
from odoo.addons.queue_job.jobrunner.channels import ChannelManager
from odoo.addons.queue_job.jobrunner.database_queue import DatabaseQueue
from odoo.addons.queue_job.jobrunner.databases import Databases

ADDON = "UPDATE ir_module_module SET state = %s WHERE name = 'queue_job'"
INSERTS = "SELECT tup_inserted FROM pg_stat_database WHERE datname = current_database()"


def test_the_databases_of_odoos_user_are_listed(database):
    found = connection.databases()
    assert database.name in found
    assert not {"postgres", "template0", "template1"}.intersection(found)


def test_a_server_that_never_answers_is_not_waited_for(monkeypatch):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        address = {"host": "127.0.0.1", "port": silent.getsockname()[1]}
        given = {"dbname": "postgres", "user": "odoo", "connect_timeout": 2, **address}
        monkeypatch.setattr(connection, "connection_parameters", lambda _name: given)
        with pytest.raises(psycopg2.OperationalError, match="timeout"):
            connection.databases()


@pytest.fixture
def bare(databases):
    """A database of Odoo without the addon."""
    made = databases.bare()
    yield made
    databases.drop(made)


@pytest.fixture
def lacking(databases):
    """Databases that have the addon as soon as their row of it says so."""
    made = [databases.create() for _number in range(4)]
    for database in made:
        database.rows(ADDON, "uninstalled")
    yield made
    for database in made:
        databases.drop(database)


def is_served(loop, database):
    return loop.runner._databases.get(database.name).database is not None


def test_who_installs_the_addon_tells_the_runner_at_once(databases, bare):
    with looping([bare]) as loop:
        loop.round()
        assert not is_served(loop, bare)
        databases.install(bare)
        loop.runner._wait(loop.clock.monotonic() + 60)
        loop.round(0)
        assert is_served(loop, bare), "and no time has passed"


def test_news_of_a_database_that_is_not_listed_are_no_reason_to_open_it(database, bare):
    with looping([database]) as loop:
        loop.round()
        loop.runner._databases.look_into(bare.name, loop.clock.monotonic())
        loop.round(0)
        assert loop.runner._databases.get(bare.name) is None


def test_an_installation_that_nobody_told_of_is_seen_by_the_rows_it_makes(lacking):
    with looping(lacking) as loop:
        loop.round()
        late = max(lacking, key=lambda database: database.name)
        before = late.value(INSERTS)
        late.rows(ADDON, "installed")
        [uuid] = late.delay()
        late.delay(_count=150)
        late.close()  # a session that ends tells what it did
        late.connect()
        late.wait_for(f"SELECT ({INSERTS}) > %s", before + 150)
        assert uuid in loop.round(5)


def test_without_any_sign_each_database_gets_its_turn(lacking):
    for database in lacking:
        with looping(lacking) as loop:
            loop.round()
            loop.runner._databases._count_inserts = dict  # statistics are switched off
            database.rows(ADDON, "installed")
            poll_schedule = 0
            while not is_served(loop, database):
                loop.round(5)
                poll_schedule += 1
            assert poll_schedule <= len(lacking)


def test_the_addon_removed_and_installed_again_needs_no_restart(database):
    with looping([database]) as loop:
        loop.round()
        database.rows(ADDON, "uninstalled")
        loop.round(5)
        assert not is_served(loop, database)
        database.rows(ADDON, "installed")
        loop.round(5)
        assert is_served(loop, database)


@pytest.fixture
def many(bare):
    """A databases of sixty databases without the addon, and the connections it
    opens."""
    names = [f"db{number}" for number in range(60)]
    inserts = dict.fromkeys(names, 1000)
    opened = []

    def count(name):
        opened.append(name)
        return connect(bare.name)

    def serve(name):
        return DatabaseQueue(name, ChannelManager(), 5, Window(10, 10), connect=count)

    return Databases(lambda: names, serve, lambda: inserts), opened


def test_hundreds_of_databases_do_not_keep_the_loop_from_its_other_work(many):
    databases, opened = many
    databases.discover(0)
    assert databases.open(0)
    assert 0 < len(opened) < 60
    while databases.open(0):
        pass
    assert len(opened) == len(set(opened)) == 60


def test_a_database_without_the_addon_costs_a_connection_now_and_then(many):
    databases, opened = many
    databases.discover(0)
    while databases.open(0):
        pass
    opened.clear()
    poll_schedule = 0
    for second in range(1, 601):
        if second >= databases.next_discovery:
            databases.discover(second)
            poll_schedule += 1
        databases.open(second)
    assert poll_schedule == 120
    assert len(opened) == poll_schedule
    assert len(set(opened)) == 60, "each had its turn"
