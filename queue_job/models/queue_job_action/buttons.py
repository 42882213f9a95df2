# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What users do with an action: stop it, let it go on, look at its jobs."""

from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ...db import server_clock
from ...db.transaction import side_transaction
from ...store.sql import load
from ..part import ModelPart


class ActionButtons(ModelPart):
    """The part of ``queue.job.action`` that users press."""

    _name = "queue.job.action"
    _register = False

    def stop(self):
        """Let no further batch begin. What was changed stays so."""
        self._check_is_theirs()
        # beside this transaction: who works on it writes the row all the time
        with side_transaction(self.env, waits=True) as side:
            params = {"ids": self.ids, "note": self._signed(self.env._("Stop"))}
            side.cr.execute(load("actions").stop, params)
        self.invalidate_recordset()
        return True

    def resume(self):
        """Let it go on where it was, with the rights of who presses this."""
        self._check_is_theirs()
        for action in self:
            if action.status not in ("stopped", "failed") and not action.is_stalled:
                raise UserError(
                    self.env._("%s is not stopped: it goes on by itself.", action.what)
                )
            line = action._signed(self.env._("Resume"))
            action.sudo().write(
                {
                    "is_stopping": False,
                    "error": False,
                    "date_ended": False,
                    "note": f"{action.note}\n{line}" if action.note else line,
                }
            )
            action._delay_work()
        return True

    def _check_is_theirs(self):
        """Refuse who may not act on jobs, or not see these actions."""
        self.check_access("read")
        self.env["queue.job"].check_access("write")

    def _signed(self, what):
        """Return a line that says who did it and when."""
        now = server_clock.now(self.env.cr).replace(microsecond=0)
        return f"{what}: {self.env.user.name}, {format_datetime(self.env, now)}"

    def open_matching_jobs(self):
        """Return the list of the jobs that the filter finds now."""
        self.ensure_one()
        jobs = self.env["queue.job"]
        return jobs._list_of(self.env._("Jobs That Match Now"), self.domain or [])

    def open_refused_jobs(self):
        """Return the list of jobs that were left as they are, some of each reason."""
        self.ensure_one()
        ids = [job_id for one in self._refusals() for job_id in one["ids"]]
        jobs = self.env["queue.job"]
        return jobs._list_of(self.env._("Unchanged Jobs"), [("id", "in", ids)])

    def _open(self):
        """Return the form of the action, for who has just asked for it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Action on Jobs"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [[False, "form"]],
        }
