# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an administrator does in the web client, in a real browser."""

from odoo.tests import HttpCase, tagged
from odoo.tools import file_path, mute_logger

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.delay import chain, group

from ..model.any_state import AnyState

#: Debian's package of Odoo lacks this file, and each page complains of it.
LACKING = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


class WithoutLackingAssets(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            file_path(LACKING)
        except FileNotFoundError:
            values = {"directive": "remove", "bundle": "web.assets_backend"}
            cls.env["ir.asset"].create({**values, "name": "lack", "path": LACKING})


class WebClientCase(AnyState, WithoutLackingAssets):
    def setUp(self):
        super().setUp()
        self.env["queue.job.function"]._find_or_create_channel("root.shop")
        self.done = self.make_named("A job well done", State.DONE)
        self.waiting = self.make_named("A waiting job", State.PENDING)
        self.running = self.make_named("A running job", State.STARTED)
        self.failed = self.make_named(
            "A broken job",
            State.FAILED,
            retry=2,
            exc_name="ConnectionError",
            exc_message="The shop is closed",
            exc_info="Traceback of the last try\n  File x",
        )
        self.env["queue.job.attempt"].create(
            [
                self.attempt(1, "First refusal", "Traceback of the first try"),
                self.attempt(2, "Second refusal", "Traceback of the last try"),
            ]
        )

    def make_named(self, name, state, **columns):
        return self.make_job(state, name=name, channel="root.shop", **columns)

    def attempt(self, number, message, traceback):
        return {
            "job_id": self.failed.id,
            "number": number,
            "exc_name": "ConnectionError",
            "exc_message": message,
            "exc_info": traceback,
        }

    def make_graph(self):
        """One job, many after it, and one after these; the record of the last one."""
        jobs = self.env["queue.job"]

        def call(description):
            return jobs.delayable(description=description)._test_job()

        first, last = call("Prepare everything"), call("Tell of it")
        many = [call("Export an order") for _n in range(30)]
        chain(first, group(*many), last).delay()
        first._generated_job.db_record().button_done()
        many[0]._generated_job.db_record().button_done()
        return last._generated_job.db_record()

    def walk(self, tour, url="/odoo"):
        self.start_tour(url, tour, login="admin", timeout=180)

    def tell_progress(self, job):
        self.env.cr.execute(
            "INSERT INTO queue_job_progress (job_id, attempt, done, total, text)"
            " VALUES (%s, 0, 40, 100, 'Page 40')",
            (job.id,),
        )

    def make_tasks(self):
        """Jobs of the administrator who walks."""
        jobs = self.running | self.failed | self.waiting
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET user_id = %s, exc_name = %s WHERE id = ANY(%s)",
            (
                self.env.ref("base.user_admin").id,
                "odoo.exceptions.UserError",
                jobs.ids,
            ),
        )
        self.env.invalidate_all()
        self.tell_progress(self.running)

    def waiting_channel(self):
        channel = self.env["queue.job.channel"].search(
            [("complete_name", "=", self.waiting.channel)]
        )
        channel.invalidate_recordset()
        return channel

    def state_of(self, job):
        job.invalidate_recordset()
        return job.state


@tagged("post_install", "-at_install")
class TestWebClient(WebClientCase):
    def test_a_failed_job_is_found_read_and_requeued(self):
        self.walk("queue_job_requeue_failed")
        self.assertEqual(self.state_of(self.failed), State.PENDING)
        self.assertEqual(self.failed.retry, 0)

    def test_several_jobs_are_set_to_done(self):
        self.walk("queue_job_set_done")
        self.assertEqual(self.state_of(self.failed), State.DONE)
        self.assertEqual(self.state_of(self.waiting), State.DONE)
        self.assertEqual(self.state_of(self.running), State.STARTED)

    def test_everything_that_matches_is_requeued(self):
        flood = [self.make_named("One of many", State.FAILED) for _n in range(100)]
        self.walk("queue_job_requeue_all")
        self.assertEqual({self.state_of(job) for job in flood}, {State.PENDING})

    def test_a_waiting_job_is_planned_anew_and_cancelled(self):
        self.walk("queue_job_cancel")
        self.assertEqual(self.state_of(self.waiting), State.CANCELLED)
        self.assertEqual(self.waiting.priority, 3)

    def test_jobs_are_looked_at_by_channel(self):
        self.walk("queue_job_group_by_channel")

    def test_a_retry_pattern_is_corrected(self):
        url = "/odoo/action-queue_job.action_queue_job_function"
        with mute_logger("odoo.http"):  # the first pattern typed is refused
            self.walk("queue_job_function", url)
        function = self.env.ref("queue_job.job_function_queue_job__test_job")
        function.invalidate_recordset()
        self.assertEqual(function.edit_retry_pattern, "{1: 10, 5: (60, 120)}")

    def test_a_channel_is_made_below_another(self):
        self.walk(
            "queue_job_channel", "/odoo/action-queue_job.action_queue_job_channel"
        )
        domain = [("complete_name", "=", "root.shop.invoices")]
        self.assertTrue(self.env["queue.job.channel"].search(domain))

    def test_a_channel_is_paused_and_resumed(self):
        self.walk("queue_job_pause", "/odoo/action-queue_job.action_queue_job_channel")
        channel = self.waiting_channel()
        self.assertFalse(channel.is_paused)
        self.assertEqual(channel.capacity_limit, 2)

    def test_a_user_looks_at_his_background_tasks(self):
        self.make_tasks()
        self.walk("queue_job_tasks")

    def test_a_running_job_shows_its_progress(self):
        self.tell_progress(self.running)
        self.walk("queue_job_progress", f"/odoo/queue-jobs/{self.running.id}")

    def test_a_graph_is_looked_at_and_walked_through(self):
        last = self.make_graph()
        self.walk("queue_job_graph", f"/odoo/queue-jobs/{last.id}")
        self.assertEqual(self.state_of(last), State.CANCELLED)


@tagged("post_install", "-at_install")
class TestWebClientOnPhone(WebClientCase):
    browser_size = "375x667"
    touch_enabled = True

    def test_a_failed_job_is_requeued_on_the_way(self):
        self.walk("queue_job_phone", "/odoo/action-queue_job.action_queue_job")
        self.assertEqual(self.state_of(self.failed), State.PENDING)

    def test_a_user_looks_at_his_background_tasks_on_the_way(self):
        self.make_tasks()
        self.walk("queue_job_tasks")

    def test_a_channel_is_paused_on_the_way(self):
        self.walk(
            "queue_job_pause_phone", "/odoo/action-queue_job.action_queue_job_channel"
        )
        self.assertTrue(self.waiting_channel().is_paused)

    def test_a_graph_is_walked_through_on_the_way(self):
        last = self.make_graph()
        self.walk("queue_job_graph_phone", f"/odoo/queue-jobs/{last.id}")
