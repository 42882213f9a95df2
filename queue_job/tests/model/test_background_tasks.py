# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What users see of the jobs they delayed, without any right on jobs."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.job import job
from odoo.addons.queue_job.store import tasks

from .any_state import AnyState
from .case import JobCase, fresh


def export_it(self):
    """Export the partner"""


class TestBackgroundTasks(AnyState, JobCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = new_test_user(cls.env, "another", "base.group_user")

    def setUp(self):
        super().setUp()
        self.put_job(export_it)

    def start(self, user=None, state=State.PENDING, records=None, **columns):
        """A job that a user delayed, in some state; its id."""
        records = self.partner if records is None else records
        delayed = records.with_user(user or self.user).with_delay().export_it()
        record = delayed.db_record()
        self.env.flush_all()
        names = ", ".join(f"{name} = %s" for name in ("state", *columns))
        self.env.cr.execute(
            f"UPDATE queue_job SET {names} WHERE id = %s",  # noqa: S608
            (str(state), *columns.values(), record.id),
        )
        self.env.invalidate_all()
        return record.id

    def seen(self, user=None):
        return self.rpc(user or self.user, "queue.job", "background_tasks")

    def open(self, job_id, user=None):
        user = user or self.user
        return self.rpc(user, "queue.job", "open_background_task", job_id)

    def test_a_user_sees_his_own_and_the_latest_first(self):
        first, last = self.start(), self.start(state=State.DONE)
        self.start(self.other)
        self.assertEqual([task["id"] for task in self.seen()], [last, first])
        self.assertEqual(
            self.seen()[1],
            {
                "id": first,
                "name": "Export the partner",
                "state": "pending",
                "progress": False,
                "text": False,
                "error": False,
            },
        )

    def test_progress_is_told(self):
        job_id = self.start(state=State.STARTED)
        self.env.cr.execute(
            "INSERT INTO queue_job_progress (job_id, attempt, done, total, text)"
            " VALUES (%s, 0, 1, 4, 'Page 1')",
            (job_id,),
        )
        [task] = self.seen()
        self.assertEqual((task["progress"], task["text"]), (25, "Page 1"))

    def test_an_error_for_users_is_shown_and_one_of_a_program_is_not(self):
        self.start(
            state=State.FAILED,
            exc_name="odoo.exceptions.UserError",
            exc_message="Send the file again",
        )
        self.start(state=State.FAILED, exc_name="KeyError", exc_message="'secret'")
        program, own = self.seen()
        self.assertEqual(own["error"], "Send the file again")
        self.assertIn("an administrator", program["error"])
        self.assertNotIn("secret", program["error"])

    def test_a_job_that_an_administrator_gave_to_another_user_stays_his(self):
        job_id = self.start()
        self.env["queue.job"].browse(job_id).user_id = self.other
        self.env.flush_all()
        self.assertEqual([task["id"] for task in self.seen()], [job_id])
        self.assertEqual(self.seen(self.other), [])

    def test_no_more_is_read_than_is_shown(self):
        for _number in range(tasks.MOST + 3):
            self.start()
        self.assertEqual(len(self.seen()), tasks.MOST)

    def test_portal_users_see_none(self):
        portal = new_test_user(self.env, "customer", "base.group_portal")
        with self.assertRaises(AccessError):
            self.open(self.start(), portal)
        self.assertEqual(self.seen(portal), [])

    def test_what_a_task_works_on_is_opened(self):
        action = self.open(self.start())
        self.assertEqual(action["res_model"], "res.partner")
        self.assertEqual(action["res_id"], self.partner.id)
        action = self.open(self.start(records=self.partners))
        self.assertEqual(action["domain"], [("id", "in", self.partners.ids)])

    def test_tasks_of_others_are_not_opened(self):
        for job_id in (self.start(self.other), 0, 2**31 - 1):
            with self.subTest(job_id=job_id), self.assertRaises(AccessError):
                self.open(job_id)

    def test_what_is_gone_is_told(self):
        partner = self.env["res.partner"].create({"name": "Gone"})
        job_id = self.start(records=partner)
        partner.unlink()
        with self.assertRaises(UserError):
            self.open(job_id)

    def test_what_a_user_may_not_read_is_not_opened(self):
        self.put(job(fresh(export_it)), model="queue.job.channel")
        root = self.env.ref("queue_job.channel_root")
        with self.assertRaises(UserError):
            self.open(self.start(records=root))
