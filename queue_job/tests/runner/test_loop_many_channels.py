# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The loop where a database has more channels than one look is at."""

from datetime import datetime, timedelta, timezone

from rig.loop import BEGIN, looping

from odoo.addons.queue_job.jobrunner import snapshot
from odoo.addons.queue_job.jobrunner.snapshot import Row

#: Few enough for a test; then each look is at two channels.
MOST = 10
LONG_AGO = datetime.fromtimestamp(BEGIN, timezone.utc) - timedelta(days=1)
PAST = LONG_AGO.replace(tzinfo=None)


def scatter(database, count, **columns):
    """A job in each of so many channels."""
    return [
        database.delay(channel=f"root.c{number:03}", **columns)[0]
        for number in range(count)
    ]


def run_all(loop, count):
    """Run what is dispatched, until so many jobs ended; their uuids, in order."""
    ran = []
    for _round in range(20 * count):
        if len(ran) >= count:
            break
        for uuid in loop.round():
            ran.append(uuid)
            loop.worker(uuid).does()
    return ran


def test_the_jobs_of_all_channels_are_dispatched(database):
    jobs = scatter(database, 25)
    jobs += scatter(database, 25, eta=PAST)
    jobs += database.delay(_count=30, channel="root.c007")
    with looping([database], "root:2", most_channels=MOST) as loop:
        assert sorted(run_all(loop, len(jobs))) == sorted(jobs)
    assert set(database.states().values()) == {"done"}


def test_few_jobs_are_known_and_the_next_poll_comes_by_itself(database):
    scatter(database, 60, priority=1)
    with looping([database], "root:1", most_channels=MOST) as loop:
        loop.round()
        job_window = loop.runner._databases.get(database.name).job_window
        begun = []
        for _round in range(5):
            loop.round(seconds=1)
            waiting = [r for r in job_window.rows.values() if r.state == "pending"]
            begun.append(min(row.channel for row in waiting))
            assert len(waiting) <= MOST
            assert loop.deadline < 1
    assert len(set(begun)) > 2


def test_a_channel_keeps_its_order_when_others_are_looked_at(database):
    """... a sequential one even where its jobs stand before better ones that have to
    wait for their time."""
    scatter(database, 30, priority=50)
    order = []
    for priority in range(1, 9):
        eta = None if priority % 2 else PAST
        made = database.delay(priority=priority, eta=eta, channel="root.z", _count=2)
        order += made
    with looping([database], "root:1,z:1:sequential", most_channels=MOST) as loop:
        ran = run_all(loop, 30 + len(order))
    assert len(ran) == 30 + len(order)
    assert [uuid for uuid in ran if uuid in order] == order


def test_a_failed_job_halts_its_sequential_channel_whatever_is_looked_at(database):
    scatter(database, 30)
    database.delay(channel="root.z", state="failed")
    halted = database.delay(channel="root.z", priority=1)
    with looping([database], "root:1,z:1:sequential", most_channels=MOST) as loop:
        assert len(run_all(loop, 30)) == 30
    assert set(database.states(halted).values()) == {"pending"}


def test_a_job_that_nobody_takes_is_put_off_while_others_are_looked_at(database):
    [refused] = database.delay(priority=1, channel="root.a")
    scatter(database, 30, priority=5)
    with looping([database], "root:1", most_channels=MOST) as loop:
        assert loop.round() == [refused]
        loop.worker(refused).fails_to_answer()
        ran = []
        for _round in range(25):
            for uuid in loop.round(seconds=0.03):
                ran.append(uuid)
                loop.worker(uuid).does()
    assert refused not in ran
    assert len(ran) > 15


def test_rows_share_their_names_of_which_only_so_many_are_kept():
    def read(number):
        about = (None, None, False, None, None, None, None)
        channel = f"root.{number}"
        return Row.read(1, "uuid", channel, 10, 0.0, None, "pending", 0, *about)

    assert read(1).channel is read(1).channel
    for number in range(10_000):
        read(number)
    assert snapshot._shared.cache_info().currsize < 10_000
