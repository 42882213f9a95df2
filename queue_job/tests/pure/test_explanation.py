# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an explanation claims is what then happens: the plain rules of the channels are
asked, too."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rig.naive_scheduler import NaiveScheduler

from odoo.addons.queue_job.core.channels.config import ChannelConfig, parse
from odoo.addons.queue_job.core.channels.obstacle import Obstacle
from odoo.addons.queue_job.core.channels.rate import Rate
from odoo.addons.queue_job.core.deduplication import Keyed
from odoo.addons.queue_job.core.explanation.facts import (
    ChannelFacts,
    DatabaseFacts,
    Facts,
    Flaw,
    Known,
)
from odoo.addons.queue_job.core.explanation.reason import Kind
from odoo.addons.queue_job.core.explanation.rules import RULES, explain
from odoo.addons.queue_job.core.runner.load_control import Cause
from odoo.addons.queue_job.core.states import FINAL, State

NAMES = ["root", "root.a", "root.b", "root.a.x", "root.a.y"]
NOW = 20
MANY = settings().max_examples
#: What is said of a job that the channels keep back.
OF_CHANNELS = {*(Kind[o.name] for o in Obstacle), Kind.PLACE, Kind.TIME}


@st.composite
def _config(draw, name):
    sequential = draw(st.integers(0, 3)) == 0
    capacities = st.sampled_from([1, 1, 2, 3, 0, None, -1])
    return {
        "name": name,
        "capacity": 1 if sequential else draw(capacities),
        "sequential": sequential,
        "throttle": draw(st.sampled_from([0, 0, 0, 5])),
        "rate": draw(st.sampled_from([None, None, None, Rate(2, 8, 2)])),
        "paused": draw(st.integers(0, 9)) == 0,
    }


CONFIGS = st.tuples(*map(_config, NAMES)).map(list)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "channel": st.sampled_from(NAMES),
            "created": st.integers(1, 3),
            "priority": st.integers(1, 2),
            "eta": st.sampled_from([None, None, 5, 40]),
            "state": st.sampled_from(
                ["pending"] * 5 + ["enqueued", "started", "failed"]
            ),
        }
    ),
    min_size=1,
    max_size=8,
)
LIMITS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from([0, 1, 1, 2]))
PASSED = st.dictionaries(st.sampled_from(NAMES), st.integers(NOW - 9, NOW))


class Situation:
    """Channels and rows, for the explanation and for the plain rules."""

    def __init__(self, configs, rows, limits, passed):
        self.configs = {config["name"]: dict(config) for config in configs}
        self.rows = {f"job{n}": dict(row, seq=n) for n, row in enumerate(rows)}
        self.limits, self.passed = dict(limits), dict(passed)

    def naive(self):
        """The plain scheduler, told of everything."""
        naive = NaiveScheduler(self.configs.values())
        for name, limit in self.limits.items():
            naive.set_limit("db", name, limit)
        for name, time in self.passed.items():
            for channel in naive.channels[name].lineage:
                channel.begins.append(time)
        for uuid, r in self.rows.items():
            facts = (r["created"], r["priority"], r["eta"], r["state"])
            naive.notify("db", r["channel"], uuid, r["seq"], *facts)
        return naive

    def starts(self):
        return set(self.naive().starts(NOW))

    def known(self, uuid):
        r = self.rows[uuid]
        values = (r["channel"], r["priority"], r["created"], r["eta"], r["state"])
        return Known(r["seq"], uuid, *values)

    def explain(self, uuid):
        channels = ChannelFacts(
            configs=tuple(ChannelConfig.from_options(c) for c in self.configs.values()),
            limits=self.limits,
            rows=tuple(map(self.known, self.rows)),
            begun_at={name: (time,) for name, time in self.passed.items()},
        )
        return explain(Facts(self.known(uuid), NOW, channels=channels))

    @property
    def pending(self):
        return [u for u, row in self.rows.items() if row["state"] == "pending"]

    def uuids(self, ids):
        return [uuid for uuid, row in self.rows.items() if row["seq"] in ids]

    # changes

    def without(self, ids):
        for uuid in self.uuids(ids):
            del self.rows[uuid]

    def open_all_but(self, name):
        """Let nothing but what one channel says keep any job back."""
        for config in self.configs.values():
            if config["name"] != name:
                config.update(capacity=None, sequential=False, throttle=0, paused=False)
                config["rate"] = None

    def resolve(self, reason, uuid):
        """Do away with what is said to keep a job back."""
        config = self.configs.get(reason.channel)
        if reason.kind is Kind.TIME:
            self.rows[uuid]["eta"] = None
        elif reason.kind is Kind.PAUSED_ON_SERVER:
            config.update(paused=False, capacity=1)
        elif reason.kind is Kind.PAUSED_HERE:
            del self.limits[reason.channel]
        elif reason.kind is Kind.RESTS:
            config.update(throttle=0, rate=None)
        else:
            self.without((*reason.jobs, *reason.first))


