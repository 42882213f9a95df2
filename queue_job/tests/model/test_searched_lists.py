# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a list shows is found within seconds, whatever is in the table."""

import ast
from contextlib import contextmanager
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import RedirectWarning
from odoo.sql_db import Cursor
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.queue_job.core.states import NOT_DONE, State
from odoo.addons.queue_job.models.queue_job import lists, search

from ..size import many
from .any_state import AnyState
from .case import JobCase

#: So many that a scan of the table costs more than any index.
_MANY = many(60_000)
_DEFAULT = [("state", "in", [state.value for state in NOT_DONE])]


class SearchCase(AnyState, JobCase):
    @property
    def jobs(self):
        return self.env["queue.job"].with_user(self.manager)

    def page(self, domain, **options):
        return self.jobs.web_search_read(domain, {"name": {}}, **options)

    def ids_of(self, page):
        return [row["id"] for row in page["records"]]


@tagged("post_install", "-at_install")
class TestSearchedLists(SearchCase):
    def setUp(self):
        super().setUp()
        for number in range(7):
            self.make_job(State.FAILED, priority=number % 3, name=f"Mine {number}")
        self.domain = [("name", "=like", "Mine %"), ("state", "=", "failed")]

    def test_a_page_shows_what_a_search_finds(self):
        for order in ("id desc", "name", "priority desc, id", None):
            for offset in (0, 2, 6, 9):
                with self.subTest(order=order, offset=offset):
                    page = self.page(self.domain, order=order, offset=offset, limit=3)
                    found = self.jobs.search(
                        self.domain, order=order, offset=offset, limit=3
                    )
                    self.assertEqual(self.ids_of(page), found.ids)
                    self.assertEqual(page["length"], 7 if found else 0)

    def test_a_count_ends_at_its_limit(self):
        page = self.page(self.domain, limit=3, count_limit=5)
        self.assertEqual(page["length"], 5)
        self.assertEqual(self.page(self.domain, limit=3, count_limit=3)["length"], 3)
        self.assertEqual(self.page(self.domain)["length"], 7)

    def test_a_search_that_lasts_too_long_says_what_is_quicker(self):
        slow = [("id", "in", SQL("(SELECT length(pg_sleep(60)::text))"))]
        with patch.object(search, "_SECONDS", 0.05):
            for find in (
                lambda: self.page(slow, limit=3),
                lambda: self.jobs.name_search("Mine", slow),
            ):
                with self.assertRaisesRegex(RedirectWarning, "Narrow the") as told:
                    find()
        _text, action, _button, _context = told.exception.args
        self.assertEqual(action["res_model"], "queue.job")
        self.env.cr.execute("SHOW statement_timeout")  # the transaction goes on
        self.assertEqual(self.env.cr.fetchall(), [("0",)])

    def test_groups_that_take_too_long_say_what_is_quicker(self):
        slow = [("id", "in", SQL("(SELECT length(pg_sleep(60)::text))"))]
        by_state = (["state"], ["__count"])
        with patch.object(search, "_SECONDS", 0.05):
            for group in (
                lambda: self.jobs.web_read_group(slow, *by_state),
                lambda: self.jobs.formatted_read_group(slow, *by_state),
                lambda: self.jobs.formatted_read_grouping_sets(
                    slow, [[], ["state"]], ["__count"]
                ),
            ):
                with self.assertNoLogs("odoo.sql_db"):
                    with self.assertRaisesRegex(
                        RedirectWarning, "Grouping these"
                    ) as told:
                        group()
                context = told.exception.args[1]["context"]
                self.assertEqual(context["group_by"], ["state"])
                self.env.cr.execute("SHOW statement_timeout")
                self.assertEqual(self.env.cr.fetchall(), [("0",)])

    def test_a_panel_that_takes_too_long_has_no_counts(self):
        found = "(SELECT id FROM queue_job, (SELECT pg_sleep(0.3)) slept)"
        slow = [("id", "in", SQL(found))]
        with patch.object(search, "_SECONDS", 0.05):
            for field, options in (("state", {}), ("company_id", {"limit": 5})):
                with self.subTest(field), self.assertNoLogs("odoo.sql_db"):
                    found = self.jobs.search_panel_select_multi_range(
                        field, enable_counters=True, expand=True,
                        search_domain=slow, **options,
                    )  # fmt: skip
                    self.assertTrue(found["values"])
                    for value in found["values"]:
                        self.assertFalse(value.get("__count"))
        self.env.cr.execute("SHOW statement_timeout")
        self.assertEqual(self.env.cr.fetchall(), [("0",)])

    def test_groups_are_those_that_there_were(self):
        grouped = self.jobs.web_read_group(
            self.domain, ["state"], ["__count"], auto_unfold=True,
            unfold_read_specification={"name": {}},
        )  # fmt: skip
        [group] = grouped["groups"]
        self.assertEqual((group["state"], group["__count"]), ("failed", 7))
        self.assertEqual(len(group["__records"]), 7)

    def test_whoever_chose_to_wait_waits(self):
        slow = [("id", "in", SQL("(SELECT length(pg_sleep(0.2)::text))"))]
        with patch.object(search, "_SECONDS", 0.05):
            with self.assertRaises(RedirectWarning) as caught:
                self.page(slow, limit=3)
            context = caught.exception.args[1]["context"]
            jobs = self.jobs.with_context(**context)
            jobs.web_search_read(slow, {"name": {}}, limit=3)

    def test_jobs_are_found_by_name_the_youngest_first(self):
        found = self.jobs.name_search("Mine", self.domain, limit=2)
        self.assertEqual([name for _id, name in found], ["Mine 6", "Mine 5"])


