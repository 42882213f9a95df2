# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which database a signed request may name, and what strangers cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.admission import (
    LIST_INTERVAL,
    READ_INTERVAL,
    Admission,
    accepts_for_some_host,
)
from odoo.addons.queue_job.core.request_auth import sign

JOB = ("5f7a", "3")


class Server:
    """Databases with secrets, and how often they were read."""

    def __init__(self, **secrets):
        self.secrets = secrets
        self.seconds = 100.0
        self.listed = 0
        self.read = []
        self.admission = Admission(self._list, self._read, lambda: self.seconds)

    def _list(self):
        self.listed += 1
        return list(self.secrets)

    def _read(self, name):
        self.read.append(name)
        return self.secrets[name]

    def admits(self, name, secret):
        return self.admission.is_signed(name, *JOB, sign(secret, *JOB))


@pytest.fixture
def server():
    return Server(shop="s3cret", mail="0ther")


def test_a_runner_of_the_database_is_admitted(server):
    assert server.admits("shop", "s3cret")
    assert server.admits("mail", "0ther")


def test_the_secret_of_another_database_is_none(server):
    assert not server.admits("mail", "s3cret")
    assert not server.admits("nowhere", "s3cret")
    assert not server.admits("", "s3cret")


def test_a_known_runner_costs_no_look(server):
    server.admits("shop", "s3cret")
    server.seconds += 10_000
    for _time in range(5):
        assert server.admits("shop", "s3cret")
    assert (server.listed, server.read) == (1, ["shop"])


def test_strangers_cost_a_look_now_and_then_whatever_they_send(server):
    for _time in range(50):
        assert not server.admits("shop", "wrong")
    assert server.read == ["shop"]
    server.seconds += READ_INTERVAL
    for _time in range(50):
        assert not server.admits("shop", "wrong")
    assert server.read == ["shop", "shop"]


def test_strangers_who_guess_names_have_no_database_opened(server):
    for number in range(50):
        assert not server.admits(f"guess{number}", "x")
    assert (server.listed, server.read) == (1, [])
    server.seconds += LIST_INTERVAL
    server.admits("guess", "x")
    assert server.listed == 2


def test_strangers_do_not_keep_a_runner_out(server):
    for name in ("shop", "guess", "mail"):
        server.admits(name, "wrong")
    assert server.admits("shop", "s3cret")
    assert server.admits("mail", "0ther")


def test_a_new_database_is_found_within_seconds(server):
    server.admits("shop", "s3cret")
    server.secrets["new"] = "n3w"
    server.seconds += LIST_INTERVAL
    assert server.admits("new", "n3w")


def test_a_new_secret_is_found_within_seconds(server):
    server.admits("shop", "s3cret")
    server.secrets["shop"] = "changed"
    server.seconds += READ_INTERVAL
    assert server.admits("shop", "changed")
    assert not server.admits("shop", "s3cret")


def test_a_database_without_secret_admits_nobody():
    server = Server(broken="")
    for secret in ("", "None", "False"):
        assert not server.admits("broken", secret)


def test_what_is_dropped_is_forgotten(server):
    server.admits("shop", "s3cret")
    del server.secrets["shop"]
    server.seconds += READ_INTERVAL
    server.admits("guess", "x")
    assert not server.admits("shop", "s3cret")


@given(st.text(), st.text(), st.text(), st.text())
def test_no_stranger_makes_it_raise_or_passes(name, uuids, attempts, signature):
    server = Server(shop="s3cret")
    for db_name in (name, "shop"):
        assert not server.admission.is_signed(db_name, uuids, attempts, signature)


@pytest.mark.parametrize(
    ("db_filter", "accepted", "refused"),
    [
        ("^%d$", ["shop", "shop-1_x"], ["shop.example.com"]),
        ("^%h$", ["shop", "shop.example.com"], ["a:b"]),
        ("^%d_prod$", ["shop_prod"], ["shop_test", "shop"]),
        ("%d", ["shop", "shop.example.com"], []),
        ("^prod_", ["prod_shop"], ["shop", "test_prod_"]),
        ("^(%d|common)$", ["shop", "common"], ["a.b"]),
        ("(", [], ["shop", "("]),
    ],
)
def test_what_odoo_serves_under_some_host(db_filter, accepted, refused):
    for name in accepted:
        assert accepts_for_some_host(db_filter, name), name
    for name in refused:
        assert not accepts_for_some_host(db_filter, name), name
