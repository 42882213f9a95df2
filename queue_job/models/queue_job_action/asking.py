# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How an action begins: asked for in a dialogue, by a button, or on a command line."""

from datetime import date

from odoo import api, fields
from odoo.exceptions import UserError

from ...core.actions import CHANGES, Operation, sources
from ...core.channels.name import normalise_channel_name
from ...db import server_clock
from ...store.sql import load
from ..bounds import JOB_BOUNDS, check_bounds
from ..moments import fixed
from ..part import ModelPart
from .counting import count
from .in_words import in_words

#: Up to so many jobs are changed at once, while the user waits.
AT_ONCE = 1_000
#: How the job of an action ranks in its channel and above: before what it changes.
_PRIORITY = -1_000
#: Crashes of its worker that an action survives; what was changed stays so.
_ATTEMPTS = 20
#: The column that holds what a change changes to.
_COLUMNS = {"channel": "channel", "priority": "priority", "user_id": "new_user_id"}


class ActionAsking(ModelPart):
    """The part of ``queue.job.action`` that writes down what is to be done, and does
    it at once or delays it."""

    _name = "queue.job.action"
    _register = False

    @api.model
    def _ask_for_jobs(self, operation, jobs, value=None):
        """Let a user do something to jobs that he has chosen. Called by dialogues.

        :param value: what to change to, or why to stop them
        :return: the action
        """
        jobs.check_access("write")
        if len(jobs) > AT_ONCE:
            return self._ask_for_all(operation, [("id", "in", jobs.ids)], value)
        action = self._record(operation, _ids(jobs.ids), "selection", value)
        return action._do_at_once(jobs.ids)

    @api.model
    def _ask_for_all(self, operation, domain, value=None):
        """Let a user do something to all jobs that a filter finds: at once where they
        are few, else by a job. Called by dialogues.

        :param domain: of which nothing is known but that a client sent it
        :param value: what to change to, or why to stop them
        :return: the action
        """
        jobs = self.env["queue.job"]
        domain = self._as_of_now(domain)
        movable = self._movable(Operation(operation), domain)
        action = self._record(operation, domain, "filter", value)
        counted = count(jobs, movable, AT_ONCE)
        if counted.is_exact:
            return action._do_at_once(jobs.search(movable, order="id").ids)
        return action._delay_work()

    @api.model
    def _note_button(self, operation, jobs, moved, value=None):
        """Write down that a user pressed a button of jobs. Called by the button.

        :param moved: those that moved, or are to stop
        :param value: why to stop them
        """
        ids = jobs.ids[:AT_ONCE]
        action = self._record(operation, _ids(ids), "button", value)
        now = server_clock.now(self.env.cr)
        action.sudo().write(
            {
                "status": "done",
                "date_started": now,
                "date_ended": now,
                "matched_count": len(jobs),
                "expected_count": len(jobs),
                "changed_count": len(moved),
            }
        )
        action._note_refused(_by_state(action, jobs - moved))

    @api.model
    def _record(self, operation, domain, origin, value=None, operator=None):
        """Write down what is to be done. Judges what a client may have sent.

        :raise UserError: for what cannot be done at all
        """
        operation = Operation(operation)
        self.env["queue.job"].check_access("write")
        self.env.cr.execute(load("actions").last_job)
        [(last_job,)] = self.env.cr.fetchall()
        domain = self._as_of_now(domain)
        values = {
            "operation": operation.value,
            "domain": domain,
            # told with the rights of who asks, and kept: lists are not to read filters
            "filter_text": in_words(self.env["queue.job"], domain),
            "origin": origin,
            "operator": operator,
            "user_id": self.env.uid,
            "company_id": not self.env.su and self.env.company.id,
            "date_asked": server_clock.now(self.env.cr),
            "max_id": last_job,
            **self._new_value(operation, value),
        }
        return self.browse(self.sudo().create(values).id)

    def _new_value(self, operation, value):
        """Return what is to be stored of what a change changes to, or of why jobs stop.

        :raise UserError: when there is none, or none that jobs can have
        """
        if operation == Operation.STOP:
            return {"reason": self.env["queue.job"]._checked_reason(value)}
        name = CHANGES.get(operation)
        if name is None:
            return {}
        if value is None or (not value and name != "priority"):
            raise UserError(self.env._("Say what to change the jobs to."))
        if name == "channel":
            try:
                value = normalise_channel_name(value)
            except ValueError as error:
                raise UserError(str(error)) from None
        elif name == "priority":
            check_bounds(self.env["queue.job"], {name: value}, JOB_BOUNDS)
        return {_COLUMNS[name]: value}

    @api.model
    def _checked(self, domain):
        """Return the filter that a client sent: it can name any field, but is searched
        with the rights of who acts.

        :raise UserError: for what is no filter of jobs
        """
        try:
            checked = fields.Domain(domain)
            checked.validate(self.env["queue.job"])
        except (TypeError, ValueError, KeyError) as error:
            raise UserError(
                self.env._("This is no filter of jobs: %s", domain)
            ) from error
        return checked

    @api.model
    def _as_of_now(self, domain):
        """Return the filter that a client sent as it can be kept: "within the last
        hour" means the hour before it was asked for, however long the work takes.

        :raise UserError: for what is no filter of jobs
        """
        return _plain(fixed(self.env["queue.job"], self._checked(domain)))

    @api.model
    def _movable(self, operation, domain):
        """Return the filter of the jobs that an operation concerns. The jobs of actions
        are not among them: none is to end itself, or another one."""
        states = sorted(sources(operation))
        others = fields.Domain("model_name", "!=", self._name)
        return self._checked(domain) & others & fields.Domain("state", "in", states)

    def _delay_work(self):
        """Have a job carry the action out, as its user."""
        self.ensure_one()
        delayed = self.with_delay(
            priority=_PRIORITY,
            max_retries=_ATTEMPTS,
            description=self.env._("%s, all jobs that match", self.sudo().what),
        )._work()
        record = delayed.db_record()
        self.sudo().write({"job_id": record.id, "status": "waiting"})
        return self


def _ids(ids):
    return [("id", "in", ids)]


def _by_state(action, jobs):
    if not jobs:
        return {}
    return {action.env._("Its state does not allow it"): jobs.ids}


def _plain(domain):
    """Return a filter as JSON can keep it."""
    if isinstance(domain, fields.Domain | list | tuple | set | frozenset):
        return [_plain(part) for part in domain]
    if isinstance(domain, date):
        return fields.Datetime.to_string(domain)
    return domain
