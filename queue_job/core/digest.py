# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Of what time a digest tells."""

from datetime import datetime, timedelta

#: Without a digest before, it tells of a day; after a long silence of a week.
_FIRST, _LONGEST = timedelta(days=1), timedelta(days=7)


def period(told_until: object, now: datetime) -> tuple[datetime, datetime]:
    """Return the whole hours that a digest tells of, as (begin, end), naive UTC.

    :param told_until: where the last one ended, as it was written down; what cannot be
        read counts as none
    """
    until = now.replace(minute=0, second=0, microsecond=0)
    try:
        last = datetime.fromisoformat(str(told_until)).replace(
            minute=0, second=0, microsecond=0, tzinfo=None
        )
    except ValueError:
        last = until - _FIRST
    return min(until, max(last, until - _LONGEST)), until
