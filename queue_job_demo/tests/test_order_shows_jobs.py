# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the form of an order shows of its jobs, by ``queue.job.mixin``."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.queue_job.job import Job
from odoo.addons.queue_job.models.queue_job import records
from odoo.addons.queue_job.store import job_records


@tagged("post_install", "-at_install")
class TestOrderShowsJobs(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        orders = cls.env["queue.job.demo.order"]
        cls.order, cls.other = orders.create([{"name": "O1"}, {"name": "O2"}])
        cls.user = new_test_user(cls.env, "clerk", "base.group_user")
        cls.viewer = new_test_user(
            cls.env, "viewer", "base.group_user,queue_job.group_queue_job_user"
        )

    def shown(self, order=None, user=None):
        order = (order or self.order).with_user(user or self.user)
        order.invalidate_recordset()
        return (order.job_count, order.job_banner or None, order.job_progress)

    def put(self, job, state):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET state = %s WHERE uuid = %s", (state, job.uuid)
        )
        self.env.invalidate_all()

    def test_an_order_without_jobs_shows_nothing(self):
        self.assertEqual(self.shown(), (0, None, 0))
        self.assertFalse(self.order.has_running_job)

    def test_what_waits_and_runs_is_shown_to_everybody(self):
        job = self.order.with_delay().export()
        self.assertEqual(self.shown(), (1, "Waits to run: Export an order", 0))
        self.put(job, "started")
        self.assertEqual(self.shown(), (1, "Running: Export an order", 0))
        self.assertEqual(self.shown(self.other), (0, None, 0))
        self.put(job, "failed")
        self.assertEqual(self.shown(), (0, None, 0))

    def test_a_job_of_very_many_records_is_shown_on_the_first_ones(self):
        with patch.object(records, "MOST_LINKED", 1):
            (self.order | self.other).with_delay().export()
        self.assertEqual((self.shown()[0], self.shown(self.other)[0]), (1, 0))

    def test_the_running_job_is_named_with_its_progress(self):
        self.order.with_delay().confirm()
        running = self.order.with_delay().print_catalogue(4)
        self.order.with_delay().export()
        self.put(running, "started")
        self.env.cr.execute(
            "INSERT INTO queue_job_progress (job_id, attempt, done, total)"
            " VALUES (%s, 0, 2, 5)",
            (running.row_id,),
        )
        banner = "Running: Print a catalogue, 40 %"
        self.assertEqual(self.shown(), (3, banner, 40))

    def test_a_job_on_several_orders_is_shown_on_each(self):
        (self.order + self.other).with_delay().confirm_all()
        orders = (self.order + self.other).with_user(self.user)
        self.assertEqual(orders.mapped("job_count"), [1, 1])

    def test_a_list_of_orders_is_read_in_one_query(self):
        orders = self.env["queue.job.demo.order"].create(
            [{"name": str(number)} for number in range(20)]
        )
        orders.with_delay_each().confirm()
        self.env.flush_all()
        orders = orders.with_user(self.user)
        self.assertTrue(orders.env.companies)  # read once in a request
        with self.assertQueryCount(1):
            self.assertEqual(set(orders.mapped("job_count")), {1})

    def test_orders_are_found_by_their_jobs(self):
        job = self.order.with_delay().export()
        orders = self.env["queue.job.demo.order"].with_user(self.user)
        ours = [("id", "in", (self.order + self.other).ids)]

        def found(operator, value):
            return orders.search([*ours, ("has_running_job", operator, value)])

        self.assertEqual(found("=", True).ids, self.order.ids)
        self.assertEqual(found("=", False).ids, self.other.ids)
        self.assertEqual(found("!=", True).ids, self.other.ids)
        self.put(job, "done")
        self.assertFalse(found("=", True))

    def test_they_are_found_as_well_where_jobs_are_many(self):
        with patch.object(job_records, "MOST_NAMED", 0):
            self.test_orders_are_found_by_their_jobs()
            self.test_duplicates_count_as_the_job_they_became_one_with()
            self.order.with_delay().export()
            shown = (self.order + self.other).filtered_domain(
                [("has_running_job", "=", True)]
            )
            self.assertIn(self.order, shown)

    def test_jobs_of_other_companies_are_counted_and_not_named(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.order.with_company(elsewhere).with_delay().export()
        self.assertEqual(theirs.db_record().company_id, elsewhere)
        banner = "Waits to run: a job of another company"
        self.assertEqual(self.shown(), (1, banner, 0))
        self.order.with_company(self.user.company_id).with_delay().confirm()
        self.assertEqual(self.shown()[:2], (2, "Waits to run: Confirm an order"))
        self.put(theirs, "started")
        banner = "Running: a job of another company"
        self.assertEqual(self.shown()[:2], (2, banner))
        self.user.company_ids += elsewhere
        order = self.order.with_user(self.user).with_context(
            allowed_company_ids=self.user.company_ids.ids
        )
        order.invalidate_recordset()
        self.assertEqual(order.job_banner, "Running: Export an order")

    def test_duplicates_count_as_the_job_they_became_one_with(self):
        kept = self.other.with_delay().export()
        job = self.order.with_delay().export()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET state = 'done', same_as = %s WHERE uuid = %s",
            (kept.uuid, job.uuid),
        )
        self.assertEqual(self.shown()[0], 1)
        domain = [("id", "=", self.order.id), ("has_running_job", "=", True)]
        orders = self.env["queue.job.demo.order"].with_user(self.user)
        self.assertEqual(orders.search(domain).ids, self.order.ids)

    def test_only_those_who_may_see_jobs_get_at_them(self):
        job = self.order.with_delay().export()
        record = job.db_record()
        self.assertEqual(self.order.with_user(self.viewer).job_ids.ids, record.ids)
        action = self.order.with_user(self.viewer).open_jobs()
        jobs = self.env["queue.job"].with_user(self.viewer)
        self.assertEqual(jobs.search(action["domain"]).ids, record.ids)
        clerks = self.order.with_user(self.user)
        with self.assertRaises(AccessError):
            clerks.open_jobs()
        with self.assertRaises(AccessError):
            clerks.read(["job_ids"])

    def test_jobs_of_other_companies_stay_with_these(self):
        other = self.env["res.company"].create({"name": "Another company"})
        self.env.user.company_ids = [Command.link(other.id)]
        self.order.with_company(other).with_delay().export()
        self.assertFalse(self.order.with_user(self.viewer).job_ids)

    def test_the_latest_jobs_are_shown_after_their_end(self):
        job = self.order.with_delay().export()
        Job.load(self.env, job.uuid).perform()
        self.put(job, "done")
        self.assertEqual(self.order.job_ids, job.db_record())

    def test_the_links_go_with_the_job(self):
        job = self.order.with_delay().export()
        links = [("job_id", "=", job.row_id)]
        self.assertTrue(self.env["queue.job.record"].search(links))
        job.db_record().unlink()
        self.assertFalse(self.env["queue.job.record"].search(links))

    def test_models_that_do_not_ask_for_it_pay_nothing(self):
        self.env["my.model"].create({"name": "x"}).with_delay().my_method("a", k=2)
        self.assertFalse(self.env["queue.job.record"].search([]))


@tagged("post_install", "-at_install")
class TestViewer(TransactionCase):
    """Who may see jobs, and no more."""

    def test_a_viewer_reads_jobs_and_moves_none(self):
        viewer = new_test_user(
            self.env, "viewer", "base.group_user,queue_job.group_queue_job_user"
        )
        order = self.env["queue.job.demo.order"].create({"name": "O1"})
        job = order.with_delay().export().db_record().with_user(viewer)
        self.assertEqual(job.state, "pending")
        for button in ("button_done", "button_cancelled", "requeue"):
            with self.subTest(button=button), self.assertRaises(AccessError):
                getattr(job, button)()
        with self.assertRaises(AccessError):
            job.priority = 1
        menus = self.env["ir.ui.menu"].with_user(viewer)._visible_menu_ids()
        self.assertIn(self.env.ref("queue_job.menu_queue_job").id, menus)
        self.assertNotIn(self.env.ref("queue_job.menu_adopt_jobs").id, menus)