SITUATIONS = st.builds(Situation, CONFIGS, ROWS, LIMITS, PASSED)


@settings(max_examples=MANY)
@given(SITUATIONS)
def test_who_is_next_is_started_and_no_other_is(situation):
    started = situation.starts()
    for uuid in situation.pending:
        kind = situation.explain(uuid).kind
        assert (kind is Kind.NEXT) == (uuid in started), kind
        assert kind is Kind.NEXT or kind in OF_CHANNELS


@settings(max_examples=MANY)
@given(SITUATIONS)
def test_what_keeps_a_job_back_does_so_whatever_else_changes(situation):
    for uuid in situation.pending:
        reason = situation.explain(uuid)
        if reason.kind is Kind.NEXT:
            continue
        changed = Situation(
            situation.configs.values(), (), situation.limits, situation.passed
        )
        kept = {uuid, *situation.uuids(reason.jobs)}
        if reason.kind is Kind.RESTS:  # what is on its way takes of the same bucket
            kept |= {u for u, r in situation.rows.items() if r["state"] == "enqueued"}
        changed.rows = {u: situation.rows[u] for u in kept}
        for first in situation.uuids(reason.first):
            changed.rows[first] = {**situation.rows[first], "state": "enqueued"}
            if reason.until:  # it began a rest
                changed.passed[reason.channel] = NOW
        changed.open_all_but(reason.channel)
        if reason.kind not in (Kind.AT_LIMIT, Kind.PAUSED_HERE, Kind.PLACE):
            changed.limits = {}
        if reason.kind in (Kind.AT_LIMIT, Kind.FULL):
            assert reason.limit <= len(reason.jobs)
        assert uuid not in changed.starts(), reason


@settings(max_examples=MANY)
@given(SITUATIONS)
def test_a_job_starts_when_all_that_is_said_to_keep_it_back_is_gone(situation):
    for uuid in situation.pending:
        world = Situation(
            situation.configs.values(), (), situation.limits, situation.passed
        )
        world.rows = {u: dict(row) for u, row in situation.rows.items()}
        told = []
        while (reason := world.explain(uuid)).kind is not Kind.NEXT:
            assert (reason, set(world.rows)) not in told
            told.append((reason, set(world.rows)))
            world.resolve(reason, uuid)
        assert uuid in world.starts()


def test_what_stops_everything_is_said_first():
    job = Known(1, "j", "root", 10, 0, None, "pending")
    facts = Facts(job, NOW, DatabaseFacts(copied="oid", has_runner=False))
    assert explain(facts).kind is Kind.COPY
    facts = replace(facts, database=DatabaseFacts(has_runner=False))
    assert explain(facts).kind is Kind.NO_RUNNER


def facts_of(state="pending", channels="root:1", others=(), **options):
    job = Known(1, "j", options.pop("channel", "root"), 10, 5, None, state)
    rows = [
        Known(n, f"other{n}", name, 10, 1, None, other)
        for n, (name, other) in enumerate(others, 2)
    ]
    known = ChannelFacts(
        tuple(parse(channels)), rows=tuple(rows), **options.pop("known", {})
    )
    return Facts(job, NOW, channels=known, **options)


def test_a_full_channel_names_who_runs_and_the_place_in_it():
    facts = facts_of(others=[("root", "started")])
    assert explain(facts).kind is Kind.FULL
    assert explain(facts).jobs == (2,)

    known = {"before": 1233, "per_second": 7}
    reason = explain(facts_of(others=[("root", "started")], known=known))
    assert (reason.kind, reason.place, reason.jobs) == (Kind.PLACE, 1234, (2,))
    assert reason.seconds == pytest.approx(1234 / 7)


def test_a_runner_that_has_lowered_itself_is_the_reason_for_that():
    running = [("root", "started")]
    lowered = {"ceiling": 1, "causes": (Cause.MACHINE,), "before": 7}
    reason = explain(facts_of(channels="root:4", others=running, known=lowered))
    assert (reason.kind, reason.limit, reason.jobs) == (Kind.LOWERED, 1, (2,))
    assert reason.words == ("machine",)

    above = {**lowered, "ceiling": 2}
    reason = explain(facts_of(channels="root:4", others=running, known=above))
    assert reason.kind is Kind.NEXT
    channels = "root:4,root.a:1"
    full = [("root.a", "started")]
    facts = facts_of(channels=channels, channel="root.a", others=full, known=above)
    assert explain(facts).kind is Kind.PLACE


