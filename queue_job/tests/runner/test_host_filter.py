# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs of databases that Odoo tells apart by the host name, served by one runner."""

import http.client
import uuid
from urllib.parse import urlencode

import pytest
from rig.postgresql import PATIENCE

from odoo.addons.queue_job.core.request_auth import sign

RUNJOB = "/queue_job/runjob?"


@pytest.fixture
def shops(databases):
    """Two databases; the name of a host may be the same."""
    made = [databases.create() for _number in range(2)]
    yield made
    for database in made:
        databases.drop(database)


def secret_of(database):
    key = "database.secret"
    return database.value("SELECT value FROM ir_config_parameter WHERE key = %s", key)


def ask(server, path, **headers):
    """Status and body of a request; ``Host`` is one of the headers."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        kept = {"Content-Type", "Content-Length", "Set-Cookie"}
        shown = sorted(pair for pair in answer.getheaders() if pair[0] in kept)
        return answer.status, answer.read(), shown
    finally:
        connection.close()


def asked(db_name, secret, attempt="1"):
    job = str(uuid.uuid4())
    signature = sign(secret, job, attempt)
    words = {"job_uuid": job, "attempt": attempt, "signature": signature}
    return RUNJOB + urlencode({"db": db_name, **words})


@pytest.mark.parametrize("kind", ["threaded", "prefork"])
@pytest.mark.parametrize("db_filter", ["^%d$", "^%h$"])
def test_one_runner_serves_databases_told_apart_by_host(
    shops, servers, kind, db_filter
):
    options = {"dbfilter": db_filter, "list_db": "False"}
    server = servers(kind, shops, options=options)
    server.wait_until_ready()
    jobs = [(shop, shop.delay(_count=5)) for shop in shops]
    for shop, uuids in jobs:
        shop.wait_for_state("done", uuids)
    for shop in shops:  # people come by another host
        assert ask(server, "/web/health", Host=shop.name)[0] == 200
    assert not [x for x in server.lines if " ERROR " in x]


def test_strangers_behind_a_filter_get_one_answer(shops, servers, databases):
    shop, other = shops
    unserved = databases.create()
    options = {"dbfilter": "^%d$", "list_db": "False"}
    server = servers("threaded", shops, "root:0", options=options)
    server.wait_for("Registry loaded")
    secret = secret_of(shop)
    unsigned = (
        asked(shop.name, "wrong"),
        asked(shop.name, ""),
        asked(unserved.name, "wrong"),
        RUNJOB + urlencode({"db": shop.name}),
        RUNJOB + "db=%FF%FE",
    )
    misnamed = (
        asked("no_such_database", secret),
        asked("", secret),
        asked("postgresql://127.0.0.1:1/" + shop.name, secret),
        asked("host=127.0.0.1 dbname=" + shop.name, secret),
        asked("\0", secret),
    )
    answers = [
        ask(server, path, **headers)
        for paths, host in ((unsigned, shop.name), (misnamed, "127.0.0.1"))
        for path in paths
        for headers in ({}, {"X-Odoo-Database": shop.name}, {"Host": host})
    ]
    assert {status for status, _body, _headers in answers} == {403}
    assert len({repr(answer) for answer in answers}) == 1, answers
    connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
    assert shop.value(connections, unserved.name) == 1, "the test's own"
    # what a runner signs is understood all the same, also where a proxy names a host
    for headers in ({}, {"Host": other.name, "X-Odoo-Database": shop.name}):
        status, body, _headers = ask(server, asked(shop.name, secret), **headers)
        assert (status, b"not_taken" in body) == (200, True)
    databases.drop(unserved)


def test_a_filter_that_accepts_a_database_for_no_host_keeps_runners_out_too(
    shops, servers
):
    shop, _other = shops
    server = servers("threaded", shops, "root:0", options={"dbfilter": "^never_"})
    server.wait_for("Registry loaded")
    secret = secret_of(shop)
    assert ask(server, asked(shop.name, secret))[0] == 403
