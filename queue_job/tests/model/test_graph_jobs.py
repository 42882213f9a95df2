# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that wait for others: stored, run, released, cancelled, requeued."""

from unittest.mock import patch

import psycopg2

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from odoo.addons.queue_job.controllers.main import RunJobController
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.delay import chain, group
from odoo.addons.queue_job.job import Job
from odoo.addons.queue_job.models.queue_job.drawing import MOST_DRAWN
from odoo.addons.queue_job.store import dependencies, unreleased
from odoo.addons.queue_job.worker import dependents

from .case import WORKER_LOGGER, JobCase


def export_it(self, *args):
    """Export the partner"""
    if "fail" in args:
        raise UserError("No")
    return "exported"


class GraphCase(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)

    def calls(self, count, *args):
        return [self.partner.delayable().export_it(*args) for _ in range(count)]

    def records(self, *calls):
        records = self.env["queue.job"].browse()
        for call in calls:
            records |= call._generated_job.db_record()
        return records

    def states(self, *calls):
        records = self.records(*calls)
        records.invalidate_recordset()
        return records.mapped("state")

    def run_call(self, call):
        return self.run_job(call._generated_job)


class TestStoring(GraphCase):
    def test_jobs_delayed_together_share_a_graph(self):
        calls = self.calls(3)
        group(*calls).delay()
        records = self.records(*calls)
        self.assertEqual(records.mapped("state"), ["pending"] * 3)
        self.assertEqual(len(set(records.mapped("graph_uuid"))), 1)
        self.assertTrue(records[0].graph_uuid)
        self.assertEqual(records[0].graph_jobs_count, 3)

    def test_who_follows_waits(self):
        a, b, c = self.calls(3)
        chain(a, group(b, c)).delay()
        self.assertEqual(
            self.states(a, b, c), ["pending", "wait_dependencies", "wait_dependencies"]
        )

    def test_it_can_be_delayed_again_when_a_savepoint_took_it_back(self):
        for calls in (self.calls(1), self.calls(2)):
            top = chain(*calls)
            with self.env.cr.savepoint() as point:
                top.delay()
                point.rollback()
            self.env.invalidate_all()
            top.delay()
            expected = ["pending", "wait_dependencies"][: len(calls)]
            self.assertEqual(self.states(*calls), expected)

    def test_the_links_can_be_read_from_both_ends(self):
        first, second = self.calls(3), self.calls(3)
        chain(group(*first), group(*second)).delay()
        parents, children = self.records(*first), self.records(*second)
        for child in children:
            self.assertEqual(child.dependency_ids, parents)
            self.assertFalse(child.dependent_ids)
            self.assertEqual(
                sorted(child.dependencies["depends_on"]), sorted(parents.mapped("uuid"))
            )
        self.assertEqual(parents[0].dependent_ids, children)
        job = Job.load(self.env, parents[0].uuid)
        self.assertEqual(job.depends_on, set())
        self.assertEqual(
            {other.uuid for other in job.reverse_depends_on},
            set(children.mapped("uuid")),
        )

    def test_the_links_can_be_searched(self):
        first, second, third = self.calls(3)
        chain(first, second, third).delay()
        a, b, c = self.records(first, second, third)
        jobs = self.env["queue.job"]
        inside = [("id", "in", (a | b | c).ids)]
        self.assertEqual(jobs.search([("dependency_ids", "in", a.ids)]), b)
        self.assertEqual(jobs.search([("dependent_ids", "in", c.ids)]), b)
        self.assertEqual(
            jobs.search([("dependency_ids", "any", [("uuid", "=", b.uuid)])]), c
        )
        self.assertEqual(
            jobs.search(
                [*inside, ("dependency_ids", "not any", [("uuid", "=", b.uuid)])]
            ),
            a | b,
        )
        self.assertEqual(jobs.search([*inside, ("dependency_ids", "=", False)]), a)

    def test_the_drawing_has_nodes_and_edges(self):
        first, second = self.calls(2)
        chain(first, second).delay()
        a, b = self.records(first, second)
        drawn = a.dependency_graph
        self.assertEqual({node["id"] for node in drawn["nodes"]}, {a.id, b.id})
        self.assertEqual([tuple(edge) for edge in drawn["edges"]], [(a.id, b.id)])
        self.assertEqual(
            set(drawn["nodes"][0]), {"id", "title", "color", "border", "shadow"}
        )
        single = self.partner.with_delay().export_it().db_record()
        self.assertEqual(single.dependency_graph, {})
        self.assertEqual(single.graph_jobs_count, 0)

    def test_of_a_large_graph_the_nearest_hundred_are_sent_as_nodes(self):
        parents, [last] = self.calls(70), self.calls(1)
        chain(group(*self.calls(60)), group(*parents), last).delay()
        drawn = self.records(last).dependency_graph
        ids = [node["id"] for node in drawn["nodes"]]
        self.assertEqual(len(ids), MOST_DRAWN)
        self.assertIn(self.records(last).id, ids)
        self.assertLessEqual(set(self.records(*parents[:30]).ids), set(ids))

    def test_the_button_opens_all_of_the_graph(self):
        first, second = self.calls(2)
        chain(first, second).delay()
        records = self.records(first, second)
        action = records[0].open_graph_jobs()
        self.assertEqual(
            self.env["queue.job"].search(action["domain"]), records.sorted()
        )

    def test_two_stored_graphs_are_not_mixed(self):
        first, second = self.calls(2), self.calls(2)
        group(*first).delay()
        group(*second).delay()
        with self.assertRaisesRegex(ValueError, "different stored graphs"):
            chain(first[0], second[0]).delay()

    def test_a_stored_job_can_be_delayed_into_a_graph(self):
        stored, following = self.calls(2)
        stored.delay()
        chain(following, stored).delay()
        self.assertEqual(
            self.states(following, stored), ["pending", "wait_dependencies"]
        )
        records = self.records(following, stored)
        self.assertEqual(len(set(records.mapped("graph_uuid"))), 1)

    def test_many_are_created_in_one_call(self):
        with patch.object(
            type(self.env["queue.job"]),
            "create",
            autospec=True,
            side_effect=type(self.env["queue.job"]).create,
        ) as create:
            chain(group(*self.calls(3)), group(*self.calls(3))).delay()
        self.assertEqual(create.call_count, 1)
        self.assertEqual(len(create.call_args.args[1]), 6)

    def test_an_argument_that_cannot_be_stored_is_named(self):
        good, bad = self.calls(1)[0], self.partner.delayable().export_it(object())
        with self.assertRaisesRegex(TypeError, r"args\[0\]"):
            chain(good, bad).delay()


