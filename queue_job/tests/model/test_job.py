# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import namedtuple
from datetime import datetime, timedelta

from odoo.addons.queue_job import job as job_module
from odoo.addons.queue_job.job import Job

from .cases import NOW, JobInMemoryCase, export_it


class TestNewJob(JobInMemoryCase):
    def test_names_of_the_module(self):
        self.assertEqual(job_module.DEFAULT_PRIORITY, 10)
        self.assertEqual(job_module.DEFAULT_MAX_RETRIES, 5)
        self.assertEqual(job_module.RETRY_INTERVAL, 600)
        self.assertEqual(
            [state for state, _label in job_module.STATES],
            [
                "wait_dependencies", "pending", "enqueued", "started", "done",
                "cancelled", "failed",
            ],
        )  # fmt: skip
        for state, _label in job_module.STATES:
            self.assertEqual(getattr(job_module, state.upper()), state)
            self.assertIs(type(getattr(job_module, state.upper())), str)

    def test_only_methods_of_records_make_a_job(self):
        class Thing:
            def method(self):
                pass

        for func in (export_it, len, Thing().method, "export_it", None, self.partner):
            with self.subTest(func), self.assertRaises(TypeError):
                Job(func)
        self.assertTrue(Job(self.partner.mapped))  # declared or not

    def test_args_are_a_list_or_a_tuple(self):
        self.assertEqual(self._job(args=[1, 2]).args, (1, 2))
        self.assertEqual(self._job(args=(1, 2)).args, (1, 2))
        self.assertEqual(self._job().args, ())
        for args in ("ab", {1}, {"a": 1}, 7, 0, "", {}):
            with self.subTest(args), self.assertRaises(AssertionError):
                self._job(args=args)

    def test_kwargs_are_a_dictionary(self):
        self.assertEqual(self._job(kwargs={"a": 1}).kwargs, {"a": 1})
        self.assertEqual(self._job().kwargs, {})
        for kwargs in ([("a", 1)], "a", 7, [], 0):
            with self.subTest(kwargs), self.assertRaises(AssertionError):
                self._job(kwargs=kwargs)

    def test_what_is_not_said(self):
        self._stop_the_clock()
        new = self._job()
        self.assertEqual(new.state, "pending")
        self.assertEqual(new.retry, 0)
        self.assertEqual(new.max_retries, 5)
        self.assertEqual(new.priority, 10)
        self.assertEqual(new.date_created, NOW)
        for name in (
            "graph_uuid", "eta", "identity_key", "result", "exec_time", "worker_pid",
            "date_enqueued", "date_started", "date_done", "date_cancelled",
            "exc_info", "exc_name", "exc_message",
        ):  # fmt: skip
            self.assertIsNone(getattr(new, name), name)

    def test_zero_is_said(self):
        new = self._job(priority=0, max_retries=0)
        self.assertEqual((new.priority, new.max_retries), (0, 0))

    def test_the_uuid_is_made_once(self):
        new = self._job()
        self.assertEqual(len(new.uuid), 36)
        self.assertEqual(new.uuid, new._uuid)
        self.assertEqual(new.uuid, new.uuid)
        self.assertEqual(self._job(job_uuid="given").uuid, "given")

    def test_jobs_are_equal_by_uuid(self):
        first, same, other = (self._job(job_uuid=u) for u in ("a", "a", "b"))
        self.assertEqual(first, same)
        self.assertNotEqual(first, other)
        self.assertEqual(len({first, same, other}), 2)
        self.assertNotEqual(first, "a")
        self.assertIs(first.__eq__("a"), NotImplemented)

    def test_it_is_shown_by_uuid_and_priority(self):
        new = self._job(job_uuid="u-1", priority=3)
        self.assertEqual(repr(new), "<Job u-1, priority:3>")
        self.assertEqual(str(new), "<Job u-1, priority:3>")

    def test_the_description_is_said_or_the_docstring_or_the_name(self):
        self.assertEqual(self._job(description="Said").description, "Said")
        self.assertEqual(self._job().description, "Export the partner")

        def silent(self):
            pass

        def blank(self):
            """ """

        self.assertEqual(self._job_of(silent).description, "res.partner.silent")
        self.assertEqual(self._job_of(blank).description, "res.partner.blank")

    def test_the_company_is_the_contexts_or_the_users(self):
        self.assertEqual(self._job().company_id, self.env.company.id)
        for value in (7, None, False):
            records = self.partner.with_context(company_id=value)
            self.assertEqual(Job(records.export_it).company_id, value)

    def test_the_call_as_text(self):
        new = self._job(args=(1, "x"), kwargs={"key": [2]})
        self.assertEqual(
            new.func_string,
            f"res.partner({self.partner.id},).export_it(1, 'x', key=[2])",
        )

    def test_the_function_knows_its_job(self):
        new = self._job()
        self.assertEqual(new.func.__self__.env.context["job_uuid"], new.uuid)
        self.assertEqual(new.func.__self__, self.partner)
        self.assertEqual(new.job_function_name, "<res.partner>.export_it")
        self.assertEqual(new.job_model_name, "queue.job")
        self.assertEqual(new.job_model, self.env["queue.job"])


