# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The drawing of a graph: what is sent to the browser, and what a node opens."""

from odoo.exceptions import AccessError

from odoo.addons.queue_job.delay import chain, group

from .test_graph_jobs import GraphCase

TOGETHER = 300
EXPORT = "Export the partner"


class TestDrawnGraph(GraphCase):
    def delay_groups(self):
        """Two groups that follow each other, and a job after them."""
        first, second, last = self.calls(TOGETHER), self.calls(TOGETHER), self.calls(1)
        last[0].set(description="Tell of it")
        chain(group(*first), group(*second), *last).delay()
        return self.records(*first), self.records(*second), self.records(*last)

    def test_a_small_graph_is_drawn_job_by_job(self):
        a, b, c = self.calls(3)
        a.on_done(b).on_done(c, if_failed="run").delay()
        first, second, third = self.records(a, b, c)
        drawing = second.graph_drawing
        nodes = [node["id"] for node in drawing["nodes"]]
        self.assertEqual(nodes, [first.id, second.id, third.id])
        self.assertEqual(drawing["lines"], [[0, 1, "wait"], [0, 2, "run"]])
        self.assertEqual(drawing["columns"], [[0], [], [1, 2]])
        self.assertEqual(
            drawing["nodes"][1],
            {
                "id": second.id,
                "count": 1,
                "title": EXPORT,
                "states": {"wait_dependencies": 1},
            },
        )

    def test_a_lone_job_is_not_drawn(self):
        single = self.partner.with_delay().export_it().db_record()
        self.assertFalse(single.graph_drawing)

    def test_large_groups_are_sent_as_a_node_each(self):
        first, _second, last = self.delay_groups()
        first[:7].button_done()
        drawing = last.graph_drawing
        self.assertEqual(
            [(n["title"], n["count"], n["states"]) for n in drawing["nodes"]],
            [
                (EXPORT, TOGETHER, {"done": 7, "pending": TOGETHER - 7}),
                (EXPORT, TOGETHER, {"wait_dependencies": TOGETHER}),
                ("Tell of it", 1, {"wait_dependencies": 1}),
            ],
        )
        self.assertEqual(len(drawing["lines"]), 2)

    def test_the_job_that_is_looked_at_stays_apart(self):
        first, _second, _last = self.delay_groups()
        counts = [node["count"] for node in first[17].graph_drawing["nodes"]]
        self.assertEqual(counts, [TOGETHER - 1, 1, TOGETHER, 1])

    def test_what_has_failed_stays_apart(self):
        [bad], good, [last] = self.calls(1, "fail"), self.calls(20), self.calls(1)
        group(bad, *good).on_finished(last).delay()
        self.run_failing(bad._generated_job)
        drawing = self.records(last).graph_drawing
        failed = [node for node in drawing["nodes"] if "failed" in node["states"]]
        self.assertEqual([node["id"] for node in failed], self.records(bad).ids)
        self.assertEqual(failed[0]["count"], 1)

    def test_a_node_opens_the_list_of_its_jobs(self):
        first, second, last = self.delay_groups()
        action = last.open_drawn_jobs(second[0].id)
        self.assertEqual(action["res_model"], "queue.job")
        found = self.env["queue.job"].search(action["domain"], order="id")
        self.assertEqual(found, second)
        action = first[17].open_drawn_jobs(first[0].id)
        found = self.env["queue.job"].search(action["domain"], order="id")
        self.assertEqual(found, first - first[17])

    def test_a_job_that_is_gone_meanwhile_opens_an_empty_list(self):
        _first, second, last = self.delay_groups()
        gone = second[0].id
        second[0].unlink()
        action = last.open_drawn_jobs(gone)
        self.assertFalse(self.env["queue.job"].search(action["domain"]))

    def test_jobs_of_other_companies_are_not_drawn(self):
        calls = self.calls(3)
        chain(*calls).delay()
        records = self.records(*calls)
        records[0].company_id = self.env["res.company"].create({"name": "Elsewhere"})
        own = records[1].with_user(self.manager)
        nodes = [node["id"] for node in own.graph_drawing["nodes"]]
        self.assertEqual(nodes, records[1:].ids)
        domain = own.open_drawn_jobs(records[0].id)["domain"]
        self.assertFalse(self.env["queue.job"].search(domain))

    def test_only_managers_look_at_it(self):
        calls = self.calls(2)
        chain(*calls).delay()
        job = self.records(*calls)[0].with_user(self.user)
        with self.assertRaises(AccessError):
            job.open_drawn_jobs(job.id)
        with self.assertRaises(AccessError):
            job.read(["graph_drawing"])
