# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Each rule has facts just on this side of it, and just beyond."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from odoo.addons.queue_job.core import diagnosis, health
from odoo.addons.queue_job.core.diagnosis import Condition, Transaction, diagnose
from odoo.addons.queue_job.core.health import (
    Facts,
    Severity,
    Thresholds,
    judge,
    worst,
)

LIMITS = Thresholds()
SERVED = {"leader_age": 1.0}


def names(findings):
    return [finding.name for finding in findings]


@pytest.mark.parametrize(
    ("beyond", "within"),
    [
        (("no_leader", {"leader_age": None}), {"leader_age": 0.0}),
        (
            ("leader_silent", {"leader_age": LIMITS.leader_age + 1}),
            {"leader_age": LIMITS.leader_age},
        ),
        (("copy", {"copy": "its object id is 2, it was 1"}), {"copy": ""}),
        (("unbegun", {"unbegun": LIMITS.unbegun + 1}), {"unbegun": LIMITS.unbegun}),
        (
            ("oldest_due", {"oldest_due": LIMITS.oldest_due + 1}),
            {"oldest_due": LIMITS.oldest_due},
        ),
        (
            ("failed_share", {"ended": 100, "failed": 21}),
            {"ended": 100, "failed": 20},
        ),
        (
            ("failed_share", {"ended": 20, "failed": 20}),
            {"ended": 19, "failed": 19},
        ),
    ],
)
def test_a_queue(beyond, within):
    name, facts = beyond
    assert names(judge(Facts(**{**SERVED, **facts}))) == [name]
    assert judge(Facts(**{**SERVED, **within})) == []


@pytest.mark.parametrize(
    ("beyond", "within"),
    [
        (("channels", {"channels_error": "root:x"}), {"channels_error": ""}),
        (("not_server_wide", {"is_server_wide": False}), {"is_server_wide": True}),
        (("address", {"address_error": "refused"}), {"address_error": ""}),
        (
            ("workers", {"http_workers": 4, "root_capacity": 4}),
            {"http_workers": 4, "root_capacity": 3},
        ),
        (("pooler", {"is_pooled": True}), {"http_workers": 0, "root_capacity": 9}),
        (("clocks", {"clock_difference": -6.0}), {"clock_difference": -5.0}),
        (("clocks", {"clock_difference": 6.0}), {"clock_difference": 5.0}),
        (
            ("old_transaction", {"transactions": [Transaction(7, 3601, "backup")]}),
            {"transactions": [Transaction(7, 3600, "backup")]},
        ),
        (("triggers", {"missing_triggers": ["t"]}), {"missing_triggers": []}),
        (("indexes", {"missing_indexes": ["i"]}), {"missing_indexes": []}),
        (
            ("bloat", {"dead_rows": 100_001, "live_rows": 100_000}),
            {"dead_rows": 100_001, "live_rows": 100_001},
        ),
        (
            ("bloat", {"dead_rows": 100_001, "live_rows": 0}),
            {"dead_rows": 100_000, "live_rows": 0},
        ),
        (
            ("marked_modules", {"marked_modules": ["sale (to upgrade)"]}),
            {"marked_modules": []},
        ),
        (("gone_functions", {"gone_functions": ["<a>.b"]}), {"gone_functions": []}),
        (
            ("unrecorded_functions", {"unrecorded_functions": ["<a>.b"]}),
            {"unrecorded_functions": []},
        ),
    ],
)
def test_what_is_around_it(beyond, within):
    name, condition = beyond
    assert names(diagnose(Condition(**condition))) == [name]
    assert diagnose(Condition(**within)) == []


def test_a_neutralized_database_needs_no_runner():
    facts = Facts(is_neutralized=True, unbegun=9999, oldest_due=9999, copy="copied")
    assert judge(facts) == []


def test_a_copy_is_not_also_told_that_no_runner_serves_it():
    assert names(judge(Facts(copy="copied"))) == ["copy"]


def test_a_runner_that_has_lowered_itself_is_told_and_is_not_bad():
    findings = judge(Facts(**SERVED, ceiling=3))
    assert names(findings) == ["lowered"]
    assert "to 3," in findings[0].words
    assert worst(findings) is None


def test_thresholds_are_the_callers():
    facts = Facts(**SERVED, oldest_due=10)
    assert names(judge(facts, Thresholds(oldest_due=9))) == ["oldest_due"]


def every_finding():
    facts = Facts(unbegun=1e6, oldest_due=1e6, ended=100, failed=100)
    others = [Facts(copy="copied"), Facts(leader_age=1e6, ceiling=3)]
    condition = Condition(
        **{f.name: ["a%b", "c"] for f in fields(Condition) if "Sequence" in str(f.type)}
        | {"transactions": [Transaction(7, 1e6, "50% done")]},
        dead_rows=10**9,
        clock_difference=99,
        is_pooled=True,
        channels_error="root:%",
        http_workers=1,
        is_server_wide=False,
        address_error="refused 100%",
    )
    return [*judge(facts), *(f for x in others for f in judge(x)), *diagnose(condition)]


def test_every_finding_says_what_is_wrong_and_what_puts_it_right():
    found = every_finding()
    texts = [Path(module.__file__).read_text() for module in (health, diagnosis)]
    rules = set(re.findall(r'Finding\(\s*"(\w+)"', "".join(texts)))
    assert {finding.name for finding in found} == rules
    for finding in found:
        for text in (finding.words, finding.cure):
            assert text.endswith(".") or "…" in text
            assert "%(" not in text


def test_the_worst_comes_first():
    order = list(Severity)
    found = health.sort(reversed(every_finding()))
    places = [order.index(finding.severity) for finding in found]
    assert places == sorted(places)
    assert worst(found) is Severity.CRITICAL


def test_notes_are_not_bad():
    assert worst(diagnose(Condition(is_server_wide=False))) is None
    assert worst([]) is None


def test_very_many_names_are_cut():
    condition = Condition(gone_functions=[f"<a>.b{n:03}" for n in range(500)])
    [finding] = diagnose(condition)
    assert len(finding.words) < 300
    assert "…" in finding.words
