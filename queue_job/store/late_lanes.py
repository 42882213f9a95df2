# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that were stored before their channel told them apart get their lane.

Needs nothing but a cursor, as the store does: the runner does it, some at a time.
"""

from ..core.channels.claims import Traits
from ..core.channels.lanes import Kinds, Lanes
from .sql import load
from .transitions import Cursor

#: Jobs that get a lane in one statement.
MOST_AT_ONCE = 500

_SQL = load("late_lanes")


def give_some(cr: Cursor, channel: str, lanes: Lanes, own: Kinds) -> int:
    """Give the best-ranked jobs that wait in a channel without a lane theirs,
    :data:`MOST_AT_ONCE` at most; those that another transaction changes are left out.

    :param own: what the managers of the database tell apart besides
    :return: how many got one
    """
    cr.execute(_SQL.without_lane, {"channel": channel, "most": MOST_AT_ONCE})
    found = {
        job_id: lanes.lane(channel, Traits(key, None, company, user, function), own)
        for job_id, key, company, user, function in cr.fetchall()
    }
    given = {job_id: lane for job_id, lane in found.items() if lane}
    if given:
        cr.execute(_SQL.give, {"ids": list(given), "lanes": list(given.values())})
    return len(cr.fetchall()) if given else 0
