# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that are stopped while they run, and their time limits."""

from odoo import api, fields
from odoo.exceptions import UserError
from odoo.tools import SQL, format_datetime

from ...core.limits import MOST_REASON
from ...core.states import WAITING, State
from ...core.text import clipped, storable
from ...db import server_clock
from ...store import stopping as store
from ..part import ModelPart


class JobStopping(ModelPart):
    """The part of ``queue.job`` that asks running jobs to stop.

    The row of a started job is written by its worker alone: the request lies beside it,
    and is about one dispatch.
    """

    _name = "queue.job"
    _register = False

    timeout = fields.Integer(
        string="Time Limit (s)",
        aggregator=None,
        help="Seconds that an attempt may take; it is ended then. 0: no limit.",
    )
    is_stopping = fields.Boolean(
        string="Stopping",
        compute="_compute_stopping",
        search="_search_is_stopping",
        help="The job runs, and somebody asked to stop it.",
    )
    stopping_note = fields.Char(string="Stop Request", compute="_compute_stopping")

    def button_stop(self, reason=None):
        """Stop jobs: those that wait are cancelled, those that run are asked to end,
        and made to if they do not; see the setting ``stop_after``. Jobs that are over
        stay as they are. For managers.

        :param reason: text, shown with the request and in the result
        :return: the action that tells what became of them
        """
        asked, cancelled = self._stop(reason)
        self._note_action("stop", asked | cancelled, reason)
        over = len(self) - len(asked) - len(cancelled)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": " ".join(
                    self._say_stopped(len(asked), len(cancelled), over)
                ),
                "type": "warning" if over else "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _stop(self, reason=None):
        """Do the same.

        :return: (jobs that run and are to end, jobs that were cancelled)
        """
        reason = self._checked_reason(reason)
        cancelled = self._in_states(WAITING)._stop_waiting(reason)
        # among the others is what has begun meanwhile
        return (self - cancelled)._ask_to_stop(reason), cancelled

    @api.model
    def _checked_reason(self, reason):
        """Return a reason as it can be stored.

        :raise UserError: for what is no text
        """
        if reason and not isinstance(reason, str):
            raise UserError(self.env._("%r is no reason: give a text", reason))
        return reason and clipped(storable(reason), MOST_REASON)

    def _stop_waiting(self, reason):
        """Cancel jobs that wait.

        :return: those that were cancelled
        """
        self.check_access("write")
        return self._move("cancel", result=self._stop_text(reason)) if self else self

    def _ask_to_stop(self, reason):
        """Ask jobs that run to end.

        :return: those of these jobs that run
        """
        self.check_access("write")
        if not self:
            return self
        result, user_id = self._stop_text(reason), self.env.uid
        asked = store.ask(self.env.cr, self.ids, user_id, reason, result)
        self.invalidate_recordset(["is_stopping", "stopping_note"])
        self.env["queue.job.stop"].invalidate_model()
        return self.browse(job_id for job_id in self.ids if job_id in asked)

    def _in_states(self, states):
        self.flush_recordset()
        self.invalidate_recordset(["state"])
        return self.filtered(lambda job: job.state in states)

    def _stop_text(self, reason):
        """Return what the result of the jobs will be."""
        values = {
            "user": self.env.user.name,
            "time": fields.Datetime.to_string(server_clock.now(self.env.cr)),
        }
        if not reason:
            text = self.env._("Stopped by %(user)s at %(time)s UTC", **values)
        else:
            text = self.env._(
                "Stopped by %(user)s at %(time)s UTC: %(reason)s",
                reason=reason,
                **values,
            )
        return clipped(storable(text), MOST_REASON)

    def _say_stopped(self, asked, cancelled, over):
        if asked:
            yield self.env._(
                "%s jobs are asked to end, and are made to if they do not.", asked
            )
        if cancelled:
            yield self.env._("%s jobs did not run yet, and are cancelled.", cancelled)
        if over:
            yield self.env._("%s jobs have ended already: they stay as they are.", over)

    @api.depends("state", "attempt")
    def _compute_stopping(self):
        """Read the requests, in one query for all jobs that are shown."""
        self.flush_recordset(["state", "attempt"])
        running = [job.id for job in self._origin if job.state == State.STARTED]
        found = store.stopping(self.env.cr, running) if running else {}
        for job in self:
            request = found.get(job._origin.id)
            job.is_stopping = request is not None
            job.stopping_note = request is not None and self._say_request(request)

    def _say_request(self, request):
        user = self.env["res.users"].sudo().browse(request.user_id or []).exists()
        values = {
            "user": user.name or self.env._("a user who is gone"),
            "time": format_datetime(self.env, request.date_asked),
        }
        text = self.env._("Stopping, asked by %(user)s at %(time)s.", **values)
        if request.reason:
            text += " " + self.env._("Reason: %s", request.reason)
        if request.is_stuck:
            text += " " + self.env._(
                "It does not end, and its server has other work in the same process:"
                " restart that server."
            )
        return text

    @api.model
    def _search_is_stopping(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        ids = SQL(
            "(SELECT stop.job_id FROM queue_job_stop stop"
            " JOIN queue_job job ON job.id = stop.job_id AND job.state = 'started'"
            " AND stop.attempt = coalesce(job.attempt, 0)"
            " WHERE stop.result IS NOT NULL)"
        )
        self.flush_model(["state", "attempt"])
        wants = (True in value) == (operator == "in")
        return [("id", "in" if wants else "not in", ids)]
