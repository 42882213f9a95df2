# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Operators say from when on something is wrong; nonsense changes nothing."""

from dataclasses import fields

import pytest

from odoo.addons.queue_job.core.health import Thresholds
from odoo.addons.queue_job.core.thresholds import _LIMITS, read


def test_without_settings_the_defaults_are_in_force():
    assert read({}.get) == (Thresholds(), [])
    assert read({"alert_unbegun": " "}.get) == (Thresholds(), [])


def test_what_is_set_is_in_force():
    found, complaints = read(
        {
            "alert_oldest_due": "60", "alert_unbegun": " 7.5 ",
            "alert_runner_silent": "10", "alert_failed_percent": "50",
            "alert_failed_of": "3", "alert_transaction": "60",
            "alert_dead_rows": "5000", "alert_clock": "2",
        }.get
    )  # fmt: skip
    assert complaints == []
    assert found == Thresholds(
        oldest_due=60, unbegun=7.5, leader_age=10, failed_share=0.5, least_ended=3,
        transaction_age=60, dead_rows=5000, clock_difference=2,
    )  # fmt: skip


@pytest.mark.parametrize("word", ["soon", "-1", "0", "nan", "inf", "1e99", "٣m"])
def test_what_makes_no_sense_is_named_and_the_default_stays(word):
    found, [complaint] = read({"alert_oldest_due": word}.get)
    assert found == Thresholds()
    assert (
        complaint
        == f"setting alert_oldest_due: {word!r} is no number from 1 to 31536000"
    )


def test_every_threshold_but_the_share_of_dead_rows_can_be_set():
    settable = {field for field, _least, _most in _LIMITS.values()}
    assert {f.name for f in fields(Thresholds)} - settable == {"dead_share"}


def test_every_default_is_one_that_may_be_set():
    for field, least, most in _LIMITS.values():
        factor = 100 if field == "failed_share" else 1
        assert least <= factor * getattr(Thresholds(), field) <= most
