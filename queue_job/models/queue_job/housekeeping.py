# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Ended jobs are deleted after the days their channel keeps them."""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields

from ...core import limits
from ...db import server_clock
from ...store import deduplication

_DELETED_AT_A_TIME = 1000


class JobVacuum:
    """The part of ``queue.job`` that deletes what is long over. Failed jobs stay."""

    __slots__ = ()  # like every model: another layout could not be extended

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
        return True

    @api.autovacuum
    def _gc_old_jobs(self):
        """Delete one batch of expired jobs. Called by Odoo's own vacuum.

        :return: (number deleted, whether there are more)
        """
        deleted, more, _last = self._delete_expired_batch()
        return deleted, more

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
        # earlier versions let people keep jobs for longer than there are dates
        days = min(days, limits.MOST_DAYS)
        deadline = server_clock.now(self.env.cr) - timedelta(days=days)
        return [
            "|", ("date_done", "<=", deadline), ("date_cancelled", "<=", deadline),
        ]  # fmt: skip
