# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Why a job is not running: asked by its form, by code and by the command line."""

from odoo import api, fields
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...config import setting
from ...core.channels.config import parse
from ...core.explanation.facts import Flaw
from ...core.explanation.reason import Kind
from ...core.explanation.rules import explain
from ...exception import NotReadableJobError
from ...job import Job
from ...store import explanation, runnable
from ...worker.perform import user_flaw
from ..part import ModelPart

#: What the form does not say: the state says it already.
_SAID_BY_STATE = frozenset({Kind.OVER, Kind.RUNS})
_OF_CHANNEL = frozenset(
    {Kind.PAUSED_HERE, Kind.PAUSED_ON_SERVER, Kind.RESTS, Kind.AT_LIMIT}
)
#: So many jobs are opened at the most.
_MOST_OPENED = 100


class JobExplanation(ModelPart):
    """The part of ``queue.job`` that knows why a job is not running."""

    _name = "queue.job"
    _register = False

    explanation = fields.Char(
        string="Why It Is Not Running", compute="_compute_explanation"
    )
    has_culprit = fields.Boolean(string="Has a Culprit", compute="_compute_explanation")

    def explain(self):
        """Tell why this job is not running.

        Called by the form, by users' code and by the command line. Of jobs that the
        user may not see, because they belong to other companies, nothing is told but
        that there are such.

        :return: ``{"reason": a word of core.explanation.reason.Kind, "sentence": text
            in the user's language and time zone, "action": what opens the culprit, or
            False}``
        :raise UserError: when the job was deleted meanwhile
        """
        self.ensure_one()
        self.check_access("read")
        reason = self._reason()
        return {
            "reason": str(reason.kind),
            "sentence": self._with_expiry(self._say_reason(reason)),
            "action": self._open_culprit(reason),
        }

    @api.depends("state", "eta", "channel", "priority", "user_id", "expires_at")
    def _compute_explanation(self):
        for job in self:
            job.explanation, job.has_culprit = False, False
            if not (real := job._origin).id or not real.exists():
                continue
            told = real.explain()
            if told["reason"] not in _SAID_BY_STATE:
                job.explanation = told["sentence"]
                job.has_culprit = bool(told["action"])

    def open_culprit(self):
        """Open what this job waits for.

        :raise UserError: when there is nothing to open any more
        """
        self.ensure_one()
        told = self.explain()
        if not told["action"]:
            raise UserError(told["sentence"])
        return told["action"]

    def _reason(self):
        self.flush_model()
        facts = explanation.gather(
            self.env.cr, self.id, self._configured_channels(), self._flaw()
        )
        if facts is None:
            raise UserError(self.env._("Job %s does not exist any more", self.id))
        return explain(facts)

    @api.model
    def _configured_channels(self):
        try:
            return tuple(parse(setting("channels") or "root:1"))
        except ValueError:  # the runner's log names the wrong word
            return ()

    def _flaw(self):
        """Tell what will make the job fail, whenever it runs."""
        try:
            job = Job.load(self.env, self.uuid)
        except NotReadableJobError:
            return self._missing()
        user_id = self._stored_user_id()
        if not user_id and job.is_without_user:
            return Flaw.NO_USER
        user = self.env["res.users"].sudo().browse(user_id or job.user_id)
        return user_flaw(user) or self._inner_flaw()

    def _inner_flaw(self):
        """Tell what is wrong with records or arguments."""
        [call] = runnable.calls(self.env.cr, self.ids) or [None]
        found = call and self._flaw_of_call(call, self._missing_records([call]))
        return found[0] if found else None

    def _stored_user_id(self):
        """Id of the user, who may be gone: then the field is empty."""
        statement = SQL("SELECT user_id FROM queue_job WHERE id = %s", self.id)
        return self.env.execute_query(statement)[0][0]

    def _missing(self):
        if self.model_name not in self.env:
            return Flaw.MODEL_GONE
        if not hasattr(self.env[self.model_name], self.method_name):
            return Flaw.METHOD_GONE
        return Flaw.UNREADABLE

    # --- what there is to open --------------------------------------------------------

    def _open_culprit(self, reason):
        """Return the action that opens the culprits the user may see, or False."""
        if reason.kind in _OF_CHANNEL and (channel := self._channel_named(reason)):
            return self._form_of(channel)
        jobs = self._visible(reason.failed or reason.jobs)
        if not jobs:
            return False
        if len(jobs) == 1:
            return self._form_of(jobs)
        name = self.env._("Waits for")
        return self._list_of(name, [("id", "in", jobs[:_MOST_OPENED].ids)])

    def _form_of(self, record):
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [[False, "form"]],
            "target": "current",
        }

    def _channel_named(self, reason):
        name = [("complete_name", "=", reason.channel)]
        return self.env["queue.job.channel"].search(name, limit=1)

    def _visible(self, ids):
        """Return those of the jobs that the user may see, in the order given."""
        found = self.search([("id", "in", list(ids))]) if ids else self.browse()
        return found.sorted(lambda job: ids.index(job.id))
