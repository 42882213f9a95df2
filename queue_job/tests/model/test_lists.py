# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lists of jobs are right, and stay quick with millions of them."""

import ast
from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.tests import tagged

from odoo.addons.queue_job.core.states import NOT_DONE, State

from ..size import many
from .any_state import AnyState
from .case import JobCase

#: So many that a scan of the table costs more than any index.
_MANY = many(60_000)
#: Columns without a bound.
_TEXTS = ("args", "kwargs", "records", "func_string", "exc_info", "result")


@tagged("post_install", "-at_install")
class TestLists(AnyState, JobCase):
    @property
    def jobs(self):
        return self.env["queue.job"].with_user(self.manager)

    def fields_of(self, name):
        arch = etree.fromstring(self.env.ref(f"queue_job.{name}").arch)
        return [node.get("name") for node in arch.iterfind(".//field")]

    def panel(self, field, **options):
        found = self.jobs.search_panel_select_multi_range(field, **options)
        return {value["id"]: value.get("__count") for value in found["values"]}

    def test_the_panel_offers_the_channels_of_the_jobs_themselves(self):
        find = self.env["queue.job.function"]._find_or_create_channel
        find("root.elsewhere")
        job = self.make_job(channel="root.elsewhere")
        self.assertIn("root.elsewhere", self.panel("channel", limit=200))
        self.assertEqual(self.jobs.search([("channel", "in", ["root.elsewhere"])]), job)

    def test_the_panel_counts_what_is_not_over(self):
        self.make_job_in_each_state()
        domain = [("method_name", "=", "_test_job")]
        options = {"enable_counters": True, "expand": True, "search_domain": domain}
        counts = self.panel("state", **options)
        self.assertEqual(list(counts), list(State))
        self.assertEqual({s for s, count in counts.items() if count}, NOT_DONE)

    def test_a_page_of_jobs_does_not_carry_their_arguments(self):
        texts = {"func_string": "f" * 2**20, "exc_message": "e" * 2**20}
        job = self.make_job(State.FAILED, **texts)
        for view in ("view_queue_job_tree", "view_queue_job_kanban"):
            names = self.fields_of(view)
            self.assertFalse({*_TEXTS, "exc_message"}.intersection(names), view)
            found = self.jobs.web_search_read(
                [("id", "=", job.id)], {name: {} for name in names}
            )
            self.assertLess(len(str(found)), 5000, view)
            self.assertEqual(found["records"][0]["exc_short"], "e" * 200)

    def test_the_failures_of_the_last_hour_and_day_are_found(self):
        now = fields.Datetime.now()
        ages = {"minutes": 59, "hours": 23, "days": 2}
        failed = [
            self.make_job(State.FAILED, date_failed=now - timedelta(**{unit: number}))
            for unit, number in ages.items()
        ]
        search = etree.fromstring(self.env.ref("queue_job.view_queue_job_search").arch)
        for name, count in (("failed_last_hour", 1), ("failed_last_day", 2)):
            domain = search.find(f".//filter[@name='{name}']").get("domain")
            found = self.jobs.search(ast.literal_eval(domain)).sorted("id")
            self.assertEqual(found.ids, [job.id for job in failed[:count]], name)

    def test_dates_are_found_by_a_part_of_their_text(self):
        job = self.make_job(State.FAILED, date_failed="2001-02-03 04:05:06")
        found = self.jobs.search([("date_failed", "ilike", "2001-02-")])
        self.assertEqual(found, job)

    def test_what_is_hidden_is_not_read_along(self):
        columns = self.env["queue.job"]._fields
        for name in _TEXTS:
            self.assertFalse(columns[name].prefetch, name)

    def fill(self):
        """So many jobs that are done, and some that are not."""
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO queue_job (uuid, name, state, priority, channel, date_created,"
            " model_name, method_name, exc_name, exc_message)"
            " SELECT 'many-' || n, 'One of many', CASE WHEN n %% 200 > 0 THEN 'done'"
            " ELSE (ARRAY['pending', 'failed', 'wait_dependencies', 'cancelled'])"
            "[1 + n / 200 %% 4] END, 10, 'root.' || n %% 10,"
            " now() AT TIME ZONE 'UTC', 'res.partner', 'm', 'ValueError', 'no'"
            " FROM generate_series(1, %s) n",
            (_MANY,),
        )
        self.env.cr.execute("ANALYZE queue_job")

    def plan(self, query):
        self.env.cr.execute("EXPLAIN " + query.select().code, query.select().params)
        return "\n".join(line for (line,) in self.env.cr.fetchall())

    def test_no_list_reads_the_whole_table(self):
        self.fill()
        jobs = self.jobs
        in_state = {state: [("state", "=", state.value)] for state in State}
        del in_state[State.DONE]  # most of them: any order that is known will do
        exception = ["|", ("exc_name", "ilike", "x"), ("exc_message", "ilike", "x")]
        domains = {
            **in_state,
            "default": [("state", "in", [state.value for state in NOT_DONE])],
            "exception": [("state", "in", ("failed", "cancelled")), *exception],
        }
        for what, domain in domains.items():
            with self.subTest(list=what):
                plan = self.plan(jobs._search(domain, order="id desc", limit=80))
                self.assertNotIn("Seq Scan on queue_job", plan)
                self.assertNotIn("queue_job_pkey", plan)
        known = {"queue_job_pkey": [], "queue_job_done_idx": [("state", "=", "done")]}
        for index, domain in known.items():
            with self.subTest(list=index):
                plan = self.plan(jobs._search(domain, order="id desc", limit=80))
                self.assertIn(index, plan)

    def test_jobs_of_a_key_are_counted_by_its_indexes(self):
        self.fill()
        self.env.cr.execute(
            "UPDATE queue_job SET identity_key = 'key-' || (id % 1000)"
            " WHERE name = 'One of many'"
        )
        self.env.cr.execute("ANALYZE queue_job")
        job = self.jobs.search([("identity_key", "=", "key-0")], limit=1)
        plan = self.plan(self.jobs._search(job._of_same_key(), limit=1001))
        self.assertNotIn("Seq Scan on queue_job", plan)
        self.assertIn("identity_key_state_partial_index", plan)
        self.assertIn("identity_superseding_idx", plan)

    def test_lists_are_ordered_by_what_is_indexed(self):
        for view in ("view_queue_job_tree", "view_queue_job_kanban"):
            arch = etree.fromstring(self.env.ref(f"queue_job.{view}").arch)
            self.assertEqual(arch.get("default_order"), "id desc", view)
