# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Failures that are the same, counted as one. Rows are made by SQL, by the worker."""

import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..core.limits import MOST_DAYS
from ..core.states import State
from ..core.text import short_name
from ..db import server_clock
from ..store import failures
from .loose import LooseMany2one

#: Hours in the chart, and jobs that are counted.
_HOURS = 48
_MOST_COUNTED = 10_000
#: ... of each, where a list shows many failures.
_MOST_COUNTED_EACH = 1000


class QueueJobFailure(models.Model):
    """What failures of one company have in common, and what is to become of it."""

    _name = "queue.job.failure"
    _description = "Failure of Jobs"
    _log_access = False
    _rec_name = "exc_name"
    _order = "last_seen DESC, id DESC"

    fingerprint = fields.Char(
        readonly=True,
        help="The same for failures of the same exception, message and place, whatever"
        " numbers and names the message holds.",
    )
    company_id = LooseMany2one("res.company", string="Company", readonly=True)
    exc_name = fields.Char(string="Exception", readonly=True)
    exc_short = fields.Char(
        string="Exception (Short)",
        compute="_compute_exc_short",
        help="Its class, without the module.",
    )
    message = fields.Char(readonly=True, help="Without what differs between jobs.")
    frame = fields.Char(
        string="Where",
        readonly=True,
        help="File and function of the add-on that raised it.",
    )
    functions = fields.Text(string="Job Functions", readonly=True)
    status = fields.Selection(
        [("open", "Open"), ("ignored", "Ignored"), ("fixed", "Fixed")],
        readonly=True,
        default="open",
    )
    is_back = fields.Boolean(
        string="Came Back", readonly=True, help="It was met again after it was fixed."
    )
    first_seen = fields.Datetime(readonly=True)
    last_seen = fields.Datetime(readonly=True)
    times = fields.Integer(readonly=True, help="How often it was met.")
    job_id = LooseMany2one("queue.job", string="Latest Job", readonly=True)
    told_job_id = LooseMany2one(
        "queue.job",
        string="Told With",
        readonly=True,
        help="The job that users were told of: the first one, or the one with which"
        " it came back.",
    )
    tell_after = fields.Datetime(
        readonly=True,
        help="Users were not told of it yet. If they are not until then, the next job"
        " that fails so tells them.",
    )
    back_seen = fields.Datetime(
        string="Came Back On", readonly=True, help="When it was last met once fixed."
    )
    failed_jobs_shown = fields.Char(
        string="Failed Jobs", compute="_compute_failed_jobs_shown"
    )
    chart = fields.Text(string="By Hour", compute="_compute_chart")

    _same_uidx = models.UniqueIndex("(fingerprint, coalesce(company_id, 0))")
    _last_seen_idx = models.Index("(last_seen)")

    @api.depends("exc_name")
    def _compute_exc_short(self):
        for failure in self:
            failure.exc_short = short_name(failure.exc_name)

    @api.depends("exc_short", "functions")
    def _compute_display_name(self):
        for failure in self:
            first, *others = (failure.functions or "").splitlines() or [""]
            values = {"error": failure.exc_short, "function": first}
            name = self.env._("%(error)s in %(function)s", **values)
            if others:
                name = self.env._("%(name)s and %(n)s more", name=name, n=len(others))
            failure.display_name = name if first else failure.exc_short

    def _failed_jobs(self):
        """Return the domain of the jobs that failed so, and have not run since."""
        return [
            ("failure_id", "in", self.ids),
            ("state", "=", State.FAILED.value),
        ]

    def _compute_failed_jobs_shown(self):
        most = _MOST_COUNTED if len(self) == 1 else _MOST_COUNTED_EACH
        for failure in self:
            domain = failure._failed_jobs()
            count = self.env["queue.job"].search_count(domain, limit=most + 1)
            text = formatLang(self.env, min(count, most), digits=0)
            failure.failed_jobs_shown = f"{text}+" if count > most else text

    def _compute_chart(self):
        now = server_clock.now(self.env.cr).replace(minute=0, second=0, microsecond=0)
        hours = [now - timedelta(hours=ago) for ago in reversed(range(_HOURS))]
        found = failures.hours(self.env.cr, self.ids, hours[0])
        for failure in self:
            times = found.get(failure.id, {})
            failure.chart = json.dumps([self._drawn(hours, times)])

    def _drawn(self, hours, times):
        return {
            "key": self.env._("Failures"),
            "values": [
                {
                    "label": fields.Datetime.context_timestamp(self, hour).strftime(
                        "%d %H:00"
                    ),
                    "value": times.get(hour, 0),
                    "type": "past",
                }
                for hour in hours
            ],
        }

    def _is_told_with(self, job):
        """Tell whether users are to be told of it with this job. Called in the
        transaction that tells them; the worker has written by SQL who is to."""
        self.invalidate_recordset(["told_job_id", "tell_after"])
        return self.told_job_id == job and bool(self.tell_after)

    # --- what users do with it --------------------------------------------------------

    def ignore(self):
        """Tell nobody of it any more."""
        return self._become("ignored")

    def mark_fixed(self):
        """Note that its cause is gone: when it is met again, it came back."""
        return self._become("fixed")

    def reopen(self):
        """Heed it again."""
        return self._become("open")

    def _become(self, status):
        self.check_access("read")  # rows are written by this alone
        values = {"status": status}
        if status != "open":
            values["is_back"] = False
        self.sudo().write(values)
        return True

    def open_failed_jobs(self):
        """Return the list of the jobs that failed so, and have not run since."""
        jobs = self.env["queue.job"]
        action = jobs._list_of(self.env._("Failed Jobs"), self._failed_jobs())
        view = self.env.ref("queue_job.view_queue_job_tree_failed")
        views = [
            (view.id if mode == "list" else view_id, mode)
            for view_id, mode in action["views"]
        ]
        return {**action, "views": views}

    def open_all_jobs(self):
        """Return the list of all jobs whose last failure was this."""
        jobs = self.env["queue.job"]
        domain = [("failure_id", "in", self.ids)]
        return jobs._list_of(self.env._("Jobs"), domain)

    def requeue_failed_jobs(self):
        """Ask whether to let all those jobs run again; however many there are, the
        filter is handed on, and no ids."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "queue_job.action_requeue_job"
        )
        context = {
            "active_model": "queue.job",
            "active_domain": self._failed_jobs(),
            "active_ids": [],
            "default_failure_shown": self.display_name if len(self) == 1 else False,
        }
        return {**action, "context": context}

    # --- upkeep -----------------------------------------------------------------------

    @api.autovacuum
    def _gc_failures(self):
        """Delete those that were not met for as long as jobs are kept, and whose jobs
        are gone. Called by Odoo's own vacuum."""
        root = self.env.ref("queue_job.channel_root", False)
        jobs = self.env["queue.job"]
        days = root.sudo().removal_interval if root else jobs._removal_interval
        now = server_clock.now(self.env.cr)
        self.env.flush_all()
        if failures.forget(self.env.cr, now - timedelta(days=min(days, MOST_DAYS))):
            self.invalidate_model()


class QueueJobFailureHour(models.Model):
    """How often a failure was met within an hour."""

    _name = "queue.job.failure.hour"
    _description = "Failures of Jobs by Hour"
    _log_access = False
    _order = "hour DESC"

    failure_id = fields.Many2one(
        "queue.job.failure", required=True, readonly=True, ondelete="cascade"
    )
    hour = fields.Datetime(required=True, readonly=True)
    times = fields.Integer(required=True, readonly=True)

    _failure_hour_uidx = models.UniqueIndex("(failure_id, hour)")
    _hour_idx = models.Index("(hour)")
