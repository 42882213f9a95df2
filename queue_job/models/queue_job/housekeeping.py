# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Ended jobs are deleted after the days their channel keeps them, and jobs that seem
stuck can be freed."""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields
from odoo.exceptions import ValidationError
from odoo.tools import config

from ...core import limits
from ...core.states import State
from ...db import server_clock
from ...store import deduplication, retention
from ..part import ModelPart

_DELETED_AT_A_TIME = 1000


class JobHousekeeping(ModelPart):
    """The upkeep of the table. Failed jobs stay, unless a channel says otherwise."""

    _name = "queue.job"
    _register = False

    #: Days that ended jobs of a channel are kept unless it says otherwise.
    _removal_interval = 30

    @api.model
    @api.private
    def autovacuum(self):
        """Delete all expired jobs, batch by batch. Called by cron, which has each
        batch committed, and goes on later when its time is over; other callers have it
        all in their transaction."""
        is_cron = "ir_cron_progress_id" in self.env.context
        more = has_time = True
        last = 0
        while more and has_time:
            deleted, more, last = self._delete_expired_batch(last)
            if is_cron:
                cron = self.env["ir.cron"]
                has_time = cron._commit_progress(deleted, remaining=int(more)) > 0
        while has_time and (deleted := self._delete_failed_batch()):
            if is_cron:
                has_time = self.env["ir.cron"]._commit_progress(deleted) > 0
        return True

    @api.autovacuum
    def _gc_old_jobs(self):
        """Delete one batch of expired jobs. Called by Odoo's own vacuum.

        :return: (number deleted, whether there are more)
        """
        deleted, more, _last = self._delete_expired_batch()
        return deleted, more

    @api.autovacuum
    def _gc_failed_jobs(self):
        """Delete one batch of failed jobs of channels that keep them for some days
        only. Called by Odoo's own vacuum.

        :return: (number deleted, whether there may be more)
        """
        deleted = self._delete_failed_batch()
        return deleted, deleted == _DELETED_AT_A_TIME

    @api.autovacuum
    def _gc_left_over(self):
        """Delete what was written beside jobs while they were deleted. Called by Odoo's
        own vacuum.

        :return: (number of rows deleted, whether there may be more)
        """
        deleted = retention.drop_left_over(self.env.cr, _DELETED_AT_A_TIME)
        return deleted, deleted >= _DELETED_AT_A_TIME

    def _delete_failed_batch(self):
        """Delete failed jobs that are kept no longer; return how many."""
        self.flush_model()
        for channels, days, is_elsewhere in self._retention_of_failed():
            ids = retention.expired_failed(
                self.env.cr, channels, self._deadline(days), is_elsewhere=is_elsewhere,
                most=_DELETED_AT_A_TIME,
            )  # fmt: skip
            if ids:
                self.sudo().browse(ids).unlink()
                return len(ids)
        return 0

    def _retention_of_failed(self):
        """Yield names of channels, for how many days they keep failed jobs, and whether
        that is of all others: channels without record follow the root channel. What is
        kept for ever is left out."""
        channels = self.env["queue.job.channel"].sudo().search([])
        for days, some in channels.grouped("failed_removal_interval").items():
            if days > 0:
                yield some.mapped("complete_name"), days, False
        root = self.env.ref("queue_job.channel_root", False)
        days = root.sudo().failed_removal_interval if root else 0
        if days > 0:
            yield channels.mapped("complete_name"), days, True

    def _delete_expired_batch(self, after=0):
        """Delete expired jobs whose id is greater: those before were looked at.

        :return: (number deleted, whether there are more, the greatest id of them)
        """
        domain = fields.Domain.AND([[("id", ">", after)], self._expired_domain()])
        jobs = self.sudo().search(domain, order="id", limit=_DELETED_AT_A_TIME + 1)
        batch = jobs[:_DELETED_AT_A_TIME]
        last = batch[-1:].id or after
        batch.unlink()
        return len(batch), len(jobs) > _DELETED_AT_A_TIME, last

    def _expired_domain(self):
        """Done or cancelled longer ago than the channel keeps jobs; jobs of channels
        without record are kept as long as those of the root channel. A job whose
        identity key holds for longer is still needed."""
        channels = self.env["queue.job.channel"].sudo().search([])
        names_by_days = defaultdict(list)
        for channel in channels:
            names_by_days[channel.removal_interval].append(channel.complete_name)
        domains = [
            [("channel", "in", names), *self._ended_before(days)]
            for days, names in names_by_days.items()
        ]
        root = self.env.ref("queue_job.channel_root", False)
        default = root.sudo().removal_interval if root else self._removal_interval
        known = channels.mapped("complete_name")
        domains.append([("channel", "not in", known), *self._ended_before(default)])
        ended = [("state", "in", ("done", "cancelled"))]
        self.flush_model()
        needed = [("id", "not in", deduplication.still_counting(self.env.cr))]
        return fields.Domain.AND([ended, needed, fields.Domain.OR(domains)])

    def _ended_before(self, days):
        deadline = self._deadline(days)
        return [
            "|", ("date_done", "<=", deadline), ("date_cancelled", "<=", deadline),
        ]  # fmt: skip

    def _deadline(self, days):
        # earlier versions let people keep jobs for longer than there are dates
        days = min(days, limits.MOST_DAYS)
        return server_clock.now(self.env.cr) - timedelta(days=days)

    # --- jobs that seem stuck: the runner rescues them by itself ---------------

    @api.model
    def requeue_stuck_jobs(self, enqueued_delta=5, started_delta=0):
        """Set jobs to pending that no worker has locked.

        :param enqueued_delta: minutes since the job was enqueued; 0 leaves those out
        :param started_delta: minutes since it was started; 0 leaves those out, -1
            stands for the server's time limit of requests and a minute
        :raise ValidationError: when both are 0
        """
        jobs = self._get_stuck_jobs_to_requeue(enqueued_delta, started_delta)
        jobs.filtered(lambda job: job._is_unlocked())._move("unblock")
        return True

    def _get_stuck_jobs_to_requeue(self, enqueued_delta, started_delta):
        if started_delta == -1:
            started_delta = (config["limit_time_real"] // 60) + 1
        now = server_clock.now(self.env.cr)
        queue_dl = enqueued_delta and now - timedelta(minutes=enqueued_delta)
        started_dl = started_delta and now - timedelta(minutes=started_delta)
        return self.search(self._get_stuck_jobs_domain(queue_dl, started_dl))

    def _get_stuck_jobs_domain(self, queue_dl, started_dl):
        domain = []
        if queue_dl:
            domain.append(
                [
                    "&",
                    ("date_enqueued", "<=", fields.Datetime.to_string(queue_dl)),
                    ("state", "=", State.ENQUEUED.value),
                ]
            )
        if started_dl:
            domain.append(
                [
                    "&",
                    ("date_started", "<=", fields.Datetime.to_string(started_dl)),
                    ("state", "=", State.STARTED.value),
                ]
            )
        if not domain:
            raise ValidationError(
                self.env._("If both delays are 0, there are no jobs to requeue")
            )
        return fields.Domain.OR(domain)
