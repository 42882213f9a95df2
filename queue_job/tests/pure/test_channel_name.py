# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Names of channels: one spelling, and bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.channels.config import parse
from odoo.addons.queue_job.core.channels.name import (
    LONGEST,
    MOST_LEVELS,
    Sequential,
    normalise_channel_name,
    served_name,
)
from odoo.addons.queue_job.core.channels.scheduler import ChannelManager

DEEP = ".".join(["root", *"a" * 999])
LONG = "root." + "x" * LONGEST


@pytest.mark.parametrize("spelt", ["s", " root.s", "root..s", "root. s ", ".s", "s."])
def test_a_channel_has_one_spelling(spelt):
    assert normalise_channel_name(spelt) == "root.s"


@pytest.mark.parametrize("name", [DEEP, LONG])
def test_no_channel_may_have_such_a_name(name):
    with pytest.raises(ValueError, match=r"channel 'root\..*at the most"):
        normalise_channel_name(name)
    with pytest.raises(ValueError, match="at the most"):
        parse(f"root:4,{name}:1")


@given(st.text(alphabet="ab. ", max_size=2 * LONGEST))
def test_whatever_a_row_says_is_served_under_a_name_that_may_be(name):
    served = served_name(name)

    assert normalise_channel_name(served) == served
    assert len(served) <= LONGEST
    assert served.count(".") < MOST_LEVELS


@pytest.mark.parametrize("name", [DEEP, LONG])
def test_a_job_of_a_name_without_end_runs_and_so_do_the_others(name):
    manager = ChannelManager()
    manager.simple_configure("root:4")
    manager.notify("db", name, "deep", 1, 0, 10, None, "pending")
    manager.notify("other", None, "plain", 1, 0, 10, None, "pending")
    manager.set_limits("db", {name: 1})

    assert {job.uuid for job in manager.get_jobs_to_run(0)} == {"deep", "plain"}
    manager.get_wakeup_time()
    manager.remove_db("db")


def test_other_spellings_of_a_sequential_channel_are_learned():
    sequential = Sequential(["root.s"])
    assert "s" in sequential
    assert " root.s" not in sequential

    assert sequential.learn([" root.s", "root.other"])

    assert " root.s" in sequential
    assert not sequential.learn([" root.s", "root.other"])


def test_channels_that_nothing_names_are_forgotten():
    manager = ChannelManager()
    manager.simple_configure("root:4,root.listed:1")
    manager.set_limits("db", {"root.limited": 2})
    for number in range(5_000):
        manager.notify("db", f"root.a.b.c{number}", "x", 1, 0, 10, None, "pending")
        manager.remove_job("x", "db")
        manager.get_wakeup_time()

    assert len(manager._channels) < 300
    assert {"root.listed", "root.limited"} <= manager._channels.keys()
    assert len(manager._root_channel._timers._wakeups) < 300


def test_a_channel_that_was_forgotten_serves_again():
    manager = ChannelManager()
    manager.simple_configure("root:4")
    for number in range(1_000):
        manager.notify("db", f"root.c{number}", str(number), 1, 0, 10, None, "pending")
        list(manager.get_jobs_to_run(0))
        manager.remove_job(str(number), "db")
    manager.notify("db", "root.c0", "again", 1, 0, 10, None, "pending")

    assert [job.uuid for job in manager.get_jobs_to_run(0)] == ["again"]
