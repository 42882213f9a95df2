# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whatever happens to jobs on their way, no more begin in any time than is allowed."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.channels.scheduler import ChannelManager

pytestmark = pytest.mark.usefixtures("silent_channels")

#: Channels, and what they say: (jobs, seconds, burst) by name of the channel.
TREES = {
    "root:9,root.a:9:throttle=3": {"root.a": (1, 3, 1)},
    "root:9:rate=2/5,root.a:2": {"root": (2, 5, 2)},
    "root:0:rate=7/3:burst=4,root.a:4:rate=1/2:burst=3,root.a.b:2:throttle=1": {
        "root": (7, 3, 4),
        "root.a": (1, 2, 3),
        "root.a.b": (1, 1, 1),
    },
}
EVENTS = st.lists(
    st.one_of(
        st.tuples(
            st.just("delay"), st.sampled_from(["root", "root.a", "root.a.b", "root.c"])
        ),
        st.tuples(st.just("pass"), st.floats(0, 4)),
        st.tuples(st.just("ask"), st.just(0)),
        st.tuples(st.sampled_from(["begin", "end", "return"]), st.integers(0, 5)),
        st.tuples(st.just("lead"), st.just(0)),
    ),
    max_size=60,
)


class Begins:
    """Jobs that begin some time after they were dispatched, which the runner hears of
    some time after that."""

    def __init__(self, channels):
        self.channels = channels
        self.now = 100.0
        self.rows = {}
        self.begun = []
        self.on_lead()

    def on_lead(self, _what=None):
        self.manager = ChannelManager()
        self.manager.simple_configure(self.channels)
        if self.rows:
            self.manager.forget_begins()
        for uuid in self.rows:
            self.tell(uuid)

    def on_delay(self, channel):
        uuid = f"job{len(self.rows)}"
        self.rows[uuid] = {"channel": channel, "state": "pending"}
        self.tell(uuid)

    def tell(self, uuid, **changes):
        row = self.rows[uuid]
        row.update(changes)
        number = int(uuid[3:])
        facts = (row["channel"], uuid, number, number, 10, None, row["state"])
        self.manager.notify("db", *facts)

    def on_ask(self, _what=None):
        for job in self.manager.get_jobs_to_run(self.now):
            self.rows[job.uuid]["state"] = "enqueued"

    def out(self, *states):
        return [u for u, row in self.rows.items() if row["state"] in states]

    def event(self, kind, what):
        getattr(self, f"on_{kind}")(what)
        if kind in ("pass", "ask"):
            for uuid in self.out("started"):
                self.tell(uuid)

    def on_pass(self, seconds):
        self.now += seconds

    def on_begin(self, most):
        for uuid in self.out("enqueued")[: most + 1]:
            self.begun.append((self.now, self.rows[uuid]["channel"]))
            self.rows[uuid]["state"] = "started"  # nobody has told yet

    def on_end(self, most):
        for uuid in self.out("started")[: most + 1]:
            self.tell(uuid, state="done")

    def on_return(self, most):
        for uuid in self.out("enqueued")[: most + 1]:
            self.manager.set_not_begun("db", uuid)
            self.tell(uuid, state="pending")


@given(st.sampled_from(sorted(TREES)), EVENTS)
def test_no_more_begin_than_the_bucket_has_tokens(channels, events):
    begins = Begins(channels)
    for event in events:
        begins.event(*event)
    for name, (jobs, seconds, burst) in TREES[channels].items():
        times = [t for t, c in begins.begun if f"{c}.".startswith(f"{name}.")]
        for first, last in combinations(range(len(times)), 2):
            allowed = burst + (times[last] - times[first]) * jobs / seconds
            assert last - first + 1 <= allowed + 1e-9


@given(st.sampled_from(sorted(TREES)), st.integers(1, 30))
def test_all_of_them_begin_as_fast_as_is_allowed(channels, count):
    begins = Begins(channels)
    for _job in range(count):
        begins.on_delay("root.a")
    begins.on_ask()
    while begins.out("pending"):
        begins.event("begin", 99)
        begins.event("ask", 0)
        begins.event("end", 99)
        begins.now = max(begins.now, begins.manager.get_wakeup_time())
        begins.on_ask()
    begins.event("begin", 99)
    rates = [r for n, r in TREES[channels].items() if "root.a.".startswith(f"{n}.")]
    need = max((count - burst) * seconds / jobs for jobs, seconds, burst in rates)
    assert begins.now - 100 == pytest.approx(max(0, need))
