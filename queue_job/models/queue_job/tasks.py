# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The jobs of the user who asks, for the menu *Background Tasks*."""

from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessError, UserError

from ...core.progress import percentage
from ...core.states import State
from ...fields import as_stored
from ...store import tasks
from ..part import ModelPart

#: What the web client listens for.
END_NOTIFICATION = "queue_job.task_over"
#: Exceptions whose messages are written for users.
_FOR_USERS = "odoo.exceptions."


class JobTasks(ModelPart):
    """The part of ``queue.job`` that answers the user who waits."""

    _name = "queue.job"
    _register = False

    @api.model
    @api.readonly
    def background_tasks(self):
        """Return the latest jobs that the user who asks has delayed, and no others: he
        needs no rights on jobs. Called by the web client while the menu is open.

        :return: list of dictionaries: ``id``, ``name``, ``state``, ``progress`` (in
            percent, or ``False``), ``text``, ``error``, ``parts`` (``total``, ``done``
            and ``failed`` of the jobs of a graph; ``False`` where they are not all
            among the latest jobs)
        """
        if not self.env.user._is_internal():
            return []
        self.flush_model()
        return [self._as_task(one) for one in tasks.own(self.env.cr, self.env.uid)]

    def _notify_user_of_end(self):
        """Tell the user who delayed the job that it is over, in his web client, once
        the transaction is committed. Called by the worker, which wrote the end."""
        self.ensure_one()
        self.invalidate_recordset()
        job = self.sudo()
        user = job.env["res.users"].browse(job.delayed_by or job.user_id.id).exists()
        if user and user.active and user._is_internal() and user.id != SUPERUSER_ID:
            words = job.with_context(lang=user.lang)._words_for_error(job)
            error = words if job.state == State.FAILED else False
            told = {"id": job.id, "name": job.name, "state": job.state, "error": error}
            user._bus_send(END_NOTIFICATION, told)

    def _as_task(self, one):
        return {
            "id": one.id,
            "name": one.name,
            "state": one.state,
            "progress": percentage(one.done, one.total) if one.total else False,
            "text": one.text or False,
            "error": one.state == State.FAILED and self._words_for_error(one),
            "parts": one.parts > 1
            and not one.has_more_parts
            and {
                "total": one.parts,
                "done": one.parts_done,
                "failed": one.parts_failed,
            },
        }

    def _words_for_error(self, one):
        """Return why a job failed, for users: what a developer wrote for them, and no
        errors of programs."""
        if (one.exc_name or "").startswith(_FOR_USERS) and one.exc_message:
            return one.exc_message
        return self.env._(
            "It did not work, by an error that an administrator has to look at."
        )

    @api.model
    def open_background_task(self, job_id):
        """Return the action that opens what a job of the user who asks works on.

        :raise AccessError: when it is a job of another user
        :raise UserError: when there is nothing to be opened by this user
        """
        job = self.sudo().browse(job_id).exists()
        if not job or (job.delayed_by or job.user_id.id) != self.env.uid:
            raise AccessError(self.env._("This is no background task of yours"))
        stored = as_stored(job).records
        model = stored.get("model")
        records = self.browse()
        if model in self.env and not self.env[model]._abstract:
            records = self.env[model].browse(stored.get("ids", [])).exists()
            records = records._filtered_access("read")
        if not records:
            raise UserError(
                self.env._("There is nothing to open: the task works on no record")
            )
        action = {
            "type": "ir.actions.act_window",
            "name": job.name,
            "res_model": model,
            "views": [[False, "form"]],
            "res_id": records[:1].id,
        }
        if len(records) > 1:
            action.pop("res_id")
            action["views"] = [[False, "list"], [False, "form"]]
            action["domain"] = [("id", "in", records.ids)]
        return action
