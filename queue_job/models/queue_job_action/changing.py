# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an action does to a batch of jobs, and what it writes down of those that it
leaves as they are."""

from collections import Counter, defaultdict

from psycopg2 import errors

from odoo import fields
from odoo.exceptions import UserError

from ...core.actions import CHANGES, MOVES, Operation, sources, written
from ...store.sql import load
from ..part import ModelPart

#: What waits longer for another transaction leaves its jobs alone.
_LOCK_TIMEOUT = "2s"
#: Reasons that are told apart, and jobs named for each.
_MOST_REASONS = 20
_MOST_NAMED = 100


class ActionChanging(ModelPart):
    """The part of ``queue.job.action`` that changes jobs. It writes what it has locked
    before, so what runs is left alone and no conflict throws a batch away."""

    _name = "queue.job.action"
    _register = False

    matched_count = fields.Integer(
        default=0, string="Looked at", readonly=True, help="Jobs of the filter so far."
    )
    changed_count = fields.Integer(string="Changed", default=0, readonly=True)
    refused_count = fields.Integer(
        default=0,
        string="Unchanged",
        readonly=True,
        help="Jobs that were to be changed, and were not.",
    )
    refusals = fields.Json(readonly=True)
    refusals_text = fields.Text(
        string="Why Some Are Unchanged", compute="_compute_refusals_text"
    )

    def _compute_refusals_text(self):
        for action in self:
            lines = [f"{one['count']}: {one['reason']}" for one in action._refusals()]
            action.refusals_text = "\n".join(lines)

    def _refusals(self):
        return self.refusals or []

    def _change(self, ids):
        """Change those of some jobs that may be changed, and write down the numbers."""
        locked = self._lock(ids)
        others = set(ids).difference(locked)
        refused = self._not_to_be_had(others.difference(self._ask_to_stop(others)))
        jobs = self.env["queue.job"].browse(locked)
        for reason, others in self._carry_out(jobs._in_action()).items():
            refused[reason] += others
        log = self.sudo()
        left = sum(map(len, refused.values()))
        log.write(
            {
                "matched_count": log.matched_count + len(ids),
                "changed_count": log.changed_count + len(ids) - left,
            }
        )
        self._note_refused(refused)
        self.env.flush_all()

    # --- which ones -----------------------------------------------------------------

    def _lock(self, ids):
        """Lock those of some jobs whose state allows it; wait for others for a
        moment."""
        cr = self.env.cr
        params = self._in_states(ids, written)
        self.env.flush_all()
        try:
            with cr.savepoint(flush=False):
                cr.execute(
                    "SELECT set_config('lock_timeout', %s, true)", (_LOCK_TIMEOUT,)
                )
                cr.execute(load("actions").lock_jobs, params, log_exceptions=False)
                locked = cr.fetchall()
                cr.execute("SET LOCAL lock_timeout TO DEFAULT")
        except (errors.LockNotAvailable, errors.DeadlockDetected):
            cr.execute(load("actions").lock_free_jobs, params)
            locked = cr.fetchall()
        return [job_id for (job_id,) in locked]

    def _in_states(self, ids, states_of):
        states = states_of(Operation(self.sudo().operation))
        return {"ids": list(ids), "states": [state.value for state in states]}

    def _not_to_be_had(self, ids):
        """Return, by reason, the jobs that were not locked."""
        refused = defaultdict(list)
        if not ids:
            return refused
        busy = self._still_in_sources(ids)
        if busy:
            refused[self.env._("Another transaction was changing it")] = busy
        if others := sorted(ids.difference(busy)):
            refused[self.env._("Its state does not allow it")] = others
        return refused

    def _still_in_sources(self, ids):
        self.env.flush_all()
        params = self._in_states(ids, sources)
        self.env.cr.execute(load("actions").in_states, params)
        return [job_id for (job_id,) in self.env.cr.fetchall()]

    # --- what is done to them ---------------------------------------------------------

    def _ask_to_stop(self, ids):
        """Ask those of some jobs to end that run, if that is what is to be done.

        :return: their ids
        """
        log = self.sudo()
        if log.operation != Operation.STOP:
            return ()
        jobs = self.env["queue.job"].browse(sorted(ids))
        return jobs._filtered_access("write")._ask_to_stop(log.reason).ids

    def _carry_out(self, jobs):
        """Do it to jobs; where one of them refuses, to the others.

        :return: ids of those that are left as they are, by reason
        """
        if not jobs:
            return {}
        try:
            with self.env.cr.savepoint():
                return self._do(jobs)
        except UserError as error:
            if len(jobs) == 1:
                return {str(error): jobs.ids}
        half = len(jobs) // 2
        refused = defaultdict(list)
        for part in (jobs[:half], jobs[half:]):
            for reason, ids in self._carry_out(part).items():
                refused[reason] += ids
        return refused

    def _do(self, jobs):
        operation = Operation(self.sudo().operation)
        if operation not in CHANGES:
            self._move(jobs, operation)
            stayed = self._still_in_sources(jobs.ids)
            return {self.env._("It stays as it is"): stayed} if stayed else {}
        if operation == Operation.CHANGE_USER:
            return self._change_user(jobs)
        log = self.sudo()
        name = CHANGES[operation]
        jobs.write({name: log[name]})
        return {}

    def _move(self, jobs, operation):
        if operation == Operation.STOP:
            jobs._stop_waiting(self.sudo().reason)
        else:
            getattr(jobs, MOVES[operation])()

    def _change_user(self, jobs):
        user = self.sudo().new_user_id
        if not user:
            raise UserError(self.env._("The user does not exist any more"))
        allowed = jobs._that_may_run_as(user)
        allowed.write({"user_id": user.id})
        refused = jobs - allowed
        reason = self.env._("It would run as a user who may do more than you")
        return {reason: refused.ids} if refused else {}

    # --- what is written down ---------------------------------------------------------

    def _note_refused(self, refused):
        """Add jobs that are left as they are.

        :param refused: ids by reason
        """
        if not refused:
            return
        log = self.sudo()
        counts, named = Counter(), defaultdict(list)
        for one in log._refusals():
            counts[one["reason"]] = one["count"]
            named[one["reason"]] = one["ids"]
        for reason, ids in refused.items():
            if reason not in counts and len(counts) >= _MOST_REASONS:
                reason = self.env._("Other reasons")
            counts[reason] += len(ids)
            named[reason] = [*named[reason], *ids][:_MOST_NAMED]
        log.refusals = [
            {"reason": reason, "count": count, "ids": named[reason]}
            for reason, count in counts.most_common()
        ]
        log.refused_count = counts.total()
