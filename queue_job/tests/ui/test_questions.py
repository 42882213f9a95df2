# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The questions of an administrator, and how many clicks lead to the answers: the table
in ``docs/administrators.rst``."""

from odoo.tests import tagged

from odoo.addons.queue_job.core.fingerprint import Fingerprint
from odoo.addons.queue_job.core.runner import sign_of_life
from odoo.addons.queue_job.core.runner.runner_watch import LEADER_KEY
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.db.connection import connect
from odoo.addons.queue_job.store import failures
from odoo.addons.queue_job.store.dispatch import DispatchedJob

from .test_dashboard_page import DashboardCase

_OFTEN = Fingerprint("1" * 16, "OSError", "The shop is closed", "shop/order.py export")
_ONCE = Fingerprint("2" * 16, "KeyError", "no such thing", "shop/order.py import")


@tagged("post_install", "-at_install")
class TestQuestions(DashboardCase):
    def lead(self):
        """Be a runner that leads, as far as PostgreSQL shows it."""
        sessions = [connect(self.env.cr.dbname), connect("postgres")]
        for session in sessions:
            self.addCleanup(session.close)
            with session.cursor() as cr:
                cr.execute("SET application_name = 'runners of the test'")
        own, beat = sessions
        with own.cursor() as cr:
            cr.execute("SELECT pg_advisory_lock(%s)", (LEADER_KEY,))
        about = sign_of_life.spell(
            version="19.0.3.0.0", host="odoo-1", pid=1, address="http://localhost:8069",
            channels="root:4",
        )  # fmt: skip
        with beat.cursor() as cr:
            cr.execute("SELECT %s", [about])
        self.env.cr.execute("SELECT pg_stat_clear_snapshot()")

    def fail(self):
        other = self.make_named("Another failure", State.FAILED)
        for job, seen, times in ((self.failed, _OFTEN, 7), (other, _ONCE, 1)):
            for _time in range(times):
                failures.note(
                    self.env.cr, DispatchedJob(job.id, job.uuid, job.attempt), seen
                )
        self.env.cr.execute(
            "UPDATE queue_job SET date_failed = now() AT TIME ZONE 'UTC' WHERE id = %s",
            [self.failed.id],
        )
        self.env.invalidate_all()

    def test_each_is_answered(self):
        self.make_tasks()
        self.lead()
        self.fail()
        functions = self.env["queue.job.function"]
        admin = self.env.ref("base.user_admin")
        functions._find_or_create_channel("root.mail").with_user(admin).pause()
        self.env.cr.execute(
            "UPDATE queue_job SET date_started = now() AT TIME ZONE 'UTC'"
            " - interval '5 minutes' WHERE id = %s",
            [self.running.id],
        )
        self.env.invalidate_all()
        self.walk("queue_job_questions", "/odoo/queue-job")
        self.assertEqual(self.state_of(self.failed), State.PENDING)
