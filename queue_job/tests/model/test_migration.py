# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tables as earlier versions of the addon left them."""

import uuid
from datetime import date
from pathlib import Path
from unittest.mock import patch

import psycopg2.errors

from odoo.modules.migration import exec_script

from odoo.addons.queue_job.core.channels.name import MOST_LEVELS
from odoo.addons.queue_job.delaying.identity import identity_exact
from odoo.addons.queue_job.exception import NotReadableJobError
from odoo.addons.queue_job.job import Job
from odoo.addons.queue_job.store import migration, unreleased

from .case import JobCase

SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


def export_it(self, *args, **kwargs):
    return args, kwargs


class TestMigration(JobCase):
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
        self.run_script("pre")
        self.registry.init_models(self.env.cr, models, {"module": "queue_job"})
        self.run_script("post")
        self.env.invalidate_all()
        self.registry.clear_cache()

    def run_script(self, stage):
        [script] = SCRIPTS.glob(f"19.0.3.0.0/{stage}-*.py")
        exec_script(self.env.cr, "19.0.1.1.0", str(script), "queue_job", stage)

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
        self.assertEqual(self.column_type("queue_job", "args"), "json")
        self.assertIsNone(self.column_type("queue_job", "record_ids"))
        job = Job.load(self.env, found)
        self.assertEqual(job.recordset, self.partner)
        self.assertEqual(job.user_id, self.user.id)
        self.assertFalse(job.recordset.env.su)
        self.assertEqual(job.kwargs, {"text": "with  in it"})
        self.assertEqual(self.run_job(job), "done")
        self.assertEqual(self.run_job(Job.load(self.env, bare)), "done")

    def make_layout_of_19(self):
        """JSON is text within JSON there."""
        for column in ("records", "args", "kwargs"):
            self.execute(
                f"ALTER TABLE queue_job ALTER {column} TYPE jsonb"
                f" USING to_jsonb({column}::text)"
            )
        self.execute("ALTER TABLE queue_job DROP attempt, DROP worker_backend")
        self.execute("CREATE INDEX queue_job__state_index ON queue_job (state)")
        self.execute(
            "CREATE TABLE queue_job_lock"
            " (queue_job_id integer REFERENCES queue_job ON DELETE CASCADE)"
        )

    def relations(self):
        self.execute("SELECT relname FROM pg_class WHERE relname LIKE 'queue_job%'")
        return {name for (name,) in self.env.cr.fetchall()}

    def test_jobs_of_odoo_19_run_afterwards(self):
        args = (date(2020, 1, 2), self.partners, "C:\\u0000", {"a": [1]})
        partner = self.partner.with_user(self.user).with_context(lang="en_US", x=1)
        delayed = partner.with_delay().export_it(*args, text="\\")
        self.env.flush_all()
        self.make_layout_of_19()
        self.update()
        job = Job.load(self.env, delayed.uuid)
        self.assertEqual((job.args, job.kwargs), (args, {"text": "\\"}))
        self.assertEqual(job.recordset, self.partner)
        self.assertEqual(dict(job.recordset.env.context), {"lang": "en_US"})
        self.assertEqual(job.user_id, self.user.id)
        self.assertEqual(self.run_job(job), "done")

    def test_of_earlier_text_every_letter_is_kept(self):
        text = '{"zz": 1e16, "a": -0.0, "b": "\\u00e9"}'
        delayed = self.partner.with_delay(identity_key=identity_exact).export_it()
        self.env.flush_all()
        self.execute("ALTER TABLE queue_job ALTER kwargs TYPE text USING %s", (text,))
        self.make_layout_of_19()
        self.update()
        self.execute("SELECT kwargs::text FROM queue_job")
        self.assertEqual(self.env.cr.fetchall(), [(text,)])
        job = Job.load(self.env, delayed.uuid)
        self.assertEqual(str(job.kwargs), "{'zz': 1e+16, 'a': -0.0, 'b': 'é'}")

    def test_what_forgot_the_order_of_keys_is_kept_as_text_from_now_on(self):
        args = ((1, 2), {"a": self.partners, "b": 1})
        delayed = self.partner.with_delay(identity_key=identity_exact).export_it(*args)
        self.env.flush_all()
        key = delayed.identity_key
        columns = ("records", "args", "kwargs")
        for column in columns:
            self.execute(f"ALTER TABLE queue_job ALTER {column} TYPE jsonb")
        self.update()
        for column in columns:
            self.assertEqual(self.column_type("queue_job", column), "json")
        job = Job.load(self.env, delayed.uuid)
        self.assertEqual((job.args, job.recordset), (args, self.partner))
        self.assertEqual(identity_exact(job), key)
        self.assertEqual(self.run_job(job), "done")

    def test_of_unreadable_jobs_each_fails_alone(self):
        odd, zero = (self.partner.with_delay().export_it() for _ in range(2))
        self.env.flush_all()
        self.make_layout_of_19()
        update = "UPDATE queue_job SET args = to_jsonb(%s::text) WHERE uuid = %s"
        self.execute(update, ("[NaN]", odd.uuid))
        self.execute(update, ('["a\\u0000\\u0000b"]', zero.uuid))
        self.update()
        self.assertEqual(Job.load(self.env, zero.uuid).args, ("ab",))
        with self.assertRaisesRegex(NotReadableJobError, "args.*NaN"):
            Job.load(self.env, odd.uuid)
        self.assertIn("NaN", self.run_failing(odd))

    def test_what_odoo_19_needs_no_more_goes(self):
        self.make_layout_of_19()
        self.assertIn("queue_job_lock", self.relations())
        self.update()
        self.assertFalse(
            self.relations() & {"queue_job_lock", "queue_job__state_index"}
        )

    def test_functions_declared_twice_become_one(self):
        self.execute(
            "ALTER TABLE queue_job_function"
            " DROP CONSTRAINT queue_job_function_name_uniq"
        )
        functions = self.env["queue.job.function"]
        first, second = functions.create([{"name": "<res.partner>.export_it"}] * 2)
        self.execute("ALTER TABLE queue_job_function ALTER retry_pattern TYPE jsonb")
        self.execute(
            "UPDATE queue_job_function SET retry_pattern = %s WHERE id = %s",
            ('"{\\"1\\": [5, 9]}"', first.id),
        )
        self.env["ir.model.data"].create(
            {
                "module": "somewhere",
                "name": "function",
                "model": "queue.job.function",
                "res_id": second.id,
            }
        )
        job = self.partner.with_delay().export_it()
        self.env.flush_all()
        self.execute("UPDATE queue_job SET job_function_id = %s", (second.id,))
        self.update()
        self.assertEqual((first | second).exists(), first)
        self.assertEqual(job.db_record().job_function_id, first)
        self.assertEqual(self.env.ref("somewhere.function"), first)
        self.assertEqual(functions.job_config(first.name).retry_pattern, {1: (5, 9)})

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
        self.assertEqual(unreleased.release_all(self.env.cr).released, [])
        self.execute("UPDATE queue_job SET state = 'done' WHERE uuid = %s", (other,))
        self.assertEqual(
            unreleased.release_all(self.env.cr).released,
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

    def test_jobs_that_failed_before_get_the_time_of_their_last_attempt(self):
        found, bare = self.insert(state="failed"), self.insert(state="failed")
        job = Job.db_record_from_uuid(self.env, found)
        for start, duration in (("01:00:00", None), ("02:00:00", 2.5)):
            self.env["queue.job.attempt"].create(
                {
                    "job_id": job.id,
                    "date_started": f"2020-01-01 {start}",
                    "duration": duration,
                }
            )
        self.env.flush_all()
        self.execute("ALTER TABLE queue_job DROP date_failed")
        self.update()
        self.assertEqual(str(job.date_failed), "2020-01-01 02:00:02")
        self.assertFalse(Job.db_record_from_uuid(self.env, bare).date_failed)

    def spelt(self, uuids):
        self.execute(
            "SELECT channel FROM queue_job WHERE uuid = ANY(%s)"
            " ORDER BY array_position(%s, uuid::text)",
            (uuids, uuids),
        )
        return [channel for (channel,) in self.env.cr.fetchall()]

    def test_jobs_are_taken_over_where_no_script_runs(self):
        # Odoo runs none where the version before was the higher one
        delayed = self.partner.with_delay().export_it(1, text="x")
        self.env.flush_all()
        self.make_layout_of_19()
        with patch.object(type(self), "run_script"):
            self.update()
        job = Job.load(self.env, delayed.uuid)
        self.assertEqual((job.args, job.kwargs), ((1,), {"text": "x"}))

    def test_waiting_jobs_get_the_one_spelling_of_their_channel(self):
        deep = ".".join(["root", *"a" * MOST_LEVELS])
        kept = {
            " root.s": "root.s",
            "root..s": "root.s",
            "s ": "root.s",
            "": "root",
            None: "root",
            deep: deep.removesuffix(".a"),
            "root.s": "root.s",
        }
        waiting = [
            self.insert(channel=channel, state=state)
            for state in ("pending", "wait_dependencies", "failed")
            for channel in kept
        ]
        over = [
            self.insert(channel=" root.s", state=state)
            for state in ("started", "enqueued", "done", "cancelled")
        ]
        self.update()
        self.assertEqual(self.spelt(waiting), [*kept.values()] * 3)
        self.assertEqual(self.spelt(over), [" root.s"] * 4)

    def test_very_many_jobs_get_it_page_by_page(self):
        waiting = [self.insert(channel=f" root..c{n % 3}") for n in range(10)]
        migration.respell_channels(self.env.cr, page=4)
        self.assertEqual(self.spelt(waiting), [f"root.c{n % 3}" for n in range(10)])

    def test_a_job_that_somebody_changes_keeps_its_spelling_and_the_update_goes_on(
        self,
    ):
        changed, other = self.insert(channel=" root.s"), self.insert(channel="root..s")

        def conflict(query, params=None, log_exceptions=True):
            if " root.s" in (params or {}).get("found", ()):
                raise psycopg2.errors.SerializationFailure()
            return execute(query, params, log_exceptions)

        execute = self.env.cr.execute
        with patch.object(self.env.cr, "execute", conflict):
            migration.respell_channels(self.env.cr)
        self.assertEqual(self.spelt([changed, other]), [" root.s", "root..s"])
        migration.respell_channels(self.env.cr)
        self.assertEqual(self.spelt([changed, other]), ["root.s", "root.s"])
