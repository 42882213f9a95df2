# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs begin in the order in which they would if the runner knew all of them."""

from hypothesis import given
from hypothesis import strategies as st
from rig.naive_scheduler import NaiveScheduler

from odoo.addons.queue_job.core.runner.fetch_window import Window
from odoo.addons.queue_job.jobrunner.channels import ChannelManager
from odoo.addons.queue_job.jobrunner.job_window import JobWindow
from odoo.addons.queue_job.jobrunner.snapshot import Row, Snapshot

NOW = 1000.0


class Backlog:
    """The rows of one channel, as a poll reads them: the best ones of each kind."""

    def __init__(self, jobs):
        self.rows = {
            f"job {number}": Row(
                number, f"job {number}", "root", priority, 0.0, eta, "pending", 0, None
            )
            for number, (priority, eta) in enumerate(jobs, 1)
        }

    def snapshot(self, window):
        most = window.widest if "root" in window.in_demand else window.narrow
        ranked = sorted(self.rows.values(), key=lambda row: (row.priority, row.id))
        plain = [row for row in ranked if row.eta is None]
        due = [row for row in ranked if row.eta is not None and row.eta <= NOW]
        later = [row for row in ranked if row.eta is not None and row.eta > NOW]
        return Snapshot(plain[:most] + due[:most] + later[:1], None)


jobs = st.tuples(st.integers(0, 3), st.sampled_from([None, 1.0, 2.0, NOW + 1]))


@given(st.lists(jobs, max_size=40), st.integers(1, 3))
def test_what_the_window_does_not_show_is_not_overtaken(jobs, capacity):
    manager = ChannelManager()
    manager.simple_configure(f"root:{capacity}")
    window = JobWindow("db", manager, Window(2 * capacity, 2 * capacity))
    naive = NaiveScheduler([config("root", capacity)])
    backlog = Backlog(jobs)
    for row in backlog.rows.values():
        naive.notify(
            "db", "root", row.uuid, row.id, 0.0, row.priority, row.eta, "pending"
        )
    window.replace(backlog.snapshot(window.window), 0.0, NOW)
    while expected := naive.starts(NOW):
        begun = [job.uuid for job in manager.get_jobs_to_run(NOW)]
        assert begun == expected
        for uuid in begun:
            window.choose(uuid)
        for uuid in begun:
            window.forget(uuid)
            row = backlog.rows.pop(uuid)
            naive.notify("db", "root", uuid, row.id, 0.0, row.priority, row.eta, "done")
        if window.wants_refill:
            window.replace(backlog.snapshot(window.window), 0.0, NOW)


def config(name, capacity):
    return {
        "name": name,
        "capacity": capacity,
        "sequential": False,
        "paused": False,
        "throttle": 0,
    }
