# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A round of the runner reads as few rows of very many waiting jobs as of few, whatever
holds most of them back."""

import pytest
from rig.loop import looping
from rig.reads import Reads, explaining

from odoo.addons.queue_job.tests.size import many

pytestmark = pytest.mark.large

#: 1,000,000 in the long form.
COUNT = many(many(40_000))
ROUNDS = 8
#: Read in a round of however many: some hundred of each channel, through its indexes.
#: These bounds do not know ``COUNT``.
MOST_ROWS, MOST_BUFFERS = 4_000, 3_000


def of_key(key):
    return {"lock_key": key, "lock_limit": 1, "lane": f"key={key}"}


def of_company(number):
    return {"company_id": number, "lane": f"company={number}"}


#: By channel, what is said of it, what its jobs have in common, and what those two have
#: that stand behind them all. Where these are in a lane of their own, they begin.
CONTROLS = {
    "keys": ("8", of_key("k"), of_key("z")),
    "companies": ("8:per=company:1", of_company(1), of_company(2)),
    "turns": ("4:fair=company", of_company(1), of_company(2)),
    "aging": ("4:aging=600", {"priority": 10}, {"priority": 12}),
    "rated": ("8:rate=2/60", {}, {}),
}


@pytest.fixture(scope="module")
def crowded(databases):
    """Very many jobs of each channel, before two others of it."""
    made = databases.create()
    made.behind = {}
    for name, (_said, before, behind) in CONTROLS.items():
        channel = f"root.{name}"
        made.delay(_count=COUNT // len(CONTROLS), channel=channel, **before)
        made.behind[name] = made.delay(_count=2, channel=channel, **behind)
    made.rows("VACUUM ANALYZE queue_job")
    yield made
    databases.drop(made)


def channels_but_for(name):
    """Pause the other channels."""
    paused = [f"root.{other}:1:paused" for other in CONTROLS if other != name]
    return ",".join(["root:9", f"root.{name}:{CONTROLS[name][0]}", *paused])


@pytest.mark.parametrize("name", CONTROLS)
def test_a_round_reads_no_more_however_many_wait(crowded, name):
    reads, begun, most = Reads(), [], Reads()
    config = channels_but_for(name)
    with looping([crowded], config, connect=explaining(reads)) as loop:
        for _number in range(ROUNDS):
            reads.clear()
            found = loop.round(31)
            most.rows = max(most.rows, reads.rows)
            most.buffers = max(most.buffers, reads.buffers)
            for uuid in found[1:]:  # the first one goes on
                loop.worker(uuid).does()
            begun += found
    assert begun
    assert 100 < most.rows <= MOST_ROWS and most.buffers <= MOST_BUFFERS, most
    if "lane" in CONTROLS[name][2]:
        assert {*crowded.behind[name]} <= {*begun}
