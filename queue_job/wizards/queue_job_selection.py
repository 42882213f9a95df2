# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the wizards on a selection of jobs have in common."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.states import TRANSITIONS

#: So many jobs at once, to keep what a batch needs in memory and locks small.
MOVED_AT_A_TIME = 5000
#: So many are moved by one press of a button: a request has a time limit.
MOST_JOBS = 500_000


class QueueJobSelection(models.AbstractModel):
    """Jobs ticked in a list, or all that match its filter, and how many of them an
    action can move."""

    _name = "queue.job.selection"
    _description = "Selection of Jobs"

    #: Name of the move the wizard makes; jobs it does not start from are left alone.
    _transition = None

    job_ids = fields.Many2many(
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

    @api.model
    def _default_job_ids(self):
        if self._is_on_filter():
            return False
        if self.env.context.get("active_model") != "queue.job":
            return False
        ids = self.env.context.get("active_ids") or []
        if not (isinstance(ids, list | tuple) and all(type(i) is int for i in ids)):
            raise UserError(self.env._("These are no ids of jobs: %s", ids))
        return ids

    @api.model
    def _default_selected_domain(self):
        domain = self.env.context.get("active_domain")
        return list(domain) if self._is_on_filter() else False

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

    @api.depends("job_ids.state", "selected_domain")
    def _compute_moving_count(self):
        sources = self._sources()
        for wizard in self:
            counts = wizard._counts_by_state()
            wizard.moving_count = sum(n for state, n in counts if state in sources)
            wizard.skipped_count = sum(n for state, n in counts) - wizard.moving_count

    def _sources(self):
        """Return the states of the jobs that the action can move."""
        return TRANSITIONS[self._transition].sources

    def _counts_by_state(self):
        if not self._has_filter():
            return [(job.state, 1) for job in self.job_ids]
        return self.env["queue.job"]._read_group(
            self._checked_domain(), ["state"], ["__count"]
        )

    def _has_filter(self):
        return isinstance(self.selected_domain, list)

    def _checked_domain(self):
        """Return the filter, of which nothing is known but that a client sent it: it
        can name any field, but is searched with the rights of who acts.

        :raise UserError: for what is no filter of jobs
        """
        try:
            domain = fields.Domain(self.selected_domain)
            domain.validate(self.env["queue.job"])
        except (TypeError, ValueError, KeyError) as error:
            raise UserError(
                self.env._("This is no filter of jobs: %s", self.selected_domain)
            ) from error
        return domain

    def _run(self, method_name):
        """Let the chosen jobs do it, and close the dialogue.

        :param method_name: of ``queue.job``
        :return: the next action of the web client: it closes the dialogue, and where
            it had no list of the jobs tells what became of them
        """
        if not self._has_filter():
            getattr(self.job_ids, method_name)()
            return self._close()
        skipped = self.skipped_count
        moved, left = self._run_on_filter(method_name)
        params = {
            "message": " ".join(self._say_moved(moved, skipped, left)),
            "type": "warning" if left else "success",
            "next": self._close(),
        }
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": params,
        }

    def _run_on_filter(self, method_name):
        """:return: (jobs moved, jobs that could move and are still there)"""
        jobs = self.env["queue.job"]
        sources = sorted(self._sources())
        movable = self._checked_domain() & fields.Domain("state", "in", sources)
        ids = jobs.search(movable, order="id", limit=MOST_JOBS)._ids
        moved = 0
        for start in range(0, len(ids), MOVED_AT_A_TIME):
            batch = jobs.browse(ids[start : start + MOVED_AT_A_TIME])
            getattr(batch, method_name)()
            stayed = [("id", "in", batch.ids), ("state", "in", sources)]
            moved += len(batch) - jobs.search_count(stayed)
            self.env.invalidate_all()
        return moved, jobs.search_count(movable)

    def _say_moved(self, moved, skipped, left):
        yield self._say_done(moved)
        if skipped:
            yield self.env._(
                "%s stay as they are, because their state does not allow this.", skipped
            )
        if left:
            yield self.env._(
                "%s were left for later: there were too many to change at once, or "
                "another transaction was changing them.",
                left,
            )

    def _say_done(self, count):
        """Return the text that says how many jobs were changed."""
        return self.env._("%s jobs were changed.", count)

    def _close(self):
        return {"type": "ir.actions.act_window_close"}
