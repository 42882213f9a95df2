# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs inside an Odoo test: methods to delay, and the worker's part of running them."""

from types import FunctionType
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.queue_job.controllers.main import RunJobController
from odoo.addons.queue_job.core.protocol import RunRequest
from odoo.addons.queue_job.job import job
from odoo.addons.queue_job.store import dispatch
from odoo.addons.queue_job.worker import executor
from odoo.addons.queue_job.worker.attempt import Steps

WORKER_LOGGER = "odoo.addons.queue_job.controllers.main"


def fresh(func):
    """A copy of a function without the marks of its decorators."""
    copy = FunctionType(
        func.__code__, func.__globals__, func.__name__, func.__defaults__,
        func.__closure__,
    )  # fmt: skip
    copy.__doc__ = func.__doc__
    copy.__kwdefaults__ = func.__kwdefaults__
    return copy


@tagged("post_install", "-at_install")
class JobCase(TransactionCase):
    """Delays methods of partners; each test puts its own method there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"].create([{"name": "A"}, {"name": "B"}])
        cls.partner = cls.partners[0]
        cls.user = new_test_user(cls.env, "somebody", "base.group_user")
        cls.manager = new_test_user(
            cls.env,
            "queue manager",
            "base.group_user,queue_job.group_queue_job_manager",
        )

    def put(self, func, model="res.partner"):
        """Make ``func`` a method of a model for the duration of the test."""
        self.put_on(self.registry[model], func.__name__, func)
        return func

    def put_on(self, place, name, value):
        patcher = patch.object(place, name, value, create=True)
        patcher.start()
        self.addCleanup(patcher.stop)

    def put_job(self, func, **options):
        """Make ``func`` a method of partners that may be delayed."""
        return self.put(job(fresh(func), **options))

    def delay(self, func, *args, records=None, options=None, **kwargs):
        """Put ``func`` on partners and delay it; return the stored ``Job``."""
        self.put_job(func)
        records = self.partner if records is None else records
        delayed = records.with_delay(**(options or {}))
        return getattr(delayed, func.__name__)(*args, **kwargs)

    def rpc(self, user, model, method, *args, **kwargs):
        """Call a method as a client does."""
        records = self.env[model].with_user(user).sudo(False)
        return call_kw(records, method, args, kwargs)

    def dispatch(self, delayed):
        """What the runner does: one more dispatch. Return its number."""
        self.env.flush_all()
        record = delayed.db_record()
        [dispatched_job] = dispatch.enqueue(self.env.cr, record.ids)
        record.invalidate_recordset()
        return dispatched_job.attempt

    def run_under(self, delayed, attempt):
        """What the worker does: run the dispatch. Return the outcome."""
        return self.run_together([delayed], [attempt])[0]

    def run_together(self, jobs, attempts, stops_at_failure=False, **options):
        """Run several dispatches, one after the other. Return their outcomes."""
        env = self.env(user=SUPERUSER_ID, context={})
        uuids = [delayed.uuid for delayed in jobs]
        options.setdefault("wait", lambda seconds: None)
        steps = Steps(RunJobController()._try_perform_job, **options)
        asked = RunRequest(tuple(uuids), tuple(attempts), stops_at_failure)
        answer = executor.run_batch(env, asked, steps)
        self.env["queue.job"].invalidate_model()
        return [answer.outcomes[uuid] for uuid in uuids]

    def run_job(self, delayed):
        """Hand the job out and run it. Return the outcome."""
        self.env.registry.clear_cache()  # as in a worker that runs its first job
        return self.run_under(delayed, self.dispatch(delayed))

    def run_failing(self, delayed):
        """Run a job that has to fail; return what was logged of it."""
        with self.assertLogs(WORKER_LOGGER, "ERROR") as logged:
            self.assertEqual(self.run_job(delayed), "failed")
        return "\n".join(logged.output)
