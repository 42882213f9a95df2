# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""In which lane a job waits, and when the runner has too few of one."""

import pytest

from odoo.addons.queue_job.core.channels.claims import Traits
from odoo.addons.queue_job.core.channels.lanes import LONGEST, Lanes, own_kinds
from odoo.addons.queue_job.core.channels.own_rules import OwnRules
from odoo.addons.queue_job.core.channels.shares import Per
from odoo.addons.queue_job.core.runner.lane_window import Lane, LaneWindow

OF = Traits(None, None, 3, 7, "<a.b>.c")


@pytest.mark.parametrize(
    ("channels", "channel", "key", "lane"),
    [
        ("root:4", "root.a", None, None),
        ("root:4", "root.a", "k", "key=k"),
        ("root:4,root.a:2:per=company:1", "root", None, None),
        ("root:4,root.a:2:per=company:1", "a.b", None, "company=3"),
        ("root:4:fair=user,root.a:2:per=company:1", "a", "k", "company=3 key=k user=7"),
        ("root:4:fair=key", "root", None, None),
        ("root:4:per=model:1", None, None, "model=<a.b>"),
        ("root:4:per=what:1", "root", "k", "key=k"),
    ],
)
def test_the_lane_names_whom_a_job_waits_for(channels, channel, key, lane):
    lanes = Lanes.of_text(channels)
    assert lanes.lane(channel, OF._replace(lock_key=key)) == lane


def test_a_database_may_tell_apart_besides():
    lanes = Lanes.of_text("root:4,root.a:2:per=company:1")
    own = own_kinds(
        {
            "root.a": OwnRules(per=Per("user", 2), fair="company"),
            "root.b": OwnRules(aging=5, fair="key"),
        }
    )
    assert lanes.lane("a.b", OF, own) == "company=3 user=7"
    assert lanes.lane("a.b", OF) == "company=3"
    assert lanes.lane("b", OF, own) is None
    assert Lanes().lane("a", OF, own) == "company=3 user=7"


def test_a_lane_is_short_however_long_the_key_is():
    lanes = Lanes()
    found = {lanes.lane("root", OF._replace(lock_key="k" * 2_000 + c)) for c in "ab"}
    assert len(found) == 2
    assert {len(lane) for lane in found} == {LONGEST}


def test_a_lane_runs_low_when_half_of_what_was_asked_for_is_gone():
    lane, other = Lane("root", "key=k"), Lane("root", "key=l")
    window = LaneWindow(4)
    window.follow([*((f"k{n}", lane) for n in range(4)), ("l", other)])
    window.choose("l")
    window.choose("no lane")
    window.choose("k0")
    assert not window.is_low
    window.choose("k1")
    assert window.is_low
    window.follow([("l", other)])
    assert not window.is_low


def test_a_lane_of_which_less_was_asked_for_runs_low_all_the_same():
    lane, other = Lane("root", "key=k"), Lane("root.a", "key=k")
    window = LaneWindow(4)
    of_each = [("k0", lane), ("k1", lane), ("a0", other), ("a1", other)]
    window.follow(of_each, {"root": 2})
    window.choose("a0")
    assert not window.is_low
    window.choose("k0")
    assert window.is_low
