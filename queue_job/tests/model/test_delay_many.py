# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import copy
from contextlib import closing

from odoo.exceptions import UserError

from odoo.addons.queue_job import identity_exact
from odoo.addons.queue_job.delay_many import DelayableSlices
from odoo.addons.queue_job.delaying import repository
from odoo.addons.queue_job.delaying.no_storing import during_onchange
from odoo.addons.queue_job.job import Job
from odoo.addons.queue_job.tests.common import trap_jobs

from .case import JobCase


def export_it(self, *args, **kwargs):
    """Export the partner"""
    return self.ids, args, kwargs


class TestDelayMany(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)
        self.many = self.partners + self.env["res.partner"].create(
            [{"name": f"P{number}"} for number in range(5)]
        )

    def count(self):
        domain = [("method_name", "=", "export_it")]
        return self.env["queue.job"].sudo().search_count(domain)

    def two_jobs(self):
        """New ones, not stored yet."""
        return [Job(self.partner.export_it, args=(number,)) for number in range(2)]

    # --- each record ----------------------------------------------------------

    def test_each_record_gets_a_job(self):
        jobs = self.many.with_delay_each(priority=4).export_it(1, k="v")
        self.assertEqual(len(jobs), len(self.many))
        records = [job.db_record() for job in jobs]
        self.assertEqual([r.record_ids for r in records], [[i] for i in self.many.ids])
        self.assertEqual({record.priority for record in records}, {4})
        self.assertEqual(records[0].args, [1])
        self.assertEqual(records[0].kwargs, {"k": "v"})
        self.assertEqual({record.state for record in records}, {"pending"})
        self.assertEqual(len({record.uuid for record in records}), len(self.many))
        self.assertEqual(self.count(), len(self.many))

    def test_slices_have_at_most_so_many_records(self):
        jobs = self.many.with_delay_each(3).export_it()
        ids = self.many.ids
        self.assertEqual(
            [job.db_record().record_ids for job in jobs], [ids[:3], ids[3:6], ids[6:]]
        )
        with self.assertRaisesRegex(ValueError, "1 or more"):
            self.many.with_delay_each(size=0)

    def test_no_records_make_no_jobs(self):
        self.assertEqual(self.partner.browse().with_delay_each().export_it(), [])
        self.assertEqual(self.partner.delay_many("export_it", []), [])
        self.assertEqual(self.count(), 0)

    def test_they_are_stored_in_one_statement(self):
        self.many.with_delay_each().export_it()  # fills the caches
        with self.assertQueryCount(1):
            self.many.with_delay_each().export_it()

    def test_more_than_a_page_is_stored_in_order(self):
        jobs = self.partner.delay_many("export_it", [(n,) for n in range(1201)])
        records = self.env["queue.job"].sudo().browse(job.row_id for job in jobs)
        self.assertEqual([args[0] for args in records.mapped("args")], [*range(1201)])
        self.assertEqual(records.mapped("uuid"), [job.uuid for job in jobs])

    # --- each set of arguments ------------------------------------------------

    def test_each_set_of_arguments_gets_a_job(self):
        sets = [(1,), [2, 3], {"k": 4}, ()]
        jobs = self.partners.delay_many("export_it", sets, channel="root.many")
        stored = [(job.db_record().args, job.db_record().kwargs) for job in jobs]
        self.assertEqual(stored, [([1], {}), ([2, 3], {}), ([], {"k": 4}), ([], {})])
        self.assertEqual({job.db_record().channel for job in jobs}, {"root.many"})
        self.assertEqual({job.recordset for job in jobs}, {self.partners})

    def test_a_lone_argument_is_refused_with_the_cure(self):
        with self.assertRaisesRegex(TypeError, r"written \(argument,\)"):
            self.partner.delay_many("export_it", ["text"])

    def test_one_bad_argument_stores_nothing(self):
        with self.assertRaisesRegex(TypeError, r"args\[0\] \(set\)"):
            self.partner.delay_many("export_it", [(1,), ({1},)])
        self.assertEqual(self.count(), 0)

    def test_what_a_function_says_is_looked_up_again_whatever_is_refused(self):
        function = self.env["queue.job.function"].create(
            {"name": "<res.partner>.export_it", "timeout": 1}
        )
        unstorable = Job(self.partner.export_it, args=({1},))
        mistaken = Job(self.partner.export_it)
        mistaken.priority = "high"
        refused = {"argument": (TypeError, unstorable), "option": (TypeError, mistaken)}
        for seconds, (what, (error, last)) in enumerate(refused.items(), 2):
            with self.subTest(what):
                jobs = [*self.two_jobs(), last]
                with self.assertRaises(error):
                    repository.create(jobs)
                function.timeout = seconds
                self.assertEqual([job.call.timeout for job in jobs], [seconds] * 3)

    def test_so_it_is_where_a_later_job_may_not_be_stored_at_all(self):
        function = self.env["queue.job.function"].create(
            {"name": "<res.partner>.export_it", "timeout": 1}
        )
        jobs = self.two_jobs()
        with closing(self.registry.cursor()) as cr:
            elsewhere = self.partner.with_env(self.env(cr=cr))
            last = Job(elsewhere.export_it)
            with during_onchange(elsewhere.env), self.assertRaises(UserError):
                repository.create([*jobs, last])
        function.timeout = 2
        self.assertEqual([job.call.timeout for job in jobs], [2, 2])
        self.assertEqual(self.count(), 0)

    def test_jobs_of_any_kind_are_stored_together(self):
        user = self.partner.with_user(self.user)
        jobs = [
            Job(self.partner.export_it, args=(1,), priority=1),
            Job(user.export_it, identity_key="k"),
            Job(self.env["queue.job"]._test_job, channel="root.tests"),
        ]
        self.assertEqual(Job.enqueue_many(iter(jobs)), jobs)
        records = [job.db_record() for job in jobs]
        self.assertEqual([record.priority for record in records], [1, 10, 10])
        self.assertEqual(records[1].user_id, self.user)
        self.assertEqual(records[1].records.env.uid, self.user.id)
        self.assertEqual(records[2].model_name, "queue.job")
        self.assertEqual(Job.enqueue_many([]), [])

    # --- what is common -------------------------------------------------------

    def test_only_declared_methods_are_delayed(self):
        with self.assertRaisesRegex(AttributeError, "not allowed to be delayed"):
            self.many.with_delay_each().unlink()
        with self.assertRaisesRegex(AttributeError, "not allowed to be delayed"):
            self.partner.delay_many("unlink", [()])

    def test_it_takes_part_in_the_callers_transaction(self):
        with self.assertRaises(ZeroDivisionError), self.cr.savepoint():
            self.many.with_delay_each().export_it()
            1 / 0  # noqa: B018  # the caller fails
        self.assertEqual(self.count(), 0)

    def test_of_equal_keys_one_job_is_stored(self):
        first = self.partner.with_delay(identity_key=identity_exact).export_it()
        jobs = self.many.with_delay_each(identity_key=identity_exact).export_it()
        self.assertEqual(jobs[0], first)
        self.assertEqual(self.count(), len(self.many))
        again = self.many.with_delay_each(identity_key=identity_exact).export_it()
        self.assertEqual(again, jobs)
        jobs = self.partner.delay_many("export_it", [(1,), (1,)], identity_key="same")
        self.assertEqual(jobs[0], jobs[1])
        self.assertIsInstance(jobs[1], Job)

    def test_without_delay_each_job_is_performed_at_once(self):
        direct = self.partners.with_context(queue_job__no_delay=True)
        jobs = direct.with_delay_each().export_it(1)
        self.assertEqual(
            [job.result for job in jobs], [([i], (1,), {}) for i in self.partners.ids]
        )
        self.assertEqual(self.count(), 0)

    def test_as_plain_calls_the_methods_own_results_come_back(self):
        plain = self.partners.with_context(test_queue_job_no_delay=True)
        self.assertEqual(
            plain.with_delay_each().export_it(),
            [([i], (), {}) for i in self.partners.ids],
        )
        ids = self.partners.ids
        self.assertEqual(plain.delay_many("export_it", [(1,)]), [(ids, (1,), {})])

    def test_they_are_trapped_in_tests_of_others(self):
        with trap_jobs() as trap:
            jobs = self.partners.with_delay_each(identity_key="k").export_it(1)
            self.partner.delay_many("export_it", [(2,), (3,)], priority=4)
        trap.assert_jobs_count(3)
        self.assertEqual(jobs[0], jobs[1])
        method = self.partner.export_it
        trap.assert_enqueued_job(method, args=(3,), properties={"priority": 4})
        self.assertEqual(self.count(), 0)

    def test_the_object_can_be_shown_and_probed(self):
        made = self.partners.with_delay_each(2)
        self.assertIsInstance(made, DelayableSlices)
        ids = tuple(self.partners.ids)
        self.assertEqual(repr(made), f"DelayableSlices(res.partner{ids}, 2)")
        self.assertEqual(repr(copy.copy(made)), repr(made))
