# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that expire, as the loop finds them."""

from datetime import datetime

from rig.loop import BEGIN, looping

from odoo.addons.queue_job.jobrunner.database_queue import EXPIRY_INTERVAL
from odoo.addons.queue_job.store import expiry

PAST = datetime(2020, 2, 2, 2, 2, 2)
LATER = datetime(2999, 1, 1)


def test_what_expired_while_no_runner_led_is_not_run(database):
    [late] = database.delay(expires_at=PAST)
    [good] = database.delay(expires_at=LATER)
    with looping([database]) as loop:
        ran = [uuid for _round in range(3) for uuid in loop.round()]
    assert ran == [good]
    assert database.states([late]) == {late: "cancelled"}


def test_what_waits_for_its_eta_or_its_channel_expires_meanwhile(database):
    [running] = database.delay()
    with looping([database], "root:1") as loop:
        loop.round()
        [waits] = database.delay(expires_at=LATER)
        asleep = datetime.fromtimestamp(BEGIN + 3600)
        [sleeps] = database.delay(eta=asleep, expires_at=LATER)
        loop.round()
        for uuid in (waits, sleeps):
            database.rows(
                "UPDATE queue_job SET expires_at = %s WHERE uuid = %s", PAST, uuid
            )
        loop.round(seconds=EXPIRY_INTERVAL)
        assert set(database.states([waits, sleeps]).values()) == {"cancelled"}
        loop.worker(running).does()
        assert loop.round() == []


def test_what_expires_within_the_window_is_not_dispatched(database):
    jobs = database.delay(_count=2, expires_at=LATER)
    with looping([database], "root:1") as loop:
        [first] = loop.round()
        [second] = {*jobs} - {first}
        database.rows(
            "UPDATE queue_job SET expires_at = %s WHERE uuid = %s", PAST, second
        )
        database.rows("UPDATE queue_job SET expires_at = NULL WHERE uuid = %s", first)
        loop.worker(first).does()
        assert loop.round() == []
        assert database.states([second]) == {second: "cancelled"}


def test_very_many_expire_part_by_part(database, monkeypatch):
    monkeypatch.setattr(expiry, "MOST_AT_ONCE", 2)
    jobs = database.delay(_count=5, expires_at=PAST, eta=datetime(2999, 1, 1))
    with looping([database]) as loop:
        for _round in range(3):
            loop.round(seconds=1)
    assert set(database.states(jobs).values()) == {"cancelled"}
