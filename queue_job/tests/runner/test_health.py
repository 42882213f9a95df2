# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``/queue_job/health`` of a real server with several databases."""

import pytest
import requests


@pytest.fixture
def ask(databases, database, servers):
    """Asks the server of two databases; the second one has no copy of the first's
    jobs."""
    other = databases.create()
    server = servers("threaded", [database, other], section={"health_token": "abc"})
    server.wait_until_ready()

    def get(token="abc", **query):
        return requests.get(
            f"http://127.0.0.1:{server.port}/queue_job/health",
            params=query,
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )

    yield get
    server.stop()
    databases.drop(other)


def test_the_query_names_the_database(ask, database):
    database.delay(2, state="failed")
    answer = ask(db=database.name)
    told = answer.json()
    assert (answer.status_code, told["status"]) == (200, "ok"), told
    assert told["jobs"]["failed"] == 2
    assert told["leader_seen_seconds"] < 30


def test_who_names_none_or_no_token_learns_nothing(ask, database):
    answers = [
        ask(),
        ask(db="no_such_database"),
        ask(token="abd", db=database.name),
        ask(token="abd", db="no_such_database"),
        ask(token="", db="\0"),
    ]
    assert {(a.status_code, a.text) for a in answers} == {(404, "Not Found")}