@tagged("post_install", "-at_install")
class TestPlansOfLists(SearchCase):
    def fill(self):
        """Very many jobs that are done, behind thousands that wait, and some others."""
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO queue_job (uuid, name, state, priority, retry, channel,"
            " date_created, model_name, method_name)"
            " SELECT 'many-' || n, 'One of many',"
            " CASE WHEN n > %(many)s * 0.9 THEN 'pending' WHEN n %% 200 > 0 THEN 'done'"
            " ELSE (ARRAY['failed', 'cancelled', 'wait_dependencies'])"
            "[1 + n / 200 %% 3] END, 10, CASE WHEN n %% 1000 = 1 THEN 3 ELSE 0 END,"
            " 'root.' || n %% 10, now() AT TIME ZONE 'UTC', 'res.partner', 'm'"
            " FROM generate_series(1, %(many)s) n",
            {"many": _MANY},
        )
        self.env.cr.execute("ANALYZE queue_job")

    @contextmanager
    def plans(self):
        """The plans of the queries of the block on jobs, as a list."""
        queries, plans, execute = [], [], Cursor.execute

        def note(cr, query, *args, **kwargs):
            execute(cr, query, *args, **kwargs)
            queries.append(cr._obj.query.decode())

        with patch.object(Cursor, "execute", note):
            yield plans
        for query in queries:
            if 'FROM "queue_job"' in query and query.startswith("SELECT"):
                self.env.cr.execute(SQL("EXPLAIN " + query.replace("%", "%%")))
                plans.append("\n".join(line for (line,) in self.env.cr.fetchall()))

    def first_page(self, domain):
        """What the web client asks for a list."""
        arch = etree.fromstring(self.env.ref("queue_job.view_queue_job_tree").arch)
        names = [node.get("name") for node in arch.iterfind(".//field")]
        return self.jobs.web_search_read(
            domain, {name: {} for name in names},
            limit=80, order=arch.get("default_order"), count_limit=10001,
        )  # fmt: skip

    def filters(self):
        """The filters of the search, by name, that are no choice of dates."""
        arch = etree.fromstring(self.env.ref("queue_job.view_queue_job_search").arch)
        return {
            node.get("name"): node.get("domain")
            for node in arch.iterfind(".//filter[@domain]")
        }

    def assert_no_scan(self, plans):
        self.assertTrue(plans)
        for plan in plans:
            self.assertNotIn("Seq Scan on queue_job", plan)

    def test_the_pages_of_no_filter_read_the_whole_table(self):
        self.fill()
        for name, domain in self.filters().items():
            with self.subTest(filter=name), self.plans() as plans:
                self.first_page(domain_of(domain))
            self.assert_no_scan(plans)

    def test_what_is_retried_and_what_is_done_have_an_index(self):
        self.fill()
        for name in ("retried", "done"):
            with self.plans() as plans:
                self.first_page(domain_of(self.filters()[name]))
            self.assertIn(f"queue_job_{name}_idx", plans[0])

    def test_pages_and_counts_are_told_by_an_index_alone(self):
        self.fill()
        domains = {
            "default": _DEFAULT,
            "a channel": [*_DEFAULT, ("channel", "in", ["root.3"])],
            "cancelled": [("state", "=", "cancelled")],
        }
        for what, domain in domains.items():
            with self.subTest(list=what), self.plans() as plans:
                self.first_page(domain)
            ids, count = plans[0], plans[-1]
            for plan in (ids, count):
                self.assertRegex(plan, "Index Only Scan .*queue_job_(open|ended)")

    def test_channels_count_their_jobs_by_an_index_alone(self):
        self.fill()
        channels = self.env["queue.job.channel"].with_user(self.manager).search([])
        with self.plans() as plans:
            channels.read(["waiting_count", "running_count"])
        self.assertRegex(plans[0], "Index Only Scan .*queue_job_open_idx")

    def test_the_panel_counts_by_an_index_alone(self):
        self.fill()
        with self.plans() as plans:
            self.jobs.search_panel_select_multi_range(
                "state", enable_counters=True, expand=True
            )
        for plan in plans:
            self.assertNotIn("Seq Scan on queue_job", plan)

    def test_the_panel_counts_only_so_far_and_says_so(self):
        self.fill()
        with patch.object(lists, "_MOST_IN_PANEL", 3):
            found = self.jobs.search_panel_select_multi_range(
                "state", enable_counters=True, expand=True
            )
        values = {value["id"]: value for value in found["values"]}
        self.assertEqual(values["pending"]["display_name"], "Pending (3+)")
        self.assertEqual(values["pending"]["__count"], 0)
        self.assertEqual(values["done"]["display_name"], "Done")


def domain_of(text):
    return ast.literal_eval(text)
