# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the statistics say of the last hour, day or week, to a user."""

from collections import Counter, defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..core.channels.name import levels
from ..core.forecast import Minute, just_now, per_minute
from ..core.statistics import percentile
from ..db import server_clock
from ..store.sql import load
from .allowed import allowed

_SQL = load("statistics")
#: Seconds of a period, and of each of its parts.
PERIODS = {"hour": (3600, 60), "day": (86_400, 900), "week": (604_800, 7200)}
#: Seconds for which what was read of a longer period is good enough.
_LONG = {"day": 300, "week": 1800}
#: Minutes that say when a channel will be through.
RATE_MINUTES = 10
#: So many of the latest jobs say it, too, if they ended within so many seconds.
_MOST_JUST_NOW, _JUST_NOW = 500, 300.0
_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class QueueJobStatistics(models.Model):
    _inherit = "queue.job.statistics"

    @api.model
    def _history(self, period):
        """Return what the dashboard draws of a period.

        :param period: a key of ``PERIODS``; anything else is an hour
        """
        seconds, step = PERIODS.get(period, PERIODS["hour"])
        since = server_clock.now(self.env.cr) - timedelta(seconds=seconds)
        return {
            "step": step,
            "seconds": seconds,
            "points": [
                list(row) for row in self._ask("ends_by_time", since, step=step)
            ],
            **self._times(since),
        }

    @api.model
    def _version(self, period):
        """Return what changes when there is something new to draw. Of the last hour
        that is a row that was added, or a minute that has passed; a longer period,
        which takes longer to read, is read less often: a page that stays open asks
        every other second."""
        now = server_clock.now(self.env.cr)
        if period in _LONG:
            return f"{period}-{int(now.timestamp()) // _LONG[period]}"
        self.env.cr.execute(_SQL.latest)
        [(latest,)] = self.env.cr.fetchall()
        return f"{period}-{latest}-{now:%Y%m%d%H%M}"

    @api.model
    def _paces(self):
        """Return how many jobs leave each channel, those below it included, in a minute
        of work, by name; of the last ten minutes, where that is known."""
        by_channel = defaultdict(lambda: [Minute()] * (RATE_MINUTES + 1))
        for channel, number, ended, lasted in self._ends_by_minute():
            for level in levels(channel):
                minutes = by_channel[level]
                known = minutes[number]
                minutes[number] = Minute(known.ended + ended, known.lasted + lasted)
        paces = self._paces_just_now()
        for name, minutes in by_channel.items():
            # what the runner writes once a minute is not all there of the latest one
            if any(minute.ended for minute in minutes[:-1]):
                paces[name] = max(paces.get(name, 0), per_minute(minutes))
        for name, pace in [*paces.items()]:  # none is slower than those below it
            for level in levels(name):
                paces[level] = max(paces.get(level, 0), pace)
        return paces

    def _paces_just_now(self):
        """Return the same of the latest jobs. Most channels are at work for a part of a
        minute at a time: only while they are does this tell how fast they are."""
        self.env.cr.execute(
            SQL(
                _SQL.ended_just_now,
                allowed=allowed(self.env["queue.job"]),
                seconds=_JUST_NOW,
                most=_MOST_JUST_NOW,
            )
        )
        rows = self.env.cr.fetchall()
        is_cut = sum(row[3] for row in rows) >= _MOST_JUST_NOW
        oldest = max((row[4] or 0.0 for row in rows), default=0.0)
        known = min(_JUST_NOW, max(1.0, oldest)) if is_cut else _JUST_NOW
        ages, lasting = defaultdict(list), Counter()
        for channel, found, lasts, *_rest in rows:
            for level in levels(channel):
                ages[level] += found or ()
                lasting[level] += lasts * len(found or ())
        paces = {
            name: just_now(found, lasting[name] / len(found), known)
            for name, found in ages.items()
            if found
        }
        return {name: pace for name, pace in paces.items() if pace}

    @api.model
    def _ended_lately(self):
        """Return how many jobs ended within the last ten minutes, as the chart of the
        last hour shows them: all, and the most within one minute."""
        since = server_clock.now(self.env.cr).replace(second=0, microsecond=0)
        since -= timedelta(minutes=RATE_MINUTES - 1)
        rows = self._ask("ends_by_time", since, step=60)
        ended = [done + failed for _at, done, failed, *_others in rows]
        return {"count": sum(ended), "most": max(ended, default=0)}

    def _ends_by_minute(self):
        until = server_clock.now(self.env.cr).replace(second=0, microsecond=0)
        since = until - timedelta(minutes=RATE_MINUTES + 1)
        return self._ask("ends_by_minute", since, until=until)

    def _times(self, since):
        """Return percentiles of all jobs, and by channel of those in it and below."""
        total = defaultdict(Counter)
        by_channel = defaultdict(lambda: defaultdict(Counter))
        for channel, kind, bucket, count in self._ask("times_by_channel", since):
            total[kind][bucket] += count
            for level in levels(channel):
                by_channel[level][kind][bucket] += count
        kinds = ("waiting", "duration")
        return {
            **{kind: _percentiles(total[kind]) for kind in kinds},
            "channels": {
                channel: {kind: _percentiles(found[kind]) for kind in kinds}
                for channel, found in by_channel.items()
            },
        }

    def _ask(self, name, since, **params):
        """Return the rows of a statement, of what the user may see."""
        statistics = self.env["queue.job.statistics"]
        asked = SQL(
            getattr(_SQL, name), since=since, allowed=allowed(statistics), **params
        )
        self.env.cr.execute(asked)
        return self.env.cr.fetchall()


def _percentiles(histogram):
    return {name: percentile(histogram, share) for name, share in _SHARES.items()}
