# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Users, companies and functions are gone, the jobs that name them are not."""

from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.queue_job.core.states import State

from .any_state import AnyState
from .case import JobCase

_NAMED = ("user_id", "company_id", "job_function_id")


def rename(self):
    self.name = "renamed"


class TestLooseReferences(AnyState, JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(rename)
        self.gone = {
            "user_id": new_test_user(self.env, "gone soon", "base.group_user"),
            "company_id": self.env["res.company"].create({"name": "Gone soon"}),
            "job_function_id": self.env["queue.job.function"].create(
                {"name": "<res.partner>.gone_soon"}
            ),
        }
        self.job = self.make_job(
            State.STARTED, **{name: gone.id for name, gone in self.gone.items()}
        )
        self.other = self.make_job(State.STARTED, company_id=self.env.company.id)
        self.jobs = self.env["queue.job"].with_user(self.manager)
        self.ours = [("id", "in", [self.job.id, self.other.id])]

    def delete_what_is_named(self):
        for gone in self.gone.values():
            self.env.cr.execute(
                f"DELETE FROM {gone._table} WHERE id = %s",
                (gone.id,),  # noqa: S608
            )
        self.env.invalidate_all()

    def found(self, *conditions):
        return self.jobs.search([*self.ours, *conditions], order="id")

    def test_the_row_keeps_what_it_says_and_reads_as_empty(self):
        self.delete_what_is_named()
        self.env.cr.execute(
            "SELECT user_id, company_id, job_function_id FROM queue_job WHERE id = %s",
            (self.job.id,),
        )
        kept = dict(zip(_NAMED, self.env.cr.fetchone(), strict=True))
        self.assertEqual(kept, {name: gone.id for name, gone in self.gone.items()})
        for name in _NAMED:
            self.assertFalse(self.job[name], name)

    def test_clients_read_it_as_empty(self):
        self.delete_what_is_named()
        job = self.jobs.browse(self.job.id)
        empty = dict.fromkeys(_NAMED, False)
        asked = {name: {"fields": {"display_name": {}}} for name in _NAMED}
        self.assertEqual(job.web_read(asked), [{"id": job.id, **empty}])
        self.assertEqual(job.read(list(_NAMED)), [{"id": job.id, **empty}])
        exported = job.sudo().export_data([f"{name}/display_name" for name in _NAMED])
        self.assertEqual(exported["datas"], [["", "", ""]])
        found = self.jobs.web_search_read(self.ours, asked, order="user_id, id")
        self.assertEqual(found["length"], 2)

    def test_of_many_jobs_each_is_read(self):
        self.delete_what_is_named()
        both = self.job | self.other
        self.assertEqual(both.mapped("company_id"), self.env.company)
        names = ["<queue.job>._test_job"]
        self.assertEqual(both.mapped("job_function_id.name"), names)

    def test_a_search_for_none_finds_it(self):
        for name in _NAMED:
            self.assertNotIn(self.job, self.found((name, "=", False)).sudo(), name)
        self.delete_what_is_named()
        for name in _NAMED:
            with self.subTest(field=name):
                self.assertIn(self.job, self.found((name, "=", False)).sudo())
                self.assertNotIn(self.job, self.found((name, "!=", False)).sudo())
                named_by_nobody = [(f"{name}.display_name", "ilike", "gone")]
                self.assertNotIn(self.job, self.found(*named_by_nobody).sudo())
        mine = ("company_id", "in", [self.env.company.id, False])
        self.assertEqual(self.found(mine).ids, [self.job.id, self.other.id])
        others = ("company_id", "not in", [self.env.company.id])
        self.assertEqual(self.found(others).ids, self.job.ids)

    def test_it_stands_in_the_group_of_those_without(self):
        self.delete_what_is_named()
        for name in _NAMED:
            with self.subTest(field=name):
                groups = self.jobs.formatted_read_group(self.ours, [name], ["__count"])
                for group in groups:
                    found = self.found(*group["__extra_domain"])
                    self.assertEqual(len(found), group["__count"])
                [without] = [group for group in groups if not group[name]]
                self.assertIn(self.job, self.found(*without["__extra_domain"]).sudo())

    def test_managers_of_any_company_see_jobs_of_a_company_that_is_gone(self):
        self.assertNotIn(self.job, self.found().sudo())
        self.manager.company_ids = [Command.link(self.gone["company_id"].id)]
        self.manager.company_ids = [Command.unlink(self.gone["company_id"].id)]
        self.delete_what_is_named()
        self.assertIn(self.job, self.found().sudo())

    def test_a_search_by_company_goes_by_its_index(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute("SET LOCAL enable_indexscan = off")
        query = self.env["queue.job"]._search([("company_id", "in", [False, 7])])
        self.env.cr.execute("EXPLAIN " + query.select().code, query.select().params)
        plan = "\n".join(line for (line,) in self.env.cr.fetchall())
        self.assertIn("BitmapOr", plan)
        self.assertNotIn("Seq Scan on queue_job ", plan)

    def test_it_runs_as_before_or_fails_alone(self):
        delayed = self.partner.with_user(self.gone["user_id"]).with_delay().rename()
        self.dispatch(delayed)
        self.delete_what_is_named()
        with self.assertLogs("odoo.addons.queue_job", "ERROR"):
            self.run_under(delayed, 1)
        record = delayed.db_record()
        self.assertEqual(record.state, "failed")
        self.assertIn("does not exist any more", record.exc_message)

    def test_an_update_drops_the_foreign_keys_of_before(self):
        self.env.cr.execute(
            "ALTER TABLE queue_job ADD CONSTRAINT queue_job_user_id_fkey"
            " FOREIGN KEY (user_id) REFERENCES res_users (id) ON DELETE SET NULL"
        )
        model = self.env["ir.model"]._get_id("queue.job")
        module = self.env.ref("base.module_queue_job").id
        self.env["ir.model.constraint"].create(
            {
                "name": "queue_job_user_id_fkey",
                "type": "f",
                "model": model,
                "module": module,
            }
        )
        self.env.flush_all()
        self.registry.init_models(self.env.cr, ["queue.job"], {"module": "queue_job"})
        self.env.cr.execute(
            "SELECT conname FROM pg_constraint"
            " WHERE conrelid = 'queue_job'::regclass AND contype = 'f'"
            " UNION ALL SELECT name FROM ir_model_constraint"
            " WHERE type = 'f' AND name LIKE 'queue\\_job\\_user\\_id%'"
        )
        self.assertEqual(self.env.cr.fetchall(), [])

    def test_a_wizard_names_jobs_without_a_foreign_key(self):
        rel = "queue_job_queue_requeue_job_rel"
        self.env.cr.execute(
            f"ALTER TABLE {rel} ADD CONSTRAINT of_before"
            " FOREIGN KEY (queue_job_id) REFERENCES queue_job (id) ON DELETE CASCADE"
        )
        names = ["queue.requeue.job"]
        self.registry.init_models(self.env.cr, names, {"module": "queue_job"})
        self.env.cr.execute(
            "SELECT confrelid::regclass::text FROM pg_constraint"
            " WHERE conrelid = to_regclass(%s) AND contype = 'f'",
            (rel,),
        )
        self.assertEqual(self.env.cr.fetchall(), [("queue_requeue_job",)])

    def test_a_wizard_knows_nothing_of_jobs_that_are_gone(self):
        both = self.job | self.other
        wizard = self.env["queue.requeue.job"].create({"job_ids": both.ids})
        dialogue = self.env["queue.job.dry.run"].create({"job_id": self.job.id})
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM queue_job WHERE id = %s", (self.job.id,))
        self.env.invalidate_all()
        self.assertEqual(wizard.job_ids, self.other)
        self.assertFalse(dialogue.job_id)
        wizard.unlink()
