# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What users see of the jobs they delayed, without any right on jobs."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import current_job, job
from odoo.addons.queue_job.models.queue_job.tasks import END_NOTIFICATION
from odoo.addons.queue_job.store import tasks

from .any_state import AnyState
from .case import WORKER_LOGGER, JobCase, fresh


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
                "parts": False,
            },
        )

    def test_those_that_run_come_first_however_old_they_are(self):
        running = self.start(state=State.STARTED)
        newer = [self.start(state=State.DONE) for _number in range(tasks.MOST)]
        shown = [task["id"] for task in self.seen()]
        self.assertEqual(shown, [running, *reversed(newer[1:])])

    def test_jobs_of_a_graph_are_one_task(self):
        alone = self.start()
        graph = {"graph_uuid": "g1"}
        done = [self.start(state=State.DONE, **graph) for _number in range(2)]
        waiting = self.start(state=State.WAIT_DEPENDENCIES, **graph)
        self.start(self.other, state=State.STARTED, **graph)

        def told():
            return [(task["id"], task["parts"]) for task in self.seen()]

        parts = {"total": 3, "done": 2, "failed": 0}
        self.assertEqual(told(), [(waiting, parts), (alone, False)])
        self.env.cr.execute(
            "UPDATE queue_job SET state = 'failed' WHERE id = %s", done[:1]
        )
        parts = {"total": 3, "done": 1, "failed": 1}
        self.assertEqual(told(), [(done[0], parts), (alone, False)])
        with patch.object(tasks, "LOOKED_AT", 3):  # not all of the graph
            self.assertEqual(told(), [(waiting, False)])
            [task] = self.seen()
            self.assertEqual(task["state"], "failed", "as one of the others is")

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


class TestEndsThatAreTold(JobCase):
    """The user who delayed a job hears of its end where he is."""

    def setUp(self):
        super().setUp()
        self.sent = []
        self.put_on(self.registry["bus.bus"], "_sendone", self.note)

    def note(self, channel, kind, message):
        if kind == END_NOTIFICATION:
            self.sent.append((channel, message))

    def raising(self, error):
        def fail_it(self):
            raise error

        return fail_it

    def run_as(self, user, func, **options):
        self.put_job(func, **options)
        delayed = getattr(self.partner.with_user(user).with_delay(), func.__name__)()
        return delayed, self.run_job(delayed)

    def test_a_job_whose_method_says_so_is_told(self):
        delayed, end = self.run_as(self.user, export_it, notify_user=True)
        self.assertEqual(end, "done")
        told = {
            "id": delayed.db_record().id, "name": "Export the partner", "state": "done",
            "error": False,
        }  # fmt: skip
        self.assertEqual(self.sent, [(self.user.partner_id, told)])

    def test_others_are_not_and_cost_nothing(self):
        with patch.object(self.registry["queue.job"], "_notify_user_of_end") as told:
            self.run_as(self.user, export_it)
        told.assert_not_called()

    def test_a_job_that_told_its_progress_is_told_unless_the_method_says_no(self):
        def count_it(self):
            current_job(self.env).progress(1, 2)

        self.run_as(self.user, count_it)
        self.assertEqual(len(self.sent), 1)
        self.run_as(self.user, count_it, notify_user=False)
        self.assertEqual(len(self.sent), 1)

    def test_what_a_manager_chose_comes_before_what_the_method_says(self):
        partners = self.env["ir.model"]._get("res.partner")
        self.put_job(export_it)
        function = self.env["queue.job.function"].create(
            {"model_id": partners.id, "method": "export_it"}
        )
        for chosen, declared, told in (
            ("always", False, 1),
            ("always", None, 1),
            ("never", True, 0),
            (False, True, 1),
            (False, False, 0),
        ):
            with self.subTest(chosen=chosen, declared=declared):
                function.notify_user = chosen
                says = {} if declared is None else {"notify_user": declared}
                self.run_as(self.user, export_it, **says)
                self.assertEqual(len(self.sent), told)
                self.sent.clear()

    def test_a_failure_is_told_in_words_for_users(self):
        for error, words in (
            (UserError("Send it again"), "Send it again"),
            (ValueError("line 7"), "an administrator has to look at"),
        ):
            func = self.raising(error)
            with self.assertLogs(WORKER_LOGGER, "ERROR"):
                self.run_as(self.user, func, notify_user=True)
            channel, message = self.sent.pop()
            self.assertEqual(
                (channel, message["state"]), (self.user.partner_id, "failed")
            )
            self.assertIn(words, message["error"])
            self.assertNotIn("line 7", message["error"])

    def test_an_attempt_that_is_not_the_last_is_no_end(self):
        func = self.raising(RetryableJobError("later"))
        self.assertEqual(self.run_as(self.user, func, notify_user=True)[1], "postponed")
        self.assertFalse(self.sent)

    def test_nobody_is_told_who_has_no_web_client(self):
        customer = new_test_user(self.env, "customer", "base.group_portal")
        for user in (customer, self.env.ref("base.user_root")):
            self.put_job(export_it, notify_user=True)
            delayed = self.partner.with_user(user).sudo().with_delay().export_it()
            self.run_job(delayed)
        self.assertFalse(self.sent)
