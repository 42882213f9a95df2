# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The one clock: PostgreSQL's.

Several hosts make, run and read jobs. What the clock or the time zone of one of them
says must not decide when a job is due, or which of two is the older one. So a process
asks PostgreSQL for the time about once a minute, and counts on from there by itself: no
job needs a statement for it.
"""

import time
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

import psycopg2

#: Seconds after which PostgreSQL is asked again.
MEASURE_INTERVAL = 60.0
#: Seconds by which two clocks of this host may have moved apart before it is asked at
#: once: the one was set, or the other one stood still while the machine slept.
_JUMP = 0.5
#: What a measurement may correct backwards at most (seconds) without turning the order
#: of jobs made one after the other.
_STEP_BACK = timedelta(seconds=1)
#: What ``datetime`` is where no test has put a stand-in in its place. (In a tuple,
#: because freezegun replaces every module's attributes.)
_HOST = (datetime,)


class _Measurement(NamedTuple):
    time: datetime
    monotonic: float
    wall: float


_measured: dict[str, _Measurement] = {}  # by database


def now(cr: Any, host: Any = None) -> datetime:
    """Return the time of the database server, naive UTC.

    :param cr: Odoo cursor; no query of it is counted
    :param host: ``datetime`` as the caller's module has it: where a test has put a
        stand-in there, that one tells the time
    """
    host = host or datetime
    if host is not _HOST[0]:
        stand_in: datetime = host.now()
        return stand_in
    last = _measured.get(cr.dbname)
    if last is None or not _is_recent(last):
        last = _measured[cr.dbname] = _measure(cr, last)
    return _counted_on(last)


def _is_recent(last: _Measurement) -> bool:
    passed = time.monotonic() - last.monotonic
    jump = abs(time.time() - last.wall - passed)
    return passed < MEASURE_INTERVAL and jump < _JUMP


def _counted_on(last: _Measurement) -> datetime:
    return last.time + timedelta(seconds=time.monotonic() - last.monotonic)


def _measure(cr: Any, last: _Measurement | None) -> _Measurement:
    asked = time.monotonic()
    try:
        with cr._cnx.cursor() as plain:
            plain.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
            [(found,)] = plain.fetchall()
    except psycopg2.Error:  # the transaction is lost anyway, and who called will see it
        if last is not None:
            return last
        found = datetime.now(timezone.utc).replace(tzinfo=None)
    answered = time.monotonic()
    found += timedelta(seconds=(answered - asked) / 2)
    if last is not None:
        expected = last.time + timedelta(seconds=answered - last.monotonic)
        if found < expected < found + _STEP_BACK:
            found = expected
    return _Measurement(found, answered, time.time())
