# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The row of a job: found, read again, changed through ``store()``."""

import json
from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError

from odoo.addons.queue_job.core.states import State, is_legal
from odoo.addons.queue_job.exception import NoSuchJobError, NotReadableJobError
from odoo.addons.queue_job.job import Job

from .any_state import write_row
from .case import JobCase


def export_it(self, *args, **kwargs):
    return self.env.uid, self.env.su


class JobRowCase(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)
        self.job = self.partner.with_user(self.user).with_delay().export_it(1, k=2)

    def _set(self, job, **columns):
        write_row(job.db_record(), **columns)

    def _load(self, job=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return Job.load(self.env, (job or self.job).uuid)


class TestLoading(JobRowCase):
    def test_a_job_comes_back_as_it_was(self):
        made = self.partner.with_user(self.user).with_delay(
            priority=0, eta=datetime(2040, 1, 2, 3, 4, 5), max_retries=0,
            description="Said", channel="root.said", identity_key="key",
        ).export_it(1, k=2)  # fmt: skip
        loaded = self._load(made)
        self.assertEqual(loaded, made)
        for name in (
            "uuid", "model_name", "method_name", "args", "kwargs", "priority", "eta",
            "max_retries", "retry", "description", "channel", "identity_key", "state",
            "user_id", "company_id", "recordset", "func_string", "graph_uuid",
        ):  # fmt: skip
            self.assertEqual(getattr(loaded, name), getattr(made, name), name)
        created = made.date_created.replace(microsecond=0)
        self.assertEqual(loaded.date_created.replace(microsecond=0), created)

    def test_what_the_row_knows_of_its_way_comes_back(self):
        moment = datetime(2020, 1, 2, 3, 4, 5)
        self._set(
            self.job, state="failed", retry=3, attempt=4, result="r", exc_info="i",
            exc_name="n", exc_message="m", date_enqueued=moment, date_started=moment,
            date_done=moment, date_cancelled=moment, date_failed=moment,
            exec_time=1.5, worker_pid=7,
        )  # fmt: skip
        loaded = self._load()
        for name, value in {
            "state": "failed", "retry": 3, "attempt": 4, "result": "r",
            "exc_info": "i", "exc_name": "n", "exc_message": "m", "exec_time": 1.5,
            "date_enqueued": moment, "date_started": moment, "date_done": moment,
            "date_cancelled": moment, "date_failed": moment, "worker_pid": 7,
        }.items():  # fmt: skip
            self.assertEqual(getattr(loaded, name), value, name)

    def test_a_job_that_is_gone(self):
        with self.assertRaisesRegex(NoSuchJobError, "no-such-uuid"):
            Job.load(self.env, "no-such-uuid")
        self.assertFalse(Job.db_record_from_uuid(self.env, "no-such-uuid"))

    def test_several_jobs_missing_ones_skipped(self):
        other = self.partner.with_delay().export_it()
        uuids = [self.job.uuid, "no-such-uuid", other.uuid]
        self.assertEqual(Job.load_many(self.env, uuids), {self.job, other})
        self.assertEqual(Job.load_many(self.env, []), set())
        records = Job.db_records_from_uuids(self.env, uuids)
        self.assertEqual(set(records.mapped("uuid")), {self.job.uuid, other.uuid})
        self.assertTrue(records.env.su)

    def test_from_the_record_at_hand(self):
        record = self.job.db_record()
        self.assertEqual(Job._load_from_db_record(record), self.job)

    def test_it_runs_as_the_user_who_delayed_it(self):
        self.assertEqual(self._load().perform(), (self.user.id, False))
        sudo = self.partner.with_user(self.user).sudo().with_delay().export_it()
        self.assertEqual(self._load(sudo).perform(), (self.user.id, True))

    def test_it_runs_as_another_user_once_a_manager_says_so(self):
        self.job.db_record().user_id = self.manager
        self.assertEqual(self._load().user_id, self.manager.id)
        self.assertEqual(self._load().perform(), (self.manager.id, False))

    def test_only_an_administrator_hands_on_the_rights_of_one(self):
        record, admin = self.job.db_record(), self.env.ref("base.user_admin")
        for mighty in (admin, self.env.ref("base.user_root")):
            with self.assertRaisesRegex(AccessError, mighty.name):
                record.with_user(self.manager).user_id = mighty
            record.with_user(admin).user_id = mighty
            self.assertEqual(self._load().user_id, mighty.id)

    def test_it_keeps_its_own_context_then(self):
        def show_context(self):
            return dict(self.env.context)

        self.put_job(show_context)
        delayed = self.partner.with_context(tz="UTC").with_delay().show_context()
        web = {"tz": "Asia/Tokyo", "lang": "en_US", "allowed_company_ids": [1]}
        delayed.db_record().with_context(**web).user_id = self.manager
        loaded = self._load(delayed)
        self.assertEqual(loaded.user_id, self.manager.id)
        self.assertEqual(loaded.perform(), {"tz": "UTC", "job_uuid": loaded.uuid})

    def test_only_the_listed_context_is_kept(self):
        def show_context(self):
            return dict(self.env.context)

        self.put_job(show_context)
        records = self.partner.with_context(tz="UTC", unlisted=1)
        loaded = self._load(records.with_delay().show_context())
        context = loaded.perform()
        self.assertEqual(context, {"tz": "UTC", "job_uuid": loaded.uuid})

    def test_rows_of_older_versions_without_user_and_flag(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET records = records::jsonb - 'uid' - 'su' - 'context'"
            " WHERE uuid = %s",
            (self.job.uuid,),
        )
        self.assertEqual(self._load().perform(), (self.user.id, False))

    def test_records_that_are_gone_are_no_matter_of_loading(self):
        self.partner.unlink()
        self.assertFalse(self._load().recordset.exists())


class TestUnreadableRows(JobRowCase):
    def test_a_vanished_method(self):
        self._set(self.job, method_name="vanished")
        with self.assertRaisesRegex(NotReadableJobError, "res.partner.*vanished"):
            self._load()

    def _forget_model(self, column):
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE queue_job SET model_name = 'gone.model', {column} ="  # noqa: S608
            f" replace({column}::text, 'res.partner', 'gone.model')::jsonb"
            " WHERE uuid = %s",
            (self.job.uuid,),
        )

    def test_a_vanished_model(self):
        self._forget_model("records")
        with self.assertRaisesRegex(NotReadableJobError, "gone.model"):
            self._load()

    def test_a_vanished_model_among_the_arguments(self):
        self.job = self.partner.with_delay().export_it([self.partner])
        self._forget_model("args")
        with self.assertRaisesRegex(NotReadableJobError, "gone.model"):
            self._load()

    def test_the_record_can_still_be_looked_at(self):
        self._forget_model("records")
        record = self.job.db_record()
        self.env.invalidate_all()
        [values] = record.read(["record_ids", "func_string", "state", "user_id"])
        self.assertEqual(values["record_ids"], self.partner.ids)

    def test_clients_read_pages_with_such_calls_as_they_are_stored(self):
        self._forget_model("records")
        self._forget_model("args")
        others = self.partner.with_delay().export_it()
        broken = self.partner.with_delay().export_it()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET args = %s WHERE uuid = %s",
            ('[{"_type": "etree_element", "value": "<a"}]', broken.uuid),
        )
        self.env.invalidate_all()
        names = ["uuid", "records", "args", "kwargs", "record_ids", "state"]
        domain = [("uuid", "in", [self.job.uuid, others.uuid, broken.uuid])]
        specification = {name: {} for name in names}
        for method, args in (
            ("search_read", (domain, names)),
            ("web_search_read", (domain, specification)),
        ):
            self.env.invalidate_all()
            page = self.rpc(self.manager, "queue.job", method, *args)
            rows = page["records"] if isinstance(page, dict) else page
            by_uuid = {row["uuid"]: row for row in rows}
            self.assertEqual(len(by_uuid), 3)
            json.dumps(rows, default=str)
            self.assertEqual(by_uuid[self.job.uuid]["records"]["model"], "gone.model")
            self.assertEqual(by_uuid[broken.uuid]["args"][0]["value"], "<a")
        self.env.invalidate_all()
        exported = self.env["queue.job"].search(domain).export_data(names)["datas"]
        self.assertEqual(len(exported), 3)
        self.assertIn("gone.model", str(exported))

    def test_the_record_can_still_be_moved(self):
        self._forget_model("records")
        record = self.job.db_record()
        self.env.invalidate_all()
        record.user_id = self.manager
        record.button_cancelled()
        self.assertEqual(record.state, "cancelled")
        record.requeue()
        self.assertEqual(record.state, "pending")