def test_how_long_it_takes_is_not_said_where_it_is_not_known():
    known = {"before": 10_000, "is_more": True, "per_second": 7}
    reason = explain(facts_of(others=[("root", "started")], known=known))
    assert reason.is_further and reason.seconds is None
    reason = explain(facts_of(others=[("root", "started")], known={"before": 3}))
    assert reason.seconds is None


def test_those_that_go_first_are_no_culprits_but_count():
    reason = explain(facts_of(others=[("root", "pending")]))
    assert (reason.kind, reason.place, reason.first) == (Kind.PLACE, 2, (2,))
    assert reason.jobs == ()


def test_parents_are_named_and_those_that_failed():
    facts = facts_of("wait_dependencies", parents=((7, "failed"), (8, "pending")))
    reason = explain(facts)
    assert (reason.kind, reason.jobs, reason.failed) == (Kind.PARENTS, (7, 8), (7,))
    assert explain(replace(facts, parents=())).kind is Kind.RELEASED_SOON


@pytest.mark.parametrize(
    ("parents", "has_more"),
    [
        (((7, "pending"), (8, "pending")), True),
        (((7, "failed"), (8, "cancelled")), True),
        (((7, "failed"), (8, "pending")), False),  # those that failed come first
    ],
)
def test_it_is_known_whether_more_parents_are_to_blame(parents, has_more):
    facts = facts_of("wait_dependencies", parents=parents, has_more_parents=True)
    assert explain(facts).has_more is has_more
    assert not explain(replace(facts, has_more_parents=False)).has_more


def test_a_job_that_is_to_be_stopped_says_so_and_not_that_it_runs():
    for is_locked in (True, False):
        facts = facts_of("started", is_stopping=True, is_locked=is_locked)
        assert explain(facts).kind is Kind.STOPPING
    assert explain(facts_of("started", is_locked=True)).kind is Kind.RUNS


def keyed(number, state, **options):
    return Keyed(
        number, f"k{number}", "key", state, options.pop("attempt", 1), **options
    )


def test_a_job_of_the_same_key_is_named():
    own = keyed(1, "pending", until="done", on_duplicate="postpone", attempt=0)
    other = keyed(2, "started", until="done")
    reason = explain(facts_of(same_key=(own, other)))
    assert (reason.kind, reason.jobs) == (Kind.SAME_KEY, (2,))

    reason = explain(facts_of(same_key=(own._replace(on_duplicate="keep"), other)))
    assert (reason.kind, reason.jobs) == (Kind.DUPLICATE, (2,))
    assert explain(facts_of(same_key=(own,))).kind is Kind.NEXT


def test_a_job_put_off_for_another_one_does_not_just_wait_for_its_time():
    own = keyed(1, "pending", until="done", on_duplicate="postpone", attempt=0)
    facts = facts_of(same_key=(own, keyed(2, "started", until="done")))
    soon = replace(facts, job=facts.job._replace(eta=NOW + 30))
    late = replace(facts, job=facts.job._replace(eta=NOW + 300))
    assert explain(soon).kind is Kind.SAME_KEY
    assert explain(late).kind is Kind.TIME
    assert explain(late).until == NOW + 300
    assert explain(replace(soon, same_key=(own,))).kind is Kind.TIME


def test_what_no_channel_keeps_back_may_wait_for_something_else():
    upgrade = DatabaseFacts(marked=("sale (to upgrade)",))
    assert explain(facts_of(is_locked=True)).kind is Kind.TIED
    assert explain(facts_of(flaw=Flaw.USER_GONE)).flaw is Flaw.USER_GONE
    assert explain(facts_of(database=upgrade)).words == ("sale (to upgrade)",)
    assert explain(facts_of()).kind is Kind.NEXT


def test_jobs_at_a_worker():
    assert explain(facts_of("enqueued")).kind is Kind.WORKERS_BUSY
    assert explain(facts_of("started", is_locked=True)).kind is Kind.RUNS
    assert explain(facts_of("started")).kind is Kind.WORKER_GONE
    assert all(explain(facts_of(state)).kind is Kind.OVER for state in FINAL)


def test_every_state_has_rules_and_every_obstacle_a_kind():
    assert set(RULES) == set(State)
    assert {o.name for o in Obstacle} <= set(Kind.__members__)
