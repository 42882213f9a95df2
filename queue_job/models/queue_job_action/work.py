# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How an action is worked off: by id, batch by batch, each of them committed with
the place where the next one begins."""

import time

from odoo import fields
from odoo.tools import split_every

from ...core.actions import Operation
from ...current_job import current_job
from ...db import server_clock
from ...db.transaction import begin_anew
from ...exception import RetryableJobError
from ...job import job
from ...store.sql import load
from ..part import ModelPart
from .counting import count

CHANNEL = "root.queue_job_actions"
#: Seconds that the job of an action works before it lets others have its slot, and
#: seconds that it rests then.
_SLICE = 15
_REST = 1
#: So many ids are looked for at once: a filter that no index serves is not to be asked
#: for each batch.
_WINDOW = 50_000
#: Jobs in one transaction; fewer where each is written by itself.
_BATCH = 5_000
_BATCH_OF_USERS = 500
_OVER = ("done", "stopped", "failed")


def _time_slice():
    """Return what tells whether there is time left, counted from its first answer: a
    filter that takes long to be searched is to be worth its while."""
    begun = []

    def has_time():
        begun.append(time.monotonic())
        return begun[-1] < begun[0] + _SLICE

    return has_time


class ActionWork(ModelPart):
    """The part of ``queue.job.action`` that works it off.

    What was changed and where the next batch begins are committed together, in its own
    row: whatever becomes of the worker, no job is changed twice, or missed. Whoever
    works on it locks the row for each batch.
    """

    _name = "queue.job.action"
    _register = False

    is_stopping = fields.Boolean(readonly=True)
    last_id = fields.Integer(
        readonly=True, aggregator=None, help="Jobs up to this id have been looked at."
    )
    max_id = fields.Integer(
        readonly=True, aggregator=None, help="Jobs after this id came later."
    )
    expected_count = fields.Integer(string="Expected", default=0, readonly=True)
    is_estimate = fields.Boolean(readonly=True)

    @job(default_channel=CHANNEL, on_fail_method="_on_fail_of_work")
    def _work(self):
        """Work for some seconds. Called by the job of the action."""
        self.ensure_one()
        if not self._go_on(_time_slice()):
            raise RetryableJobError(
                self.env._("%s jobs so far", self.sudo().changed_count),
                seconds=_REST,
                ignore_retry=True,
            )
        return self._say_end()

    def _go_on(self, has_time):
        """Work until it is over, or there is no time left. Commits.

        :param has_time: asked after each batch
        :return: whether it is over
        """
        self.env["queue.job"].check_access("write")
        if not self._begin():
            return True
        while ids := self._next_window():
            for batch in split_every(self._batch_size(), ids):
                if not self._take(batch):
                    return True
                if not has_time():
                    begin_anew(self.env)
                    return False
        return self._end_unless_over()

    def _begin(self):
        """Count what there is to do, once.

        :return: whether there is anything to do
        """
        begin_anew(self.env)
        if not self._may_go_on():
            return False
        log = self.sudo()
        if not log.date_started:
            now = server_clock.now(self.env.cr)
            log.write({"status": "counting", "date_started": now})
            begin_anew(self.env)  # users see what it is at
            counted = count(self.env["queue.job"], self._rest())
            log.expected_count = counted.number
            log.is_estimate = not counted.is_exact
        log.status = "running"
        self._tell()
        return True

    def _may_go_on(self):
        """Lock the action; tell whether it is not over. Ends it if it is to stop."""
        log = self.sudo()
        log.flush_recordset()
        self.env.cr.execute(load("actions").lock_action, {"id": self.id})
        log.invalidate_recordset()
        if not log.exists() or log.status in _OVER:
            return False
        if log.is_stopping:
            self._end("stopped")
            return False
        return True

    def _rest(self):
        """Return the filter of what has not been looked at."""
        log = self.sudo()
        rest = self._movable(Operation(log.operation), log.domain or [])
        rest &= fields.Domain("id", ">", log.last_id)
        return rest & fields.Domain("id", "<=", log.max_id)

    def _next_window(self):
        jobs = self.env["queue.job"]
        return jobs.search(self._rest(), order="id", limit=_WINDOW)._ids

    def _batch_size(self):
        is_of_users = self.sudo().operation == Operation.CHANGE_USER
        return _BATCH_OF_USERS if is_of_users else _BATCH

    def _take(self, ids):
        """Change one batch of jobs, in a transaction of its own.

        :return: whether to go on with the next one
        """
        begin_anew(self.env)
        if not self._may_go_on():
            return False
        last = self.sudo().last_id
        if ids := [job_id for job_id in ids if job_id > last]:
            self._change(ids)
            self.sudo().last_id = ids[-1]
            self._tell()
        return True

    def _do_at_once(self, ids):
        """Change jobs in the transaction of the caller: there are few."""
        log = self.sudo()
        log.date_started = server_clock.now(self.env.cr)
        log.expected_count = len(ids)
        for batch in split_every(self._batch_size(), ids):
            self._change(list(batch))
        self._end("done")
        return self

    def _end_unless_over(self):
        begin_anew(self.env)
        if self._may_go_on():
            self._end("done")
        return True

    def _end(self, status):
        """End it; what it waits to write is committed by who calls."""
        now = server_clock.now(self.env.cr)
        self.sudo().write({"status": status, "date_ended": now, "is_stopping": False})
        self._tell()

    def _tell(self):
        """Show on the job how far it is."""
        log = self.sudo()
        total = max(log.expected_count, log.matched_count) or None
        current_job(self.env).progress(log.matched_count, total, self._say_end())

    def _say_end(self):
        log = self.sudo()
        return self.env._(
            "%(changed)s changed, %(refused)s not",
            changed=log.changed_count,
            refused=log.refused_count,
        )

    def _on_fail_of_work(self, exc_name=None, exc_message=None, **_others):
        """Write down that the action failed. Called when its job did for good."""
        now = server_clock.now(self.env.cr)
        error = f"{exc_name}: {exc_message}"
        for log in self.sudo().filtered(lambda action: action.status not in _OVER):
            log.write({"status": "failed", "error": error, "date_ended": now})
