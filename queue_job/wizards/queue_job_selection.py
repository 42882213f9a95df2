# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the wizards on a selection of jobs have in common."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.actions import Operation, sources
from ..core.states import State
from ..models.bounds import check_bounds
from ..models.loose import LooseMany2many
from ..models.queue_job_action import asking
from ..models.queue_job_action.counting import Counted, count, shown

#: So many jobs are counted; of more, it is told about how many there are.
MOST_COUNTED = 10_000
#: So many are listed in a dialogue; of more, their number.
_MOST_LISTED = 1_000


class QueueJobSelection(models.AbstractModel):
    """Jobs ticked in a list, or all that match its filter, and how many of them an
    action can change."""

    _name = "queue.job.selection"
    _description = "Selection of Jobs"

    #: What the wizard does; jobs whose state does not allow it are left alone.
    _transition = None
    #: The least and the greatest number by name of the field.
    _bounds = {}

    job_ids = LooseMany2many(
        "queue.job", string="Jobs", default=lambda self: self._default_job_ids()
    )
    selected_domain = fields.Json(
        string="Filter",
        default=lambda self: self._default_selected_domain(),
        help="The filter of the list, if all jobs that match it were chosen. It "
        "finds only jobs that its user may see.",
    )
    moving_count = fields.Integer(
        string="Jobs to Change", compute="_compute_moving_count"
    )
    skipped_count = fields.Integer(
        string="Unchanged Jobs",
        compute="_compute_moving_count",
        help="Jobs whose state does not allow this.",
    )
    moving_shown = fields.Char(compute="_compute_moving_count")
    skipped_shown = fields.Char(compute="_compute_moving_count")
    is_in_background = fields.Boolean(
        compute="_compute_moving_count", help="Too many to change them at once."
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_bounds(self, vals, self._bounds)
        return super().create(vals_list)

    def write(self, vals):
        check_bounds(self, vals, self._bounds)
        return super().write(vals)

    @api.model
    def _default_job_ids(self):
        if self._is_on_filter():
            return False
        ids = self._active_ids()
        return ids if len(ids) <= _MOST_LISTED else False

    @api.model
    def _active_ids(self):
        if self.env.context.get("active_model") != "queue.job":
            return []
        ids = self.env.context.get("active_ids") or []
        if not (isinstance(ids, list | tuple) and all(type(i) is int for i in ids)):
            raise UserError(self.env._("These are no ids of jobs: %s", ids))
        return list(ids)

    @api.model
    def _default_selected_domain(self):
        if self._is_on_filter():
            # what is counted is to be what is changed, however long the user thinks
            domain = self.env.context["active_domain"]
            return self.env["queue.job.action"]._as_of_now(domain)
        ids = self._active_ids()
        return [["id", "in", ids]] if len(ids) > _MOST_LISTED else False

    @api.model
    def _is_on_filter(self):
        """Tell whether everything that matches the filter was chosen: our lists then
        send no ids, those of Odoo no more than it allows."""
        context = self.env.context
        if context.get("active_model") != "queue.job":
            return False
        if not isinstance(context.get("active_domain"), list | tuple):
            return False
        ids = context.get("active_ids") or []
        return not ids or isinstance(ids, list) and len(ids) >= self._most_ids()

    @api.model
    def _most_ids(self):
        value = self.env["ir.config_parameter"].sudo().get_param("web.active_ids_limit")
        try:
            return int(value or 20000)
        except ValueError:
            return 20000

    def _operation(self):
        return Operation(self._transition)

    @api.depends("job_ids.state", "selected_domain")
    def _compute_moving_count(self):
        for wizard in self:
            moving, skipped = wizard._counts()
            wizard.moving_count, wizard.skipped_count = moving.number, skipped.number
            wizard.moving_shown = shown(wizard.env, moving, MOST_COUNTED)
            wizard.skipped_shown = shown(wizard.env, skipped, MOST_COUNTED)
            wizard.is_in_background = moving.number > asking.AT_ONCE

    def _allowed(self):
        """Return the states of the jobs that can be changed."""
        return sources(self._operation())

    def _movable(self):
        """Return the domain of those that match the filter and can be changed."""
        actions = self.env["queue.job.action"]
        return actions._movable(self._operation(), self.selected_domain)

    def _counts(self):
        """:return: how many jobs can be changed, and how many cannot"""
        allowed = self._allowed()
        if not self._has_filter():
            moving = sum(job.state in allowed for job in self.job_ids)
            return Counted(moving, True), Counted(len(self.job_ids) - moving, True)
        jobs, actions = self.env["queue.job"], self.env["queue.job.action"]
        movable = self._movable()
        others = [state.value for state in State if state not in allowed]
        stay = actions._checked(self.selected_domain)
        stay &= fields.Domain("state", "in", others)
        return count(jobs, movable, MOST_COUNTED), count(jobs, stay, MOST_COUNTED)

    def _has_filter(self):
        return isinstance(self.selected_domain, list)

    def _run(self, value=None):
        """Let the chosen jobs do it, and close the dialogue.

        :param value: what to change to
        :return: the next action of the web client: what was done, or is being done
        """
        actions, operation = self.env["queue.job.action"], self._operation()
        if not self._has_filter():
            actions._ask_for_jobs(operation, self.job_ids, value)
            return self._close()
        skipped = self.skipped_count and self.skipped_shown
        action = actions._ask_for_all(operation, self.selected_domain, value)
        if action.status != "done":
            return action._open()
        params = {
            "message": " ".join(self._say_moved(action, skipped)),
            "type": "warning" if action.refused_count else "success",
            "next": self._close(),
        }
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": params,
        }

    def _say_moved(self, action, skipped):
        yield self._say_done(action.changed_count)
        if skipped:
            yield self.env._(
                "%s stay as they are, because their state does not allow this.", skipped
            )
        if action.refused_count:
            yield self.env._(
                "%s were left as they are; Queue > Actions says why.",
                action.refused_count,
            )

    def _say_done(self, count):
        """Return the text that says how many jobs were changed."""
        return self.env._("%s jobs were changed.", count)

    def _close(self):
        return {"type": "ir.actions.act_window_close"}
