from collections import namedtuple
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.addons.queue_job import job as job_module
from odoo.addons.queue_job.exception import (
    FailedJobError,
    NothingToDoJob,
    RetryableJobError,
)
from odoo.addons.queue_job.job import Job, job, related_action

from .case import JobCase, fresh

NOW = datetime(2020, 2, 3, 4, 5, 6)


def export_it(self, *args, **kwargs):
    """
    Export the partner

    More about it.
    """
    return self, args, kwargs


class JobInMemoryCase(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)

    def _job(self, *args, **kwargs):
        return Job(self.partner.export_it, *args, **kwargs)

    def _job_of(self, func, **options):
        func = job(func, **options)
        self.put(func)
        return Job(getattr(self.partner, func.__name__))

    def _stop_the_clock(self):
        clock = patch.object(job_module, "datetime", autospec=True)
        clock.start().now.return_value = NOW
        self.addCleanup(clock.stop)


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
        self.assertEqual(self._job().on_fail_method_name, "on_export_failed")


class TestRetrySeconds(JobInMemoryCase):
    def test_the_greatest_key_reached_counts(self):
        self.put_job(export_it, retry_pattern={1: 5, 3: 60, 10: 600})
        waiting = self._job()
        for retry, seconds in ((0, 600), (1, 5), (2, 5), (3, 60), (9, 60), (10, 600)):
            waiting.retry = retry
            with self.subTest(retry):
                self.assertEqual(waiting._get_retry_seconds(), seconds)

    def test_seconds_that_are_said_win(self):
        self.put_job(export_it, retry_pattern={1: 5})
        waiting = self._job()
        waiting.retry = 1
        self.assertEqual(waiting._get_retry_seconds(7), 7)
        self.assertEqual(waiting._get_retry_seconds(0), 5)
        self.assertEqual(waiting._get_retry_seconds(None), 5)

    def test_a_pair_is_drawn_from(self):
        for pair in ((10, 12), [10, 12]):
            self.put_job(export_it, retry_pattern={1: pair})
            waiting = self._job()
            waiting.retry = 1
            drawn = {waiting._get_retry_seconds() for _ in range(200)}
            self.assertEqual(drawn, {10, 11, 12})


class TestPerform(JobInMemoryCase):
    def test_it_calls_the_method_and_keeps_the_result(self):
        new = self._job(args=(1,), kwargs={"k": 2})
        records, args, kwargs = new.perform()
        self.assertEqual(records, self.partner)
        self.assertEqual(records.env.context["job_uuid"], new.uuid)
        self.assertEqual((args, kwargs), ((1,), {"k": 2}))
        self.assertEqual(new.result, (records, args, kwargs))
        self.assertEqual((new.retry, new.state), (1, "pending"))
        self.assertFalse(new.db_record())

    def _later(self, **options):
        def try_it(self):
            raise RetryableJobError("not now", **options)

        return self._job_of(try_it)

    def test_each_try_counts_until_the_last_one_fails(self):
        new = self._later()
        new.max_retries = 2
        with self.assertRaises(RetryableJobError):
            new.perform()
        with self.assertRaisesRegex(
            FailedJobError, r"Max. retries \(2\) reached.*not now"
        ) as caught:
            new.perform()
        self.assertIsInstance(caught.exception.__cause__, RetryableJobError)
        self.assertEqual(new.retry, 2)

    def test_without_limit_it_is_tried_without_end(self):
        new = self._later()
        new.max_retries, new.retry = 0, 1000
        with self.assertRaises(RetryableJobError):
            new.perform()

    def test_a_try_that_does_not_count(self):
        new = self._later(ignore_retry=True)
        new.max_retries, new.retry = 2, 2
        with self.assertRaises(RetryableJobError):
            new.perform()
        self.assertEqual(new.retry, 2)

    def test_other_exceptions_pass_straight_through(self):
        for error in (ValueError("x"), NothingToDoJob("y"), FailedJobError("z")):

            def fail_it(self, error=error):
                raise error

            new = self._job_of(fail_it)
            with self.subTest(error), self.assertRaises(type(error)) as caught:
                new.perform()
            self.assertIs(caught.exception, error)
            self.assertEqual(new.retry, 1)


