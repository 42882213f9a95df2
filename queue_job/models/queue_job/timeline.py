# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What happened to a job, in words, for its form."""

from odoo import api, fields

from ...core import timeline
from ...core.timeline import Kind
from ..part import ModelPart
from .edits import PLAN

#: Characters of what a failed attempt said.
_MOST_MESSAGE = 300
#: So many of the jobs that users made of this one are told of.
_MOST_AGAIN = 10


class JobTimeline(ModelPart):
    """The part of ``queue.job`` that tells its story, from the row and the attempts
    that are kept: nothing more is recorded for it."""

    _name = "queue.job"
    _register = False

    timeline = fields.Json(compute="_compute_timeline")

    @api.depends(
        "state", "date_created", "date_enqueued", "date_started", "date_done",
        "date_failed", "date_cancelled", "exec_time", "attempt_ids", *sorted(PLAN),
    )  # fmt: skip
    def _compute_timeline(self):
        for job in self:
            stored = job._origin  # what a form changes has not happened yet
            job.timeline = stored._told_events() if stored.date_created else []

    def _told_events(self):
        """Return what the web client draws: for each event a dictionary with ``kind``,
        ``at``, ``text``, ``details`` and what can be opened."""
        attempts = {one.id: one for one in self.attempt_ids.sorted("id")}
        kept = [_of_attempt(one) for one in attempts.values()]
        edits = self._edits()
        logs = self.env["queue.job.log"]._by_attempt(self)
        told = []
        for event in timeline.events(self._life(), kept, self._edits_to_tell(edits)):
            if event.kind is Kind.EDITED:
                told.append(self._told_edit(event, edits))
                continue
            attempt = attempts.get(event.key)
            number = attempt.number if attempt else self.attempt
            has_log = event.kind in (Kind.ATTEMPT, Kind.DONE)
            told.append(self._told(event, attempt))
            told[-1]["log_id"] = has_log and logs.get(number, False)
        told[0]["job_id"] = self._made_of().id
        return told + [self._told_again(job) for job in self._made_again(_MOST_AGAIN)]

    def _made_of(self):
        """Return the job that a user made this one of."""
        domain = [("uuid", "=", self.run_again_of)]
        return self.search(domain, limit=1) if self.run_again_of else self.browse()

    def _told_again(self, job):
        text = self.env._("Run again with changed arguments, as another job")
        told = _told_plainly(Kind.RUN_AGAIN, job.date_created, text)
        return {**told, "job_id": job.id}

    def _told_edit(self, event, edits):
        together = edits.filtered(lambda value: value.mail_message_id.id == event.key)
        text, *details = self._words_of_edit(together)
        return _told_plainly(Kind.EDITED, event.at, text, details)

    def _life(self):
        return timeline.Life(
            state=self.state,
            created=self.date_created or None,
            eta=self.eta or None,
            enqueued=self.date_enqueued or None,
            started=self.date_started or None,
            done=self.date_done or None,
            failed=self.date_failed or None,
            cancelled=self.date_cancelled or None,
            seconds=self.exec_time or None,
            not_kept=self.attempts_not_kept,
        )

    def _told(self, event, attempt):
        words = getattr(self, f"_words_of_{event.kind}")
        text, *details = words(event, attempt) if attempt else words(event)
        told = _told_plainly(event.kind, event.at, text, details)
        return {**told, "attempt_id": attempt.id if attempt else False}

    # --- words: what happened, then more about it --------------------------------

    def _words_of_created(self, _event):
        user = self.env["res.users"].sudo().browse(self._delaying_user_id() or [])
        who = user.exists().name or self.env._("a user that is gone")
        together = self.graph_uuid and self.env._(
            "together with others, %s jobs in all", self.graph_jobs_shown
        )
        again = self.run_again_of and self.env._(
            "made of job %s, with changed arguments", self.run_again_of
        )
        return (
            self.env._("Delayed by %s", who),
            self.channel_method_name,
            together,
            again,
        )

    def _words_of_planned(self, _event):
        return (self.env._("Not to start before this time"),)

    def _words_of_attempt(self, event, attempt):
        if attempt.times > 1:
            text = self.env._("Tried in vain, %s times", attempt.times)
        elif attempt.is_poll:
            text = self.env._("Asked to be tried again later")
        else:
            text = self.env._("Attempt failed")
        message = (attempt.exc_message or "")[:_MOST_MESSAGE]
        error = ": ".join(filter(None, [attempt.exc_name, message]))
        took = self._took(event, is_exact=bool(attempt.duration))
        place = self._place(attempt.host, attempt.pid)
        return text, error, took, place, self._waited(event)

    def _words_of_not_kept(self, event):
        return (self.env._("%s more attempts, which are not kept", event.number),)

    def _words_of_dispatched(self, event):
        return self.env._("Dispatched to a worker"), self._waited(event)

    def _words_of_begun(self, event):
        place = self._place(self.worker_host, self.worker_pid)
        return self.env._("Begun"), place, self._waited(event)

    def _words_of_done(self, event):
        return self.env._("Done"), self._took(event)

    def _words_of_failed(self, _event):
        return (self.env._("Failed: it is not tried again by itself"),)

    def _words_of_cancelled(self, _event):
        return (self.env._("Cancelled"),)

    def _took(self, event, is_exact=True):
        if event.seconds is None:
            return None
        return self.env._(
            "took %s", timeline.duration_text(event.seconds, is_exact=is_exact)
        )

    def _waited(self, event):
        if event.waited is None:
            return None
        text = timeline.duration_text(event.waited, is_exact=False)
        return self.env._("after waiting %s", text)

    def _place(self, host, pid):
        if host and pid:
            return self.env._("on %(host)s, process %(pid)s", host=host, pid=str(pid))
        if pid:
            return self.env._("in process %s", str(pid))
        return host and self.env._("on %s", host)


def _told_plainly(kind, at, text, details=()):
    return {
        "kind": kind.value,
        "at": at and fields.Datetime.to_string(at),
        "text": text,
        "details": [detail for detail in details if detail],
        "attempt_id": False,
        "log_id": False,
    }


def _of_attempt(attempt):
    return timeline.Attempt(
        attempt.id,
        attempt.date_started or None,
        attempt.date_end or None,
        attempt.duration or None,
    )
