# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How many jobs ended, how long they waited and took: rows that are added up.

The runner writes what it hears of ends, about once a minute; what users cancel or set
to done is counted in their own transaction. Nothing changes a row, so nobody waits.
"""

from datetime import timedelta

from odoo import api, fields, models

from ..config import keeps_statistics
from ..core.statistics import percentile
from ..db import server_clock
from ..store import statistics
from .loose import LooseMany2one

#: Days after which rows of minutes become rows of hours ...
DAYS_OF_MINUTES = 2
#: ... and after which these are deleted.
DAYS_OF_HOURS = 90
#: Rows that one statement rolls up, or deletes.
_BATCH = 20_000
_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class QueueJobStatistics(models.Model):
    """What became of the jobs of a function, in a channel and for a company, within a
    minute, or within an hour some days later. There may be several rows of one kind:
    sum them up."""

    _name = "queue.job.statistics"
    _description = "Job Statistics"
    _log_access = False
    _order = "period DESC, id DESC"
    _rec_name = "function"

    period = fields.Datetime(
        readonly=True, required=True, help="When the minute, or the hour, began."
    )
    seconds = fields.Integer(
        string="Length (s)",
        readonly=True,
        required=True,
        aggregator=None,
        help="60 for a minute, 3600 for an hour.",
    )
    channel = fields.Char(readonly=True)
    function = fields.Char(string="Job Function", readonly=True)
    company_id = LooseMany2one("res.company", string="Company", readonly=True)
    done = fields.Integer(
        readonly=True,
        help="Jobs that succeeded, and those that a user has set to done. Duplicates"
        " that never ran are not counted.",
    )
    failed = fields.Integer(readonly=True)
    retried = fields.Integer(
        readonly=True,
        help="Attempts after which the job is to run again, also because its worker"
        " was gone.",
    )
    cancelled = fields.Integer(
        readonly=True,
        help="Jobs that were cancelled by a user, or along with a job they waited for.",
    )
    waiting_seconds = fields.Float(
        string="Time Waited (s)",
        readonly=True,
        help="Seconds between being due and beginning, of all jobs together. Only the"
        " first attempt of jobs is counted, and no job that waited for others.",
    )
    duration_seconds = fields.Float(
        string="Time Run (s)",
        readonly=True,
        help="Seconds that workers spent on these jobs, all together.",
    )
    waiting = fields.Json(
        string="Waiting Times", readonly=True, help="How many, by bucket."
    )
    duration = fields.Json(
        string="Durations", readonly=True, help="How many, by bucket."
    )
    waiting_p50 = fields.Float(
        string="Waiting p50 (s)", compute="_compute_percentiles", aggregator=None
    )
    waiting_p95 = fields.Float(
        string="Waiting p95 (s)", compute="_compute_percentiles", aggregator=None
    )
    waiting_p99 = fields.Float(
        string="Waiting p99 (s)", compute="_compute_percentiles", aggregator=None
    )
    duration_p50 = fields.Float(
        string="Duration p50 (s)", compute="_compute_percentiles", aggregator=None
    )
    duration_p95 = fields.Float(
        string="Duration p95 (s)", compute="_compute_percentiles", aggregator=None
    )
    duration_p99 = fields.Float(
        string="Duration p99 (s)", compute="_compute_percentiles", aggregator=None
    )

    _period_idx = models.Index("(period)")
    # the few that are to be rolled up
    _minute_idx = models.Index("(period) WHERE seconds = 60")

    @api.depends("waiting", "duration")
    def _compute_percentiles(self):
        for row in self:
            for name in ("waiting", "duration"):
                histogram = as_histogram(row[name])
                for suffix, share in _SHARES.items():
                    row[f"{name}_{suffix}"] = percentile(histogram, share) or 0.0

    @api.model
    def _count_moved(self, job_ids):
        """Count jobs that the caller's transaction has cancelled or set to done."""
        if job_ids and keeps_statistics():
            statistics.count_moved(self.env.cr, job_ids)

    @api.autovacuum
    def _gc_statistics(self):
        """Roll up rows of minutes that are some days old, and delete old rows. Called
        by Odoo's own vacuum.

        :return: (number of rows, whether there are more)
        """
        cr, now = self.env.cr, server_clock.now(self.env.cr)
        minutes = now - timedelta(days=DAYS_OF_MINUTES)
        # of whole hours only, so that few rows are left of each
        minutes = minutes.replace(minute=0, second=0, microsecond=0)
        rolled = statistics.roll_up(cr, minutes, _BATCH)
        dropped = statistics.drop_old(cr, now - timedelta(days=DAYS_OF_HOURS), _BATCH)
        self.invalidate_model()
        return rolled + dropped, _BATCH in (rolled, dropped)


class QueueJobStatisticsTotal(models.Model):
    """What became of the jobs of a channel since it is counted, but for what rows of
    minutes tell. Counters of monitors must not go back: rows of hours are deleted
    after some months, and this stays. Written by SQL, for nobody but them."""

    _name = "queue.job.statistics.total"
    _description = "Job Statistics in Total"
    _log_access = False
    _rec_name = "channel"

    channel = fields.Char(readonly=True, required=True)
    # of double precision: more than a column of integers can count
    done = fields.Float(readonly=True)
    failed = fields.Float(readonly=True)
    retried = fields.Float(readonly=True)
    cancelled = fields.Float(readonly=True)
    waiting_seconds = fields.Float(string="Time Waited (s)", readonly=True)
    duration_seconds = fields.Float(string="Time Run (s)", readonly=True)

    _channel_uidx = models.UniqueIndex("(channel)")


def as_histogram(stored):
    """Return a histogram as it is stored, with numbers of buckets."""
    return {int(bucket): count for bucket, count in (stored or {}).items()}