class TestEnqueue(JobRowCase):
    def test_it_makes_stores_and_returns_a_job(self):
        made = Job.enqueue(
            self.partner.export_it, args=(1,), kwargs={"k": 2}, priority=3,
            eta=60, max_retries=4, description="d", channel="root.c",
            identity_key="i",
        )  # fmt: skip
        record = made.db_record()
        self.assertEqual(record.priority, 3)
        self.assertEqual(record.max_retries, 4)
        self.assertEqual(record.name, "d")
        self.assertEqual(record.channel, "root.c")
        self.assertEqual(record.args, [1])
        self.assertTrue(record.eta)

    def test_an_undeclared_method_is_no_matter_here(self):
        self.assertTrue(Job.enqueue(self.partner.write, args=[{}]).db_record())

    def test_of_a_waiting_job_it_returns_that_one(self):
        first = Job.enqueue(self.partner.export_it, identity_key="k")
        second = Job.enqueue(self.partner.export_it, identity_key="k", args=[1])
        self.assertIsInstance(second, Job)
        self.assertEqual(second, first)
        self.assertEqual(second.args, ())
        self.assertEqual(second.job_record_with_same_identity_key(), first.db_record())


class TestStore(JobRowCase):
    """``Job.load(…).set_…().store()``, as code of other add-ons does it."""

    def test_a_job_performed_by_hand_ends_as_done(self):
        loaded = self._load()
        loaded.perform()
        loaded.set_done()
        loaded.store()
        record = loaded.db_record()
        self.assertEqual(record.state, "done")
        self.assertEqual(record.retry, 1)
        self.assertEqual(record.result, str((self.user.id, False)))
        self.assertTrue(record.date_done)

    def test_the_way_of_a_runner_of_another_add_on(self):
        loaded = self._load()
        loaded.set_started()
        loaded.store()
        self.assertEqual(loaded.db_record().state, "started")
        loaded.postpone(result="later", seconds=9)
        loaded.set_pending(reset_retry=False)
        loaded.store()
        record = loaded.db_record()
        self.assertEqual((record.state, record.result), ("pending", "later"))
        self.assertTrue(record.eta)
        self.assertFalse(record.date_started)
        loaded.set_started()
        loaded.set_failed(exc_info="Traceback", exc_name="n", exc_message="m")
        loaded.store()
        self.assertEqual(record.state, "failed")
        self.assertEqual(record.exc_info, "Traceback")

    def test_every_move_through_store_goes_by_the_table(self):
        for source in State:
            for target in State:
                self._set(self.job, state=str(source))
                loaded = self._load()
                loaded.state = str(target)
                with self.subTest(f"{source} -> {target}"):
                    if is_legal(source, target):
                        loaded.store()
                        self.assertEqual(loaded.db_record().state, target)
                    else:
                        with self.assertRaises(UserError):
                            loaded.store()

    def test_storing_again_keeps_the_user_and_his_rights(self):
        sudo = self.partner.with_user(self.user).sudo().with_delay().export_it()
        loaded = self._load(sudo)
        loaded.set_started()
        loaded.store()
        self.assertEqual(self._load(sudo).perform(), (self.user.id, True))

    def test_what_is_called_stays_as_it_was_stored(self):
        loaded = self._load()
        loaded.kwargs["k"] = 99
        loaded.description = "changed"
        loaded.store()
        self.assertEqual(loaded.db_record().kwargs, {"k": 2})
        self.assertNotEqual(loaded.db_record().name, "changed")

    def test_an_empty_result_is_stored_as_nothing(self):
        for result, stored in ((None, False), ([], False), (0, False), ("x", "x")):
            loaded = self._load()
            loaded.result = result
            loaded.store()
            self.assertEqual(loaded.db_record().result, stored)

    def test_texts_of_exceptions_are_made_storable(self):
        self.job.set_started()
        self.job.set_failed(exc_info="a\0", exc_name="b\0", exc_message="\ud800c")
        self.job.store()
        record = self.job.db_record()
        self.assertEqual(
            (record.exc_info, record.exc_name, record.exc_message), ("a", "b", "c")
        )

    def test_a_live_try_keeps_others_from_moving_the_job(self):
        attempt = self.dispatch(self.job)
        loaded = self._load()
        self.assertEqual(attempt, 1)
        place = "odoo.addons.queue_job.store.dispatch.is_unlocked"
        with patch(place, return_value=False), self.assertRaises(UserError):
            loaded.set_done()
            loaded.store()
        self.assertEqual(loaded.db_record().state, "enqueued")


class TestInTemporaryEnv(JobRowCase):
    def test_the_job_is_bound_elsewhere_for_the_block(self):
        before = self.job.env
        with self.job.in_temporary_env() as same:
            self.assertIs(same, self.job)
        self.assertEqual(self.job.env, before)

    def test_it_is_bound_back_after_an_error(self):
        before = self.job.env
        with self.assertRaises(ZeroDivisionError), self.job.in_temporary_env():
            1 / 0  # noqa: B018
        self.assertEqual(self.job.env, before)
        self.assertTrue(self.job.db_record())


class TestLock(JobRowCase):
    def test_it_says_whether_a_live_try_holds_the_job(self):
        self.assertIs(self.job.lock(), True)
        place = "odoo.addons.queue_job.store.dispatch.is_unlocked"
        with patch(place, return_value=False):
            self.assertIs(self.job.lock(), False)
