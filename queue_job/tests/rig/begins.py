# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When jobs began, by PostgreSQL's clock, and whether that was as spaced out as a
channel wants it; of the tables that ``count_finishes`` makes."""

_BEGUN = """
    SELECT extract(epoch FROM at)::float8 AS at FROM starts
    WHERE uuid = ANY(%s) ORDER BY at
"""
#: Seconds that the times are off: as much as a number of their size cannot tell apart.
_EXACT = 1e-5


def begun(database, jobs):
    """The moments, in seconds since 1970, at which attempts of these jobs began."""
    return [row["at"] for row in database.rows(_BEGUN, jobs)]


def assert_paced(times, seconds, burst=1):
    """In any time no more began than the burst, and one every so many seconds."""
    taken, last = 0.0, float("-inf")
    for number, at in enumerate(times):
        taken = max(0.0, taken - (at - last) / seconds) + 1
        last = at
        around = times[max(0, number - burst - 1) : number + 1]
        assert taken <= burst + _EXACT / seconds, (number, around)
