# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which jobs that wait cannot run with the code as it is."""

from collections import Counter
from types import FunctionType

from odoo.tools.misc import split_every

from ...core.calls import refusal_of
from ...core.explanation.facts import Flaw
from ...core.runnable import Troubles
from ...delaying.aliases import is_there, renamed
from ...delaying.decorators import origin_of
from ...fields import from_plain
from ...store import runnable
from ...worker.perform import user_flaw
from ..part import ModelPart

#: Jobs of a function whose arguments and records are looked at, unless all are.
SAMPLE = 1_000
#: ... that are looked at together.
_TOGETHER = 500
#: Records of one job that are looked for.
_MOST_RECORDS = 1_000


class JobRunnable(ModelPart):
    """The part of ``queue.job`` that looks for jobs which would fail for certain."""

    _name = "queue.job"
    _register = False

    def _examine_waiting(self, sample=SAMPLE, most=None):
        """Look through what waits: of each job at its function and its user, of some of
        each function at arguments and records, too.

        Nothing is run or written. Called by the command line and by the doctor.

        :param sample: so many of each function; ``None``: all
        :param most: so many jobs in all; ``None``: all
        :return: :class:`~..core.runnable.Troubles`
        """
        self.flush_model()
        troubles, examined, users, after = Troubles(), Counter(), {}, 0
        at_once = min(most or runnable.MOST_AT_ONCE, runnable.MOST_AT_ONCE)
        while groups := runnable.groups(
            self.env.cr, after, at_once, at_once if sample is None else sample
        ):
            for group in groups:
                name = (group.model_name, group.method_name)
                room = None if sample is None else max(sample - examined[name], 0)
                examined[name] += self._examine_group(troubles, group, users, room)
                after = max(after, group.last_id)
            if most and troubles.waiting >= most:
                break
        return troubles

    def _examine_group(self, troubles, group, users, room):
        """Look at waiting jobs of one function and user.

        :param users: flaws of the users seen so far, by id
        :param room: of how many calls the inside is looked at
        :return: of how many it was
        """
        troubles.waiting += group.jobs
        function = self._function_named(group)
        flaw = self._gone(group) or self._flaw_of_user(group.user_id, users)
        if flaw:
            [example] = runnable.calls(self.env.cr, group.ids[:1]) or [None]
            if example:
                troubles.add(flaw, function, example.uuid, group.jobs)
            return 0
        ids = group.ids[:room]
        for part in split_every(_TOGETHER, ids, list):
            calls = runnable.calls(self.env.cr, part)
            missing = self._missing_records(calls)
            for call in calls:
                found = self._flaw_of_call(call, missing)
                if found:
                    troubles.add(found[0], function, call.uuid, detail=found[1])
        troubles.examined += len(ids)
        return len(ids)

    def _function_named(self, call):
        functions = self.env["queue.job.function"]
        return functions.job_function_name(call.model_name, call.method_name)

    def _called(self, call):
        """Return (model, method) that a job calls with the code as it is."""
        named = (call.model_name, call.method_name)
        return renamed(self.env, *named) or named

    def _gone(self, call):
        model, method = self._called(call)
        if model not in self.env:
            return Flaw.MODEL_GONE
        return None if is_there(self.env, model, method) else Flaw.METHOD_GONE

    def _flaw_of_user(self, user_id, known):
        if not user_id:
            return None  # the records say whose they are
        if user_id not in known:
            known[user_id] = user_flaw(self.env["res.users"].sudo().browse(user_id))
        return known[user_id]

    def _missing_records(self, calls):
        """Return {model: ids that are gone} of the records of jobs."""
        wanted = {}
        for call in calls:
            wanted.setdefault(self._called(call)[0], set()).update(_ids_of(call))
        return {
            model: ids - set(self._there(model, sorted(ids)))
            for model, ids in wanted.items()
        }

    def _there(self, model, ids):
        records = self.env[model].sudo().browse(ids)
        return ids if records._abstract else records.exists()._ids

    def _flaw_of_call(self, call, missing):
        """Return (flaw, detail) of what a job calls; ``None`` where it can run."""
        model, method = self._called(call)
        try:
            args = from_plain(call.args, self.env) or ()
            kwargs = from_plain(call.kwargs, self.env) or {}
            refusal = self._refusal(model, method, args, kwargs)
        except Exception as error:  # whatever rows of others hold
            return Flaw.UNREADABLE, f"{type(error).__name__}: {error}"
        if refusal:
            return Flaw.SIGNATURE, f"it {refusal}"
        gone = sorted(missing[model].intersection(_ids_of(call)))
        if gone:
            return Flaw.RECORDS_GONE, f"{model}({', '.join(map(str, gone[:5]))})"
        return None

    def _refusal(self, model, method, args, kwargs):
        func = getattr(self.env.registry[model], method)
        if not isinstance(func, FunctionType):
            return None
        return refusal_of(origin_of(func), (self.env[model], *args), kwargs)


def _ids_of(call):
    """Ids of the records of a job that can be looked for."""
    records = call.records if isinstance(call.records, dict) else {}
    ids = records.get("ids")
    some = ids[:_MOST_RECORDS] if isinstance(ids, list) else []
    return [id_ for id_ in some if type(id_) is int]