class TestAddDepends(GraphCase):
    def make(self):
        return Job(self.partner.export_it)

    def test_a_job_cannot_wait_for_itself(self):
        job = self.make()
        with self.assertRaises(ValueError):
            job.add_depends({job})

    def test_links_are_stored_with_the_later_side(self):
        for parent_first in (True, False):
            parent, child = self.make(), self.make()
            child.add_depends({parent})
            self.assertEqual(child.state, "wait_dependencies")
            self.assertEqual(parent.reverse_depends_on, {child})
            for job in (parent, child) if parent_first else (child, parent):
                job.store()
            self.assertEqual(child.db_record().dependency_ids, parent.db_record())
            self.assertEqual(child.db_record().state, "wait_dependencies")
            self.assertEqual(self.run_job(parent), "done")
            self.assertEqual(child.db_record().state, "pending")

    def test_what_a_savepoint_took_back_is_stored_again(self):
        parent, child, late = self.make(), self.make(), self.make()
        late.store()
        with self.env.cr.savepoint() as point:
            child.add_depends({parent})
            late.add_depends({parent})
            for job in (parent, child, late):
                job.store()
            point.rollback()
        self.env.invalidate_all()
        for job in (parent, child, late):
            job.store()
        for job in (child, late):
            self.assertEqual(job.db_record().dependency_ids, parent.db_record())
            self.assertEqual(job.db_record().state, "wait_dependencies")

    def test_a_done_parent_keeps_nobody_back(self):
        parent, child = self.make(), self.make()
        parent.set_done()
        child.add_depends({parent})
        self.assertEqual(child.state, "pending")