class TestStatesInMemory(JobInMemoryCase):
    def setUp(self):
        super().setUp()
        self._stop_the_clock()
        self.job = self._job()

    def test_enqueued(self):
        self.job.date_started, self.job.worker_pid = NOW, 7
        self.job.set_enqueued()
        self.assertEqual(self.job.state, "enqueued")
        self.assertEqual(self.job.date_enqueued, NOW)
        self.assertIsNone(self.job.date_started)
        self.assertIsNone(self.job.worker_pid)

    def test_started(self):
        self.job.set_started()
        self.assertEqual((self.job.state, self.job.date_started), ("started", NOW))
        self.assertTrue(self.job.worker_pid)

    def test_done(self):
        self.job.exc_info = self.job.exc_name = self.job.exc_message = "x"
        self.job.date_started = NOW - timedelta(seconds=3)
        self.job.set_done(result="r")
        self.assertEqual((self.job.state, self.job.date_done), ("done", NOW))
        self.assertEqual((self.job.exec_time, self.job.result), (3, "r"))
        for name in ("exc_info", "exc_name", "exc_message"):
            self.assertIsNone(getattr(self.job, name))

    def test_done_keeps_the_result_when_none_is_given(self):
        self.job.result = "earlier"
        self.job.set_done()
        self.assertEqual((self.job.result, self.job.exec_time), ("earlier", None))

    def test_cancelled(self):
        self.job.set_cancelled(result="r")
        self.assertEqual(
            (self.job.state, self.job.date_cancelled, self.job.result),
            ("cancelled", NOW, "r"),
        )

    def test_failed_with_text_or_with_keywords(self):
        self.job.set_failed("trace")
        self.assertEqual((self.job.state, self.job.exc_info), ("failed", "trace"))
        self.job.set_failed(exc_info="t2", exc_name="n", exc_message="m")
        self.job.set_failed(exc_info=None, exc_name=None, exc_message=None)
        self.assertEqual(
            (self.job.exc_info, self.job.exc_name, self.job.exc_message),
            ("t2", "n", "m"),
        )

    def test_pending(self):
        self.job.set_started()
        self.job.retry = 3
        self.job.set_pending(reset_retry=False)
        self.assertEqual((self.job.state, self.job.retry), ("pending", 3))
        self.assertIsNone(self.job.date_started)
        self.assertIsNone(self.job.worker_pid)
        self.job.set_pending(result="r")
        self.assertEqual((self.job.retry, self.job.result), (0, "r"))

    def test_postponed(self):
        self.job.exc_info = "x"
        self.job.set_started()
        self.job.postpone(result="later", seconds=60)
        self.assertEqual(self.job.eta, NOW + timedelta(minutes=1))
        self.assertEqual((self.job.result, self.job.exc_info), ("later", None))
        self.assertEqual(self.job.state, "started")
        self.job.postpone()
        self.assertEqual(self.job.eta, NOW + timedelta(minutes=10))
        self.assertEqual(self.job.result, "later")


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


class TestRelatedActionOfAJob(JobInMemoryCase):
    def _stored(self, func=None):
        self.put(func or job(fresh(export_it)))
        return self.partner.with_delay().export_it()

    def test_by_default_it_opens_the_record(self):
        stored = self._stored()
        self.assertEqual(
            stored.related_action(),
            {
                "name": "Related Record",
                "type": "ir.actions.act_window",
                "res_model": "res.partner",
                "res_id": self.partner.id,
                "view_mode": "form",
            },
        )

    def test_of_several_records_it_opens_a_list(self):
        stored = self.partners.with_delay().export_it()
        self.assertEqual(
            stored.related_action(),
            {
                "name": "Related Records",
                "type": "ir.actions.act_window",
                "res_model": "res.partner",
                "view_mode": "list,form",
                "domain": [("id", "in", self.partners.ids)],
            },
        )

    def test_without_existing_record_there_is_none(self):
        stored = self._stored()
        self.partner.unlink()
        self.assertIsNone(stored.related_action())

    def test_the_decorator_names_it(self):
        def open_it(self, **kwargs):
            return {"uuid": self.uuid, **kwargs}

        self.put(open_it, "queue.job")
        named = related_action("open_it", view="form")(job(fresh(export_it)))
        stored = self._stored(named)
        self.assertEqual(stored.related_action(), {"uuid": stored.uuid, "view": "form"})

    def test_the_decorator_switches_it_off(self):
        stored = self._stored(related_action(action=None)(job(fresh(export_it))))
        self.assertIsNone(stored.related_action())

    def test_the_function_record_wins(self):
        def open_it(self, **kwargs):
            return kwargs

        self.put(open_it, "queue.job")
        record = self.env["queue.job.function"].create(
            {
                "model_id": self.env.ref("base.model_res_partner").id,
                "method": "export_it",
                "edit_related_action": "{'func_name': 'open_it', 'kwargs': {'a': 1}}",
            }
        )
        stored = self._stored(related_action("other")(job(fresh(export_it))))
        self.assertEqual(stored.related_action(), {"a": 1})
        record.edit_related_action = "{'enable': False}"
        self.assertIsNone(stored.related_action())

    def test_a_name_that_is_no_text_is_refused(self):
        stored = self._stored(related_action(action=42)(job(fresh(export_it))))
        with self.assertRaisesRegex(ValueError, "42"):
            stored.related_action()
