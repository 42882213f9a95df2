"""Tables as earlier versions of the addon left them."""

import uuid

from odoo.addons.queue_job import dependencies
from odoo.addons.queue_job.job import Job

from .case import JobCase


def export_it(self, *args, **kwargs):
    return args, kwargs


class TestTakeover(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)
        self.env.flush_all()
        self.jobs = self.env["queue.job"].sudo()

    def execute(self, query, params=None):
        self.env.cr.execute(query, params)

    def column_type(self, table, column):
        self.execute(
            "SELECT udt_name FROM information_schema.columns"
            " WHERE table_name = %s AND column_name = %s",
            (table, column),
        )
        return next(iter(self.env.cr.fetchall()), (None,))[0]

    def update(self):
        """What ``-u queue_job`` does to the tables."""
        models = ["queue.job.function", "queue.job", "queue.job.dependency"]
        self.registry.init_models(self.env.cr, models, {"module": "queue_job"})
        self.env.invalidate_all()

    def insert(self, **columns):
        row = {
            "uuid": str(uuid.uuid4()),
            "state": "pending",
            "model_name": "res.partner",
            "method_name": "export_it",
            "user_id": self.user.id,
            "max_retries": 5,
            "retry": 0,
            "channel": "root",
            **columns,
        }
        names = ", ".join(row)
        marks = ", ".join(["%s"] * len(row))
        self.execute(
            f"INSERT INTO queue_job ({names}, date_created)"
            f" VALUES ({marks}, now() AT TIME ZONE 'UTC')",
            tuple(row.values()),
        )
        return row["uuid"]

    def make_layout_of_11(self):
        self.execute("ALTER TABLE queue_job ALTER args TYPE text USING args::text")
        self.execute("ALTER TABLE queue_job ALTER kwargs TYPE text USING kwargs::text")
        self.execute("ALTER TABLE queue_job DROP records, ADD record_ids text")
        self.execute("ALTER TABLE queue_job DROP graph_uuid, DROP attempt")
        self.execute("DROP TABLE queue_job_dependency")

    def test_jobs_of_odoo_11_run_afterwards(self):
        self.execute("DELETE FROM queue_job")
        self.make_layout_of_11()
        found = self.insert(
            record_ids=f"[{self.partner.id}]",
            args='["a", {"_type": "date_isoformat", "value": "2020-01-02"}]',
            kwargs='{"text": "with \\u0000 in it"}',
        )
        bare = self.insert(record_ids="[]", args="[]", kwargs="{}")
        self.update()
        self.assertEqual(self.column_type("queue_job", "args"), "jsonb")
        self.assertIsNone(self.column_type("queue_job", "record_ids"))
        job = Job.load(self.env, found)
        self.assertEqual(job.recordset, self.partner)
        self.assertEqual(job.user_id, self.user.id)
        self.assertFalse(job.recordset.env.su)
        self.assertEqual(job.kwargs, {"text": "with  in it"})
        self.assertEqual(self.run_job(job), "done")
        self.assertEqual(self.run_job(Job.load(self.env, bare)), "done")

    def test_dependencies_of_odoo_19_become_links(self):
        self.execute("ALTER TABLE queue_job ADD dependencies text")
        parent = self.insert(graph_uuid="g", state="done")
        other = self.insert(graph_uuid="g")
        child = self.insert(graph_uuid="g", state="wait_dependencies")
        lone = self.insert(dependencies="")
        self.execute(
            "UPDATE queue_job SET dependencies = %s WHERE uuid = %s",
            (f'{{"depends_on": ["{parent}", "{other}", "gone"]}}', child),
        )
        self.update()
        records = Job.db_records_from_uuids(self.env, [parent, other])
        self.assertEqual(
            Job.db_record_from_uuid(self.env, child).dependency_ids, records
        )
        self.assertFalse(Job.db_record_from_uuid(self.env, lone).dependency_ids)
        self.assertEqual(dependencies.settle_all(self.env.cr).released, [])
        self.execute("UPDATE queue_job SET state = 'done' WHERE uuid = %s", (other,))
        self.assertEqual(
            dependencies.settle_all(self.env.cr).released,
            Job.db_record_from_uuid(self.env, child).ids,
        )

    def test_functions_of_odoo_11_know_their_model(self):
        function = self.env["queue.job.function"].create(
            {"name": "<res.partner>.something"}
        )
        self.env.flush_all()
        self.execute(
            "UPDATE queue_job_function SET model_id = NULL, method = NULL"
            " WHERE id = %s",
            (function.id,),
        )
        self.execute(
            "ALTER TABLE queue_job_function ALTER retry_pattern TYPE text"
            " USING retry_pattern::text"
        )
        self.execute(
            "UPDATE queue_job_function SET retry_pattern = '{\"1\": 60}' WHERE id = %s",
            (function.id,),
        )
        self.update()
        self.assertEqual(function.model_id.model, "res.partner")
        self.assertEqual(function.method, "something")
        self.assertEqual(function.retry_pattern, {"1": 60})

    def test_a_second_update_changes_nothing(self):
        first, second = (self.partner.delayable().export_it(n) for n in (1, 2))
        first.on_done(second).delay()
        self.env.flush_all()
        self.execute("SELECT * FROM queue_job ORDER BY id")
        jobs = self.env.cr.fetchall()
        self.execute("SELECT * FROM queue_job_dependency ORDER BY id")
        links = self.env.cr.fetchall()
        self.update()
        self.execute("SELECT * FROM queue_job ORDER BY id")
        self.assertEqual(self.env.cr.fetchall(), jobs)
        self.execute("SELECT * FROM queue_job_dependency ORDER BY id")
        self.assertEqual(self.env.cr.fetchall(), links)
