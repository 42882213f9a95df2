# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What goes wrong with job queues in practice, looked for: the page *Health*, the
command ``odoo queue_job doctor`` and alerts ask here."""

import time

from odoo import models
from odoo.tools import config

from ..config import goes_past_pooler, setting, thresholds
from ..core.channels.config import root_most
from ..core.diagnosis import Condition, diagnose
from ..core.explanation.facts import Flaw
from ..core.health import judge, sort
from ..delaying.aliases import is_there, renamed
from ..store import health

#: How many of the first jobs that wait are looked at, and of how many of each function
#: also the arguments and records.
_MOST_EXAMINED, _SAMPLE = 5_000, 50


class QueueJobDoctor(models.AbstractModel):
    """Collects facts; ``core`` judges them. Nothing of it can be called by
    clients, and nothing is written."""

    _name = "queue.job.doctor"
    _description = "Health of the Job Queue"

    def _examine(self, address_error=""):
        """Return all findings, the worst first.

        :param address_error: why Odoo does not answer where a runner would ask it
        """
        self.env.flush_all()
        limits = thresholds()
        found = judge(health.read(self.env.cr), limits)
        return sort([*found, *diagnose(self._condition(address_error), limits)])

    def _in_words(self, finding):
        """Return what is wrong, and the cure, in the language of the user."""
        template, cure = finding.template, finding.cure_template
        return (
            self.env._(template, **finding.values),
            self.env._(cure, **finding.values),
        )

    def _condition(self, address_error):
        cr = self.env.cr
        capacity, channels_error = self._root_capacity()
        gone, unrecorded = self._functions()
        live, dead = health.table_rows(cr)
        time_there, backend = health.session(cr)
        return Condition(
            marked_modules=health.marked_modules(cr),
            missing_triggers=health.missing_triggers(cr),
            missing_indexes=health.missing_indexes(cr, self._declared_indexes()),
            transactions=health.old_transactions(cr),
            live_rows=live,
            dead_rows=dead,
            clock_difference=time.time() - time_there,
            is_pooled=self._is_pooled(backend),
            channels_error=channels_error,
            root_capacity=capacity,
            http_workers=config["workers"],
            is_server_wide="queue_job" in config["server_wide_modules"],
            address_error=address_error,
            gone_functions=gone,
            unrecorded_functions=unrecorded,
            unrunnable=self._unrunnable(),
        )

    def _unrunnable(self):
        """Tell what else keeps some of the first waiting jobs from running, by
        function."""
        troubles = self.env["queue.job"]._examine_waiting(_SAMPLE, _MOST_EXAMINED)
        return [
            f"{found.function}: {found.flaw.value}"
            for found in troubles
            if found.flaw not in (Flaw.MODEL_GONE, Flaw.METHOD_GONE)
        ]

    def _root_capacity(self):
        try:
            return root_most(setting("channels") or "root:1"), ""
        except ValueError as error:
            return 1, str(error)

    def _is_pooled(self, backend):
        """Tell whether the session that answers is not the one that was opened: then
        something shares sessions, and the queue's own go through it, too."""
        opened = self.env.cr._cnx.info.backend_pid
        return opened != backend and not goes_past_pooler()

    def _declared_indexes(self):
        """Return the names of the indexes that the model declares."""
        objects = self.env["queue.job"]._table_objects
        return [
            name for name, made in objects.items() if isinstance(made, models.Index)
        ]

    def _functions(self):
        """Functions of waiting jobs: those the code does not have, those without a
        record."""
        gone, known = [], []
        for model, method in health.waiting_functions(self.env.cr):
            name = self.env["queue.job.function"].job_function_name(model, method)
            now = renamed(self.env, model, method) or (model, method)
            there = is_there(self.env, *now)
            (known if there else gone).append(name)
        recorded = self.env["queue.job.function"].sudo().search([("name", "in", known)])
        return gone, sorted(set(known) - set(recorded.mapped("name")))
