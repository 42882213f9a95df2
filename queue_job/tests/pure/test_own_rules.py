# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the operator says, what the managers of a database say, what is in force."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.channels.claims import Traits
from odoo.addons.queue_job.core.channels.config import read_rate
from odoo.addons.queue_job.core.channels.own_rules import (
    OwnRules,
    aging_in_force,
    fair_in_force,
    looser_per,
    looser_rate,
    per_in_force,
)
from odoo.addons.queue_job.core.channels.rate import Pace, Rate
from odoo.addons.queue_job.core.channels.scheduler import ChannelManager
from odoo.addons.queue_job.core.channels.shares import KINDS, Per

PER = st.none() | st.builds(Per, st.sampled_from(KINDS), st.integers(1, 4))
RATE = st.builds(Rate, st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))


@given(operator=PER, own=PER)
def test_managers_can_only_tighten_what_runs_at_a_time(operator, own):
    found = {per.kind: per.limit for per in per_in_force(operator, own)}
    said = [per for per in (operator, own) if per]
    assert found.keys() == {per.kind for per in said}
    assert all(found[per.kind] <= per.limit for per in said)
    is_looser = looser_per(operator, own) is not None
    assert is_looser == bool(operator and own and found.get(own.kind) != own.limit)


@given(operator=RATE, own=RATE, gaps=st.lists(st.integers(0, 5), max_size=20))
def test_a_rate_that_is_not_looser_never_waits_for_the_operators(operator, own, gaps):
    """Whatever the managers' rate lets begin, that of the operator does, too."""
    if looser_rate([operator], own):
        return
    theirs, his, now = Pace(own), Pace(operator), 0
    for gap in gaps:
        now += gap
        if theirs.ready_at <= now:
            assert his.ready_at <= now + 1e-6
            theirs.spend(now)
            his.spend(now)


def test_the_rate_that_is_tighter_is_named():
    throttle, rate = Rate.of_throttle(2), Rate(10, 60, 10)
    assert looser_rate([throttle, rate], Rate(1, 2, 1)) is rate
    assert looser_rate([throttle, rate], Rate(1, 1, 1)) is throttle
    assert looser_rate([rate], Rate(10, 60, 11)) is rate
    assert looser_rate([rate], Rate(10, 60, 10)) is None
    assert looser_rate([], Rate(1000, 1, 1000)) is None
    assert looser_rate([rate], None) is None


def test_the_order_is_that_of_the_managers_if_they_say_one():
    assert fair_in_force("company", None, sequential=False) == "company"
    assert fair_in_force("company", "user", sequential=False) == "user"
    assert fair_in_force("company", "user", sequential=True) is None
    assert [aging_in_force(60, own) for own in (None, 5)] == [60, 5]


@pytest.mark.usefixtures("silent_channels")
class TestSaidLater:
    """Jobs are known before anybody asks whose they are."""

    def manager(self, channels="root:4"):
        manager = ChannelManager()
        manager.simple_configure(channels)
        return manager

    def put(self, manager, uuid, state="pending", traits=None, db_name="db"):
        number = int(uuid[1:])
        manager.notify(db_name, "root", uuid, number, number, 10, None, state, traits)

    def starts(self, manager):
        return [job.uuid for job in manager.get_jobs_to_run(1)]

    def companies(self, uuid):
        """Of a single company, but for the last one."""
        return Traits(company=2 if uuid == "j5" else 1)

    def test_those_that_run_count_and_those_that_wait_stand_aside(self):
        manager = self.manager()
        self.put(manager, "j1", "started")
        for number in (2, 3, 5):
            self.put(manager, f"j{number}")
        said = {"root": OwnRules(per=Per("company", 1))}
        assert not manager.tells_apart("db")
        manager.set_own_rules("db", said, self.companies)
        assert manager.tells_apart("db")
        assert not manager.tells_apart("other")
        assert self.starts(manager) == ["j5"]
        manager.remove_job("j1", "db")
        assert self.starts(manager) == ["j2"]
        manager.set_own_rules("db", {})
        assert self.starts(manager) == ["j3"]

    def test_companies_take_turns_from_then_on(self):
        manager = self.manager("root:1")
        for number in (1, 2, 3, 4, 5):
            self.put(manager, f"j{number}")
        said = {"root": OwnRules(fair="company")}
        manager.set_own_rules("db", said, self.companies)
        order = []
        while started := self.starts(manager):
            order += started
            manager.remove_job(started[0], "db")
        assert order == ["j1", "j5", "j2", "j3", "j4"]

    def test_other_databases_do_not_notice(self):
        manager = self.manager()
        said = {"root": OwnRules(per=Per("company", 1))}
        manager.set_own_rules("db", said, self.companies)
        for number in (1, 2, 3):
            self.put(manager, f"j{number}", db_name="other")
        assert self.starts(manager) == ["j1", "j2", "j3"]

    def test_a_database_that_is_gone_is_forgotten(self):
        manager = self.manager()
        said = {"root": OwnRules(Rate(1, 60), 5, Per("company", 1), "user")}
        manager.set_own_rules("db", said, self.companies)
        self.put(manager, "j1", traits=self.companies("j1"))
        manager.remove_db("db")
        assert not manager.tells_apart("db")
        self.put(manager, "j2")
        self.put(manager, "j3")
        assert self.starts(manager) == ["j2", "j3"]


def test_who_is_to_wait_for_his_rate_leaves_the_slots_on_the_way_to_others():
    manager = ChannelManager()
    manager.simple_configure("root:1,root.b:1")
    for number, db_name in enumerate(("ant", "bee")):
        manager.notify(
            db_name, "root.b", f"job {number}", number, 1, 1, None, "pending"
        )
    manager.set_own_rules("ant", {"root": OwnRules(Rate(jobs=1, seconds=4))})

    assert [job.uuid for job in manager.get_jobs_to_run(1)] == ["job 1"]


FAR_TOO_MANY = "9" * 310


@pytest.mark.parametrize(
    "rate",
    [f"1/{FAR_TOO_MANY}", f"{FAR_TOO_MANY}/1", f"1/1:burst={FAR_TOO_MANY}"],
)
def test_a_rate_that_no_clock_can_count_is_refused(rate):
    with pytest.raises(ValueError, match="goes beyond 2147483647"):
        read_rate("root.sub", rate)


def test_who_waits_for_a_key_is_woken_though_others_are_told_apart_meanwhile():
    manager = ChannelManager()
    manager.simple_configure("root:1,root.a:2,root.a.b:2")
    traits = Traits("key", 1, 1, 7, "model.method")

    def put(number, channel, priority):
        place = (f"job {number}", number, number, priority, None, "pending")
        manager.notify("ant", channel, *place, traits)

    def run(now):
        return [job.uuid for job in manager.get_jobs_to_run(now)]

    put(0, "root.a", 1)
    assert run(1) == ["job 0"]
    put(1, "root", 5)
    put(2, "root.a.b", 5)
    put(3, "root.a.b", 5)
    put(4, "root", 9)
    put(5, "root.a.b", 5)
    assert run(2) == []
    manager.remove_job("job 0", "ant")
    assert run(3) == ["job 1"]
    own = {"root.a.b": OwnRules(per=Per("company", 1))}
    manager.set_own_rules("ant", own, lambda uuid: traits)
    for ended, begun in ((1, 2), (2, 3), (3, 5), (5, 4)):
        manager.remove_job(f"job {ended}", "ant")
        assert run(4 + ended) == [f"job {begun}"]
