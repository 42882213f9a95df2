# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Transitions of jobs by users, and by code that acts for them."""

from odoo import fields, models
from odoo.exceptions import UserError

from ...core.states import DISPATCHED, State, is_legal, is_open_to_people
from ...job import STATES
from ...store import dispatch
from ..overrides import is_overridden
from ..part import ModelPart


class JobTransitions(ModelPart):
    """The part of ``queue.job`` that changes states.

    Buttons move all selected jobs that may make the move, and skip the others.
    """

    _name = "queue.job"
    _register = False

    state = fields.Selection(
        STATES, readonly=True, required=True, default=State.PENDING.value
    )
    date_enqueued = fields.Datetime(
        string="Enqueue Time",
        readonly=True,
        help="When the job was last dispatched to an Odoo worker.",
    )
    date_started = fields.Datetime(string="Start Date", readonly=True)
    date_done = fields.Datetime(readonly=True)
    date_cancelled = fields.Datetime(readonly=True)
    date_failed = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the job failed; empty once it is requeued or set to done.",
    )

    _dispatched_idx = models.Index("(id) WHERE state IN ('enqueued', 'started')")
    _waiting_idx = models.Index("(id) WHERE state = 'wait_dependencies'")

    def requeue(self):
        """Let ended jobs run again, as if without an attempt."""
        self._note_action("requeue", self._move("requeue", retry=0))
        return True

    def button_done(self):
        """Declare jobs that are not running as done."""
        moved = self._move("set_done", result=self._manual_done_text())
        self._note_action("set_done", moved)
        return True

    def button_cancelled(self):
        """Cancel jobs that are not running."""
        moved = self._move("cancel", result=self._manual_cancel_text())
        self._note_action("cancel", moved)
        return True

    def _note_action(self, operation, moved, value=None):
        """Keep what a user did, unless it is part of what is kept already. What code
        does as superuser is not the act of a user."""
        if moved and not self._is_in_action() and not self.env.su:
            self.env["queue.job.action"]._note_button(operation, self, moved, value)

    def _is_in_action(self):
        """Tell whether what is done to jobs belongs to an action kept as a whole."""
        return self.env.context.get("_job_action") is self.EDIT_SENTINEL

    def _in_action(self):
        """Return these jobs for an action that is kept as a whole."""
        return self.with_context(_job_action=self.EDIT_SENTINEL)

    def _manual_done_text(self):
        return self.env._("Manually set to done by %s", self.env.user.name)

    def _manual_cancel_text(self):
        return self.env._("Cancelled by %s", self.env.user.name)

    def _change_job_state(self, state, result=None):
        """Move jobs to ``done``, ``pending`` or ``cancelled``.

        :raise ValueError: for any other state
        """
        moves = {
            State.PENDING: "requeue",
            State.DONE: "set_done",
            State.CANCELLED: "cancel",
        }
        if state not in moves:
            raise ValueError(
                f"State not supported: {state!r}; give one of {', '.join(moves)}"
            )
        values = {"retry": 0} if state == State.PENDING else {}
        if result is not None:
            values["result"] = result
        self._move(moves[state], **values)

    def _move(self, name, **values):
        """Make a move of ``TRANSITIONS`` in one guarded statement.

        :return: the jobs that moved
        """
        if not all(type(job_id) is int for job_id in self._ids):
            raise UserError(self.env._("These are no ids of jobs: %s", self._ids))
        self.check_access("write")
        self.flush_recordset()
        sources = self._states_to_announce()
        moved = self.browse(dispatch.move(self.env.cr, name, self.ids, **values))
        moved.invalidate_recordset()
        moved._announce_state(values, sources)
        moved._after_move(name)
        return moved

    def _after_move(self, name):
        """Count these jobs if they are over, and look after the jobs that they wait
        for, or that wait for these."""
        if not self:
            return
        if name in ("set_done", "cancel"):
            self.env["queue.job.statistics"]._count_moved(self.ids)
            self._release_dependents()
        elif name == "requeue":
            self._hold_for_parents()

    def _states_to_announce(self):
        """By id, the states that jobs are in before a move; for
        :meth:`_announce_state`."""
        is_watched = self._is_write_overridden()
        return {job.id: job.state for job in self} if is_watched else {}

    def _announce_state(self, values, sources):
        """Show a move made in SQL to add-ons that override ``write``; where none
        does, this costs nothing.

        :param sources: by id, the states that the jobs were in before
        """
        if self and self._is_write_overridden():
            for state, jobs in self.grouped("state").items():
                jobs._write_move({"state": state, **values}, sources)

    def _write_move(self, values, sources):
        """Make the ORM write of a move that SQL has made in this transaction, or whose
        rows this transaction has locked since. Who compares what was with what is, as
        automation rules do, finds the states of before."""
        state = self._fields["state"]
        for job in self:
            state._update_cache(job, sources[job.id])
        made = self.with_context(_job_edit_sentinel=self.EDIT_SENTINEL)
        made.write(values)

    def _is_write_overridden(self):
        """Tell whether another add-on overrides ``write`` of this model."""
        return is_overridden(self, "write")

    def _check_move(self, target):
        """Refuse a move that is none, or not one of who makes it, or that takes a job
        from a live attempt."""
        if not target:
            raise UserError(self.env._("A job cannot be without a state"))
        is_open = is_legal if self.env.su else is_open_to_people
        for record in self.sudo():
            source = record.state
            if not is_open(State(source), State(target)):
                raise UserError(
                    self.env._(
                        "Job %(uuid)s is %(state)s: it cannot become %(target)s",
                        uuid=record.uuid,
                        state=source,
                        target=target,
                    )
                )
            if source != target and source in DISPATCHED:
                record._check_unlocked()

    def _staying(self, vals):
        """Return the jobs that values do not move, though they may name a state."""
        return self.filtered(lambda job: vals.get("state", job.state) == job.state)

    def _failing(self, vals):
        """Return the jobs that values make fail. What the queue writes itself, SQL may
        have moved before."""
        if vals.get("state") != State.FAILED:
            return self.browse()
        return self if self._holds_sentinel() else self - self._staying(vals)

    def _check_not_running(self, vals):
        """Refuse to change the row of a job while it runs: its end could not be
        written then, and its work would be lost. The job itself may, in its own
        transaction."""
        columns = any(
            self._fields[name].column_type for name in vals if name in self._fields
        )
        for record in self.sudo() if columns else ():
            is_own = record.worker_backend == self.env.cr._cnx.info.backend_pid
            if record.state == State.STARTED and not is_own:
                record._check_unlocked()

    def _check_unlocked(self):
        if not self._is_unlocked():
            raise UserError(
                self.env._("Job %s is running: wait until it ends", self.uuid)
            )

    def _is_unlocked(self):
        """Tell whether no live attempt has locked the job; if so, none will before the
        end of this transaction."""
        return dispatch.is_unlocked(self.env.cr, self.id)
