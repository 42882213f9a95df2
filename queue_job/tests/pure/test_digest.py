# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Digests follow one another without a gap, and none is too long."""

from datetime import datetime

import pytest

from odoo.addons.queue_job.core.digest import period

NOW = datetime(2030, 3, 9, 5, 1, 2)
HOUR = datetime(2030, 3, 9, 5)


@pytest.mark.parametrize("told_until", [False, None, "", "yesterday", 7])
def test_the_first_one_tells_of_a_day(told_until):
    assert period(told_until, NOW) == (datetime(2030, 3, 8, 5), HOUR)


def test_one_begins_where_the_last_one_ended():
    assert period("2030-03-08 07:00:00", NOW) == (datetime(2030, 3, 8, 7), HOUR)
    assert period(str(HOUR), NOW) == (HOUR, HOUR)


def test_after_a_long_silence_it_tells_of_a_week():
    assert period("2029-01-01 00:00:00", NOW) == (datetime(2030, 3, 2, 5), HOUR)


def test_a_time_to_come_counts_as_now():
    assert period("2031-01-01 00:00:00", NOW) == (HOUR, HOUR)
