# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The form of a job that thousands stand before, or behind."""

from contextlib import contextmanager
from unittest.mock import patch

from lxml import etree

from odoo.fields import Command
from odoo.sql_db import Cursor

from odoo.addons.queue_job.core.graph.graph import IfFailed, Join
from odoo.addons.queue_job.delay import chain, group
from odoo.addons.queue_job.models.queue_job import drawing
from odoo.addons.queue_job.models.queue_job.dependencies import MOST_SHOWN
from odoo.addons.queue_job.store import dependencies

from ..size import many
from .test_graph_jobs import GraphCase


class TestLargeGraphs(GraphCase):
    MANY = many(20_000)

    def make_many(self, state="done"):
        """Thousands of jobs past the ORM; returns their ids."""
        self.env.cr.execute(
            """
            INSERT INTO queue_job (
                uuid, graph_uuid, state, model_name, method_name, records, company_id
            )
            SELECT gen_random_uuid()::text, 'large', %s, 'res.partner', 'export_it',
                '{"_type": "odoo_recordset", "model": "res.partner", "ids": []}', NULL
            FROM generate_series(1, %s) RETURNING id
            """,
            (state, self.MANY),
        )
        return sorted(row[0] for row in self.env.cr.fetchall())

    def join(self, parents, children):
        join = Join(tuple(parents), tuple(children), IfFailed.WAIT)
        dependencies.link(self.env.cr, [join])
        # as autovacuum does: plans for the tables of before would take minutes
        self.env.cr.execute("ANALYZE queue_job, queue_job_dependency")
        self.env.invalidate_all()

    def lone(self):
        job = self.partner.with_delay().export_it().db_record()
        job.graph_uuid = "large"
        self.env.flush_all()
        return job

    @contextmanager
    def rows_returned(self):
        """How many rows the statements of the block return, as a list of numbers."""
        counts, execute = [], Cursor.execute

        def count(cr, query, *args, **kwargs):
            execute(cr, query, *args, **kwargs)
            counts.append(cr.rowcount)

        with patch.object(Cursor, "execute", count):
            yield counts

    def opened(self, job):
        """What the form reads of a job."""
        views = job.get_views([(False, "form")])
        tree = etree.fromstring(views["views"]["form"]["arch"])
        lists = ("shown_dependency_ids", "shown_dependent_ids")
        names = {node.get("name") for node in tree.iter("field")}
        one_list = {"fields": {"name": {}, "func_string": {}, "state": {}}, "limit": 40}
        spec = {
            name: one_list if name in lists else {}
            for name in names
            if name in job._fields
        }
        return job.web_read(spec)[0]

    def test_the_form_reads_no_more_than_it_shows(self):
        for is_child in (True, False):
            job, others = self.lone(), self.make_many()
            if is_child:
                self.join(others, job.ids)
            else:
                self.join(job.ids, others)
            with self.rows_returned() as counts:
                read = self.opened(job)
            self.assertLess(sum(counts), 10 * MOST_SHOWN)
            shown, more = ("shown_dependency_ids", "has_more_dependencies")
            if not is_child:
                shown, more = ("shown_dependent_ids", "has_more_dependents")
            self.assertEqual(len(read[shown]), MOST_SHOWN)
            self.assertTrue(read[more])

    def test_of_a_very_large_graph_what_is_next_to_the_job_is_drawn(self):
        job, parents = self.lone(), self.make_many()
        self.join(parents, job.ids)
        with patch.object(drawing, "MOST_FOLDED", 1000):
            with self.rows_returned() as counts:
                drawn = job.graph_drawing
            self.assertLess(sum(counts), 10 * MOST_SHOWN)
            self.assertTrue(drawn["is_part"])
            self.assertEqual(
                [node["count"] for node in drawn["nodes"]], [MOST_SHOWN, 1]
            )
            node = job.open_drawn_jobs(drawn["nodes"][0]["id"])["domain"]
            self.assertEqual(job.search_count(node), MOST_SHOWN)

    def test_what_is_drawn_as_a_whole_says_so(self):
        calls = self.calls(2)
        chain(*calls).delay()
        self.assertFalse(self.records(*calls)[0].graph_drawing["is_part"])

    def test_very_many_jobs_of_a_graph_are_not_counted_for_the_form(self):
        job = self.lone()
        self.assertEqual(job.graph_jobs_shown, "1")
        self.make_many()
        job.invalidate_recordset()
        self.assertEqual(job.graph_jobs_shown, "10,000+")
        self.assertEqual(job.graph_jobs_count, self.MANY + 1)

    def test_what_is_not_done_is_shown_first(self):
        job, parents = self.lone(), self.make_many()
        self.env.cr.execute(
            "UPDATE queue_job SET state = 'failed' WHERE id = %s", (parents[9_000],)
        )
        self.env.cr.execute(
            "UPDATE queue_job SET state = 'pending' WHERE id = %s", (parents[100],)
        )
        self.join(parents, job.ids)
        shown = job.shown_dependency_ids
        self.assertEqual(shown[:2].ids, [parents[9_000], parents[100]])
        self.assertEqual(len(shown), MOST_SHOWN)

    def test_the_form_of_a_job_without_others_opens(self):
        job = self.partner.with_delay().export_it().db_record()
        read = self.opened(job)
        self.assertFalse(read["shown_dependency_ids"] + read["shown_dependent_ids"])
        self.assertFalse(job.new({}).shown_dependency_ids)

    def test_few_are_all_shown(self):
        calls = self.calls(3)
        chain(group(*calls[:2]), calls[2]).delay()
        first, second, last = self.records(*calls)
        self.assertEqual(last.shown_dependency_ids, first | second)
        self.assertFalse(last.has_more_dependencies)
        self.assertEqual(first.shown_dependent_ids, last)
        self.assertFalse(last.shown_dependent_ids)
        self.assertFalse(first.has_more_dependents)

    def test_who_may_not_see_a_job_is_not_shown_it(self):
        calls = self.calls(2)
        chain(*calls).delay()
        parent, child = self.records(*calls)
        parent.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        child.company_id = self.env.company
        manager = self.env["res.users"].create(
            {
                "name": "Manager", "login": "manager of one company",
                "group_ids": [
                    Command.link(self.env.ref("queue_job.group_queue_job_manager").id)
                ],
            }
        )  # fmt: skip
        self.env.flush_all()
        self.assertFalse(child.with_user(manager).shown_dependency_ids)

    def test_all_of_them_can_be_listed(self):
        calls = self.calls(3)
        chain(group(*calls[:2]), calls[2]).delay()
        first, second, last = self.records(*calls)
        found = self.env["queue.job"].search(last.open_dependencies()["domain"])
        self.assertEqual(set(found.ids), {first.id, second.id})
        found = self.env["queue.job"].search(first.open_dependents()["domain"])
        self.assertEqual(found, last)

    def test_the_links_are_read_without_the_rows(self):
        job, parents = self.lone(), self.make_many()
        self.join(parents, job.ids)
        self.assertEqual(sorted(job.dependency_ids._ids), parents)
        self.assertEqual(len(job.dependencies["depends_on"]), self.MANY)
        columns = [field for field in job._fields.values() if field.store]
        loaded = {i for field in columns for i in field._get_cache(self.env)}
        self.assertFalse(loaded & set(parents))
