# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A company with one job now and then does not stand behind one with very many."""

from bisect import bisect
from statistics import median

import pytest
from rig.begins import begun
from rig.finishes import count_finishes
from rig.recovery import note_recovery

from odoo.addons.queue_job.tests.size import many

pytestmark = pytest.mark.large

#: Of the other company, 100,000 in the long form; of so many seconds each that they do
#: not come to an end meanwhile.
COUNT, SECONDS = many(20_000), 0.01
#: Of the one company, one a second.
FEW = many(6)
#: Jobs of the other one that may begin while one of this waits: what was on its way to
#: four workers, and what else is sent until the runner has heard of it.
MOST_BEFORE = 200
_NOW = "SELECT extract(epoch FROM clock_timestamp())::float8"


def of_company(number):
    return {"company_id": number, "lane": f"company={number}"}


def delay_each_second(database):
    """One job after the other; returns when each was delayed, by uuid."""
    made, begin = {}, database.value(_NOW)
    for number in range(FEW):
        database.wait_for(f"{_NOW} >= %s", begin + number)
        now = database.value(_NOW)
        [uuid] = database.delay(**of_company(2))
        made[uuid] = now
    return made


@pytest.fixture
def flooded(servers, database):
    """Starts a server that is at very many jobs of the other company; returns these."""

    def start(channels):
        count_finishes(database)
        kwargs = {"job_duration": SECONDS}
        others = database.delay(_count=COUNT, _kwargs=kwargs, **of_company(1))
        servers("prefork", [database], channels, options={"workers": "4"})
        database.wait_for("SELECT count(*) > 50 FROM starts")
        return others

    return start


def note_waits(database, made, channels):
    """Note how long these jobs waited; those that have not begun, until now."""
    now, waits = database.value(_NOW), []
    for uuid, at in made.items():
        began, *_again = [*begun(database, [uuid]), now]
        waits.append(began - at)
    for name, seconds in (("median", median(waits)), ("longest", max(waits))):
        what = f"{name} wait of {FEW} jobs beside {COUNT} of another company"
        note_recovery(f"{what}, {channels}", seconds)


def test_where_companies_take_turns_it_is_soon_next(flooded, database):
    channels = "root:4:fair=company"
    others = flooded(channels)
    made = delay_each_second(database)
    query = "SELECT count(*) FROM starts WHERE uuid = ANY(%s)"
    database.wait_for(query, list(made), expected=FEW)
    note_waits(database, made, channels)
    times = begun(database, others)
    assert len(times) < COUNT, "the other company was at it all the time"
    for uuid, at in made.items():
        [began] = begun(database, [uuid])
        assert bisect(times, began) - bisect(times, at) <= MOST_BEFORE


def test_where_they_do_not_it_stands_behind_all_of_them(flooded, database):
    flooded("root:4")
    made = delay_each_second(database)
    note_waits(database, made, "root:4")
    assert begun(database, list(made)) == []