class TestReleasing(GraphCase):
    def test_a_chain_of_groups_runs_to_its_end(self):
        first, second, last = self.calls(2), self.calls(3), self.calls(1)
        chain(group(*first), group(*second), *last).delay()
        self.run_call(first[0])
        self.assertEqual(self.states(*second), ["wait_dependencies"] * 3)
        self.run_call(first[1])
        self.assertEqual(self.states(*second), ["pending"] * 3)
        for call in second:
            self.assertEqual(self.states(*last), ["wait_dependencies"])
            self.run_call(call)
        self.run_call(last[0])
        self.assertEqual(self.states(*first, *second, *last), ["done"] * 6)

    def test_a_failure_holds_the_chain_until_it_is_done_after_all(self):
        [first], [second] = self.calls(1, "fail"), self.calls(1)
        chain(first, second).delay()
        self.run_failing(first._generated_job)
        self.assertEqual(self.states(first, second), ["failed", "wait_dependencies"])
        self.records(first).button_done()
        self.assertEqual(self.states(first, second), ["done", "pending"])

    def test_a_failure_cancels_what_asked_for_it(self):
        [first], [second] = self.calls(1, "fail"), self.calls(1)
        first.on_done(second, if_failed="cancel").delay()
        self.run_failing(first._generated_job)
        self.assertEqual(self.states(first, second), ["failed", "cancelled"])

    def test_a_failure_releases_what_runs_anyway(self):
        [first], [second] = self.calls(1, "fail"), self.calls(1)
        first.on_done(second, if_failed="run").delay()
        self.run_failing(first._generated_job)
        self.assertEqual(self.states(first, second), ["failed", "pending"])

    def test_a_callback_comes_when_all_has_ended(self):
        [bad], [never], [good], [callback] = (
            self.calls(1, "fail"), self.calls(1), self.calls(1), self.calls(1),
        )  # fmt: skip
        group(chain(bad, never), good).on_finished(callback).delay()
        self.run_failing(bad._generated_job)
        self.assertEqual(
            self.states(never, callback), ["cancelled", "wait_dependencies"]
        )
        self.run_call(good)
        self.assertEqual(self.states(callback), ["pending"])

    def test_cancelling_goes_all_the_way_down(self):
        calls = self.calls(3)
        chain(*calls).delay()
        records = self.records(*calls)
        records[0].button_cancelled()
        self.assertEqual(records.mapped("state"), ["cancelled"] * 3)
        self.assertEqual(
            records[2].result, dependencies.CANCELLED_ALONG[State.CANCELLED]
        )
        self.assertGreaterEqual(records[2].date_cancelled, records[0].date_cancelled)

    def test_overrides_of_write_see_who_is_released(self):
        seen = []

        def write(self, vals):
            before = {job: job.state for job in self}
            result = write.super(self, vals)
            seen.extend((before[job], job.state) for job in self)
            return result

        write.super = self.registry["queue.job"].write
        first, second, third = self.calls(3)
        chain(first, second, third).delay()
        self.put(write, "queue.job")
        self.records(first).button_done()
        self.records(second).button_cancelled()
        self.assertEqual(
            seen,
            [
                ("pending", "done"),
                ("wait_dependencies", "pending"),
                ("pending", "cancelled"),
                ("wait_dependencies", "cancelled"),
            ],
        )

    def test_requeued_with_its_parent_a_job_waits_for_it(self):
        calls = self.calls(2)
        chain(*calls).delay()
        for call in calls:
            self.run_call(call)
        self.records(*calls).requeue()
        self.assertEqual(self.states(*calls), ["pending", "wait_dependencies"])

    def test_requeued_alone_it_does_not(self):
        calls = self.calls(2)
        chain(*calls).delay()
        for call in calls:
            self.run_call(call)
        self.records(calls[1]).requeue()
        self.assertEqual(self.states(*calls), ["done", "pending"])

    def test_requeued_without_its_cancelled_parent_a_job_is_cancelled_again(self):
        calls = self.calls(3)
        chain(*calls).delay()
        self.records(calls[0]).button_cancelled()
        self.records(calls[1]).requeue()
        self.assertEqual(self.states(*calls), ["cancelled"] * 3)
        self.records(*calls).requeue()
        self.assertEqual(
            self.states(*calls), ["pending", "wait_dependencies", "wait_dependencies"]
        )

    def test_the_upkeep_can_be_done_by_others(self):
        first, second, third = self.calls(3)
        chain(first, second, third).delay()
        job = first._generated_job
        self.assertTrue(job.should_check_dependents())
        job.set_done()
        job.store()
        job.enqueue_waiting()
        self.assertEqual(self.states(second, third), ["pending", "wait_dependencies"])
        job = second._generated_job
        job.set_cancelled()
        job.cancel_dependent_jobs()
        job.store()
        self.assertEqual(self.states(third), ["cancelled"])
        single = self.partner.with_delay().export_it()
        self.assertFalse(single.should_check_dependents())

    def test_the_controller_can_be_asked_to_release(self):
        first, second = self.calls(2)
        chain(first, second).delay()
        first._generated_job.set_done()
        first._generated_job.store()
        RunJobController._enqueue_dependent_jobs(self.env, first._generated_job)
        self.assertEqual(self.states(second), ["pending"])

    def test_siblings_in_the_way_are_waited_for(self):
        first, second = self.calls(2)
        chain(first, second).delay()
        first._generated_job.set_done()
        first._generated_job.store()
        release, pauses = dependencies.release, []
        with patch.object(dependencies, "release") as tried:
            tried.side_effect = psycopg2.errors.SerializationFailure

            def then_for_real(pause):
                pauses.append(pause)
                tried.side_effect = release

            dependents.release_dependents(self.env, first._generated_job, then_for_real)
        self.assertEqual(len(pauses), 1)
        self.assertEqual(self.states(second), ["pending"])

    def test_a_release_that_goes_wrong_does_not_undo_the_job(self):
        first, second = self.calls(2)
        chain(first, second).delay()
        with (
            patch.object(dependencies, "release", side_effect=KeyError("x")),
            mute_logger(WORKER_LOGGER),
        ):
            self.assertEqual(self.run_call(first), "done")
        self.assertEqual(self.states(first, second), ["done", "wait_dependencies"])
        self.assertEqual(
            unreleased.release_all(self.env.cr).released, self.records(second).ids
        )