class TestEta(JobInMemoryCase):
    def test_every_form(self):
        self._stop_the_clock()
        moment = datetime(2040, 1, 1)
        for given, expected in (
            (None, None),
            (False, None),
            (0, None),
            (60, NOW + timedelta(minutes=1)),
            (timedelta(hours=1), NOW + timedelta(hours=1)),
            (moment, moment),
        ):
            with self.subTest(given):
                self.assertEqual(self._job(eta=given).eta, expected)
                changed = self._job()
                changed.eta = given
                self.assertEqual(changed.eta, expected)


class TestIdentityKey(JobInMemoryCase):
    def test_a_function_is_asked_once_and_late(self):
        asked = []

        def key(asking):
            asked.append(asking)
            return "made"

        new = self._job(identity_key=key)
        self.assertEqual(asked, [])
        self.assertEqual((new.identity_key, new.identity_key), ("made", "made"))
        self.assertEqual(asked, [new])

    def test_text_and_nothing(self):
        self.assertEqual(self._job(identity_key="k").identity_key, "k")
        self.assertIsNone(self._job(identity_key=None).identity_key)


class TestConfiguration(JobInMemoryCase):
    """Said in the call, then the function record, then the decorator, then default."""

    def _record(self, **values):
        return self.env["queue.job.function"].create(
            {
                "model_id": self.env.ref("base.model_res_partner").id,
                "method": "export_it",
                **values,
            }
        )

    def _channel(self, name):
        return self.env["queue.job.function"]._find_or_create_channel(name)

    def test_the_channel(self):
        self.assertEqual(self._job().channel, "root")
        self.put_job(export_it, default_channel="root.decorator")
        self.assertEqual(self._job().channel, "root.decorator")
        self._record(channel_id=self._channel("root.record").id)
        self.assertEqual(self._job().channel, "root.record")
        self.assertEqual(self._job(channel="root.said").channel, "root.said")

    def test_a_manager_may_send_a_decorated_method_to_root(self):
        self.put_job(export_it, default_channel="root.decorator")
        self._record()
        self.assertEqual(self._job().channel, "root")

    def test_the_retry_pattern(self):
        self.put_job(export_it, retry_pattern={1: 11})
        self.assertEqual(self._job()._get_retry_seconds(), 600)
        waiting = self._job()
        waiting.retry = 1
        self.assertEqual(waiting._get_retry_seconds(), 11)
        record = self._record()
        self.assertEqual(waiting._get_retry_seconds(), 11)
        record.edit_retry_pattern = "{1: 22}"
        self.assertEqual(waiting._get_retry_seconds(), 22)

    def test_the_method_called_on_failure(self):
        self.assertIsNone(self._job().on_fail_method_name)
        self._record(on_fail_method="on_export_failed")
        with self.assertRaisesRegex(TypeError, "'on_export_failed'.*does not have"):
            self._job()

        def on_export_failed(self, **values):
            pass

        self.put(on_export_failed)
        self.assertEqual(self._job().on_fail_method_name, "on_export_failed")


class TestRebinding(JobInMemoryCase):
    """What runners of other add-ons assign to a job."""

    def test_another_user(self):
        new = self._job()
        self.assertEqual(new.user_id, self.env.uid)
        new.user_id = self.user.id
        self.assertEqual(new.user_id, self.user.id)
        self.assertEqual(new.func.__self__.env.user, self.user)
        self.assertFalse(new.func.__self__.env.su)

    def test_another_environment(self):
        new = self._job(args=([self.partners],), kwargs={"d": {"x": self.partner}})
        env = self.env(user=self.user, context={"lang": "en_US"})
        for name in ("env", "_env"):
            setattr(new, name, env)
            self.assertIs(getattr(new, name), env)
            self.assertIs(new.recordset.env, env)
        # arguments follow the cursor, and keep their own users
        self.assertEqual(new.args, ([self.partners],))
        self.assertEqual(new.args[0][0].env.cr, env.cr)
        self.assertEqual(new.kwargs["d"]["x"].env.uid, self.env.uid)

    def test_arguments_of_every_shape_follow(self):
        Pair = namedtuple("Pair", "first second")
        new = self._job(args=(Pair(self.partner, [(self.partners,)]),))
        new.env = self.env(user=self.user)
        self.assertEqual(new.args, ((self.partner, [(self.partners,)]),))

    def test_another_model_name(self):
        new = self._job()
        new.model_name = "res.users"
        self.assertEqual(new.model_name, "res.users")
        self.assertEqual(new.job_function_name, "<res.users>.export_it")
