# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The sentences that say why a job is not running."""

from datetime import datetime, timezone

from odoo.tools import config, format_datetime
from odoo.tools.misc import formatLang

from ...config import setting
from ...core.channels.config import root_capacity
from ...core.explanation.facts import Flaw
from ..part import ModelPart

#: So many jobs, or modules, are named.
_MOST_NAMED = 3
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


class JobExplanationTexts(ModelPart):
    """The part of ``queue.job`` that has a sentence for each reason: a method
    ``_say_<kind>``."""

    _name = "queue.job"
    _register = False

    def _say_reason(self, reason):
        return getattr(self, f"_say_{reason.kind}")(reason)

    def _say_over(self, reason):
        state = dict(self._fields["state"]._description_selection(self.env))
        return self.env._("It is over: %s.", state[self.state])

    def _say_runs(self, reason):
        if not self.date_started:
            return self.env._("It is running.")
        since = format_datetime(self.env, self.date_started)
        return self.env._("It has been running since %s.", since)

    def _say_stopping(self, reason):
        return self.stopping_note or self.env._("It is being stopped.")

    # --- nothing runs at all ----------------------------------------------------------

    def _say_copy(self, reason):
        return self.env._(
            "This database is a copy of another one, whose jobs it must not run (%s): "
            "give it another database.uuid, or adopt the jobs in the menu Queue.",
            reason.words[0],
        )

    def _say_no_runner(self, reason):
        return self.env._("No job runner serves this database: %s", self._why_none())

    def _why_none(self):
        """Tell why no runner leads the database, as far as this server can know."""
        try:
            capacity = root_capacity(setting("channels") or "root:1")
        except ValueError as error:
            return str(error)
        if "queue_job" not in config["server_wide_modules"]:
            return self.env._(
                "this server does not run jobs, because queue_job is not among its"
                " server_wide_modules, and no other server does."
            )
        if not capacity:
            return self.env._(
                "this server does not run jobs, because the capacity of its root"
                " channel is 0, and no other server does."
            )
        return self.env._("the log of the server says why.")

    def _say_upgrade(self, reason):
        return self.env._(
            "Jobs wait while modules change (%s). If nobody is at it, they go on after"
            " 10 minutes; to end the wait, upgrade these in Apps, or cancel that.",
            self._some(reason.words),
        )

    # --- other jobs, other transactions -----------------------------------------------

    def _say_parents(self, reason):
        if reason.failed:
            return self.env._(
                "It waits for jobs that have failed or were cancelled: %s. Requeue them"
                " or set them to done.",
                self._named(reason.failed, reason.has_more),
            )
        named = self._named(reason.jobs, reason.has_more)
        return self.env._("It waits for other jobs: %s.", named)

    def _say_released_soon(self, reason):
        return self.env._(
            "The jobs that it waited for are over: it goes on within seconds."
        )

    def _say_same_key(self, reason):
        return self.env._(
            "It waits until another job of its identity key no longer counts: %s.",
            self._named(reason.jobs),
        )

    def _say_duplicate(self, reason):
        return self.env._(
            "It will end as a duplicate of another job of its identity key: %s.",
            self._named(reason.jobs),
        )

    def _say_tied(self, reason):
        return self.env._(
            "A transaction that is not over relies on it: a call of the same identity"
            " key was made there. It runs when that is committed."
        )

    # --- its time, its channel --------------------------------------------------------

    def _say_time(self, reason):
        when = self._moment(reason.until)
        if self.retry:
            return self.env._("It waits for its next attempt, on %s.", when)
        return self.env._("It waits for its time: %s.", when)

    def _say_paused_on_server(self, reason):
        return self.env._(
            "Channel %s is paused in the configuration of the server: ask the"
            " operator.",
            reason.channel,
        )

    def _say_paused_here(self, reason):
        paused = self.env["queue.job.channel"]._paused_by_name([reason.channel])
        channel = paused.get(reason.channel)
        if channel:
            return channel._say_paused()
        return self.env._("Channel %s is paused.", reason.channel)

    def _say_key(self, reason):
        return self.env._(
            "Of its lock key %(key)s no more than %(limit)s may run at a time; before"
            " it: %(jobs)s.",
            key=reason.words[1],
            limit=reason.limit,
            jobs=self._named(reason.jobs),
        )

    def _say_per(self, reason):
        whose = {
            "company": self.company_id.display_name,
            "user": self.user_id.display_name,
        }
        return self.env._(
            "Channel %(channel)s runs no more than %(limit)s jobs of %(whose)s at a"
            " time; before it: %(jobs)s.",
            channel=reason.channel,
            limit=reason.limit,
            whose=whose.get(reason.words[0]) or reason.words[1],
            jobs=self._named(reason.jobs),
        )

    def _say_turn(self, reason):
        kinds = {
            "company": self.env._("companies"),
            "user": self.env._("users"),
            "model": self.env._("models"),
            "function": self.env._("methods"),
            "key": self.env._("lock keys"),
        }
        return self.env._(
            "Channel %(channel)s is full, its capacity is %(limit)s: %(jobs)s. After"
            " that the jobs of different %(kinds)s take turns.",
            channel=reason.channel,
            limit=reason.limit,
            jobs=self._named(reason.jobs),
            kinds=kinds[reason.words[0]],
        )

    def _say_halted(self, reason):
        return self.env._(
            "Channel %(channel)s runs one job after the other, and halts behind one"
            " that failed: %(jobs)s. Requeue it, set it to done, or cancel it.",
            channel=reason.channel,
            jobs=self._named(reason.jobs),
        )

    def _say_sleeper(self, reason):
        return self.env._(
            "Channel %(channel)s runs one job after the other, and one before it waits"
            " until %(when)s: %(jobs)s.",
            channel=reason.channel,
            when=self._moment(reason.until),
            jobs=self._named(reason.jobs),
        )

    def _say_rests(self, reason):
        if reason.until is None:
            return self.env._(
                "Channel %(channel)s spaces out the beginnings of its jobs, and waits"
                " until one that was dispatched has begun: %(jobs)s.",
                channel=reason.channel,
                jobs=self._named(reason.jobs),
            )
        return self.env._(
            "Channel %(channel)s rests between two jobs: it goes on at %(when)s.",
            channel=reason.channel,
            when=self._moment(reason.until),
        )

    def _say_at_limit(self, reason):
        return self.env._(
            "Channel %(channel)s runs as many jobs as its maximum here allows"
            " (%(limit)s): %(jobs)s.",
            channel=reason.channel,
            limit=reason.limit,
            jobs=self._named(reason.jobs),
        )

    def _say_full(self, reason):
        return self.env._(
            "Channel %(channel)s is full, its capacity is %(limit)s: %(jobs)s.",
            channel=reason.channel,
            limit=reason.limit,
            jobs=self._named(reason.jobs),
        )

    def _say_lowered(self, reason):
        return self.env._(
            "The runner has lowered the number of jobs that run at a time to %(limit)s,"
            " because of %(causes)s: %(jobs)s.",
            limit=reason.limit,
            causes=self._load_causes(reason.words),
            jobs=self._named(reason.jobs),
        )

    def _load_causes(self, words):
        """Say what is overloaded.

        :param words: names of :class:`core.runner.load_control.Cause`, in small
            letters
        """
        names = {
            "workers": self.env._("requests that wait for HTTP workers"),
            "machine": self.env._("the load of the machine"),
            "postgresql": self.env._("the active sessions of PostgreSQL"),
        }
        return ", ".join(names[word] for word in words) or self.env._("overload")

    def _say_place(self, reason):
        before = formatLang(self.env, reason.place - 1, digits=0)
        if reason.is_further:
            place = self.env._(
                "More than %s jobs of its channel come before it.", before
            )
        else:
            number = formatLang(self.env, reason.place, digits=0)
            place = self.env._("It is number %s in its channel.", number)
        if reason.seconds is not None:
            place += " " + self.env._(
                "It may begin in %s.", self._lasting(reason.seconds)
            )
        if reason.until is not None:
            rest = self.env._(
                "Channel %(channel)s rests until %(when)s.",
                channel=reason.channel,
                when=self._moment(reason.until),
            )
            return f"{place} {rest}"
        if not reason.jobs:
            return place
        running = self.env._(
            "Channel %(channel)s is full with %(jobs)s.",
            channel=reason.channel,
            jobs=self._named(reason.jobs),
        )
        return f"{place} {running}"

    # --- workers ----------------------------------------------------------------------

    def _say_workers_busy(self, reason):
        return self.env._(
            "It was dispatched, and no server process has begun it: all are busy. If"
            " that lasts, it is dispatched again by itself."
        )

    def _say_worker_gone(self, reason):
        return self.env._(
            "The server process that ran it is gone: a runner finds that within"
            " seconds, and has it run again."
        )

    def _say_flaw(self, reason):
        user = self.sudo().user_id.display_name or self.env._("its user")
        call = f"{self.model_name}.{self.method_name}"
        return {
            Flaw.NO_USER: lambda: self.env._("It will fail, for it has no user."),
            Flaw.USER_GONE: lambda: self.env._(
                "It will fail, for its user was deleted: choose another one."
            ),
            Flaw.USER_ARCHIVED: lambda: self.env._(
                "It will fail, for %s is archived: unarchive the user, or choose"
                " another one.",
                user,
            ),
            Flaw.MODEL_GONE: lambda: self.env._(
                "It will fail, for the model of %s is not installed.", call
            ),
            Flaw.METHOD_GONE: lambda: self.env._(
                "It will fail, for there is no method %s.", call
            ),
            Flaw.UNREADABLE: lambda: self.env._(
                "It will fail, for its arguments cannot be read."
            ),
            Flaw.SIGNATURE: lambda: self.env._(
                "It will fail, for %s does not take its arguments.", call
            ),
            Flaw.RECORDS_GONE: lambda: self.env._(
                "It may fail, for records that it is about were deleted."
            ),
        }[reason.flaw]()

    def _say_next(self, reason):
        return self.env._(
            "Nothing in this database keeps it back: it begins at any moment. If it"
            " does not, jobs of other databases take the slots of the server, or"
            " another transaction is changing the job."
        )

    # --- parts of sentences -----------------------------------------------------------

    def _named(self, ids, has_more=False):
        """Name some of the jobs that the user may see, and count the others.

        :param has_more: whether there are more than these
        """
        visible = self._visible(ids)
        states = dict(self._fields["state"]._description_selection(self.env))
        names = [
            f"{job.name or job.uuid} (#{job.id}, {states[job.state]})"
            for job in visible[:_MOST_NAMED]
        ]
        more = len(visible) - len(names)
        if has_more:
            names.append(self.env._("more than %s others", more))
        elif more:
            names.append(self.env._("%s more", more))
        if hidden := len(ids) - len(visible):
            names.append(self.env._("%s of other companies", hidden))
        return ", ".join(names) or self.env._("jobs of other databases")

    def _some(self, words):
        more = len(words) - _MOST_NAMED
        return ", ".join(words[:_MOST_NAMED]) + (", …" if more > 0 else "")

    def _moment(self, seconds):
        """Return a time, in the time zone of the user."""
        moment = datetime.fromtimestamp(seconds, timezone.utc).replace(tzinfo=None)
        return format_datetime(self.env, moment)

    def _lasting(self, seconds):
        if seconds < _MINUTE:
            return self.env._("less than a minute")
        for unit, text in (
            (_DAY, self.env._("about %s days")),
            (_HOUR, self.env._("about %s hours")),
            (_MINUTE, self.env._("about %s minutes")),
        ):
            if seconds >= 2 * unit:
                return text % round(seconds / unit)
        return self.env._("about a minute")
