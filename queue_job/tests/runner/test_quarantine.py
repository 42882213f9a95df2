# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How often a database that cannot be reached is tried."""

import psycopg2

from odoo.addons.queue_job.core.runner.fetch_window import Window
from odoo.addons.queue_job.db.connection import connect
from odoo.addons.queue_job.jobrunner.channels import ChannelManager
from odoo.addons.queue_job.jobrunner.database_queue import DatabaseQueue
from odoo.addons.queue_job.jobrunner.databases import Databases
from odoo.addons.queue_job.jobrunner.leader import Leadership


def unreachable(_name):
    raise psycopg2.OperationalError("no such host")


def tries(databases, moments):
    """At which of these moments the database was tried."""
    found = []
    queue = databases.get("broken")
    for moment in moments:
        if queue.may_open(moment):
            found.append(moment)
        databases.open(moment)
    return found


def some_databases():
    def serve(name):
        return DatabaseQueue(
            name, ChannelManager(), 5, Window(10, 10), connect=unreachable
        )

    databases = Databases(lambda: ["broken"], serve)
    databases.discover(0)
    return databases


def test_the_pauses_grow_up_to_half_a_minute():
    found = tries(some_databases(), [moment / 4 for moment in range(4 * 200)])
    pauses = [later - earlier for earlier, later in zip(found, found[1:], strict=False)]
    assert pauses[0] <= 1
    assert pauses == sorted(pauses)
    assert 30 <= pauses[-1] <= 30.25


def test_when_postgresql_is_back_nobody_waits_for_his_pause():
    databases = some_databases()
    tries(databases, range(100))
    assert not databases.get("broken").may_open(101)
    databases.retry(101)
    assert databases.get("broken").may_open(101)
    assert databases.next_discovery == 101


def test_the_maintenance_database_tells_that_postgresql_is_back(database):
    reach = [unreachable, unreachable, connect]
    leadership = Leadership(lambda name: reach.pop(0)(name))
    leadership.take([database.name])
    assert not leadership.beat(0)
    assert not leadership.beat(1), "not tried yet"
    assert leadership.beat(2)
    assert not leadership.beat(2.5)
    leadership.leave()
