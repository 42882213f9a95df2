# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whatever a job raises or returns, it ends in a final state that says what happened;
failure is committed first, what follows it comes after."""

from unittest.mock import patch

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from odoo.addons.queue_job.exception import FailedJobError, RetryableJobError

from .cases import FailureCase


def rename(self):
    self.name = "renamed"


class TestFailure(FailureCase):
    def test_the_work_is_rolled_back_and_the_failure_recorded(self):
        delayed = self.delay(self._raising(UserError("it cannot be")))
        log = self.run_failing(delayed)
        record = self._assert_failed(
            delayed, "odoo.exceptions.UserError", "it cannot be"
        )
        self.assertEqual(self.partner.name, "A")
        self.assertEqual(record.retry, 1)
        self.assertIn("in fail_it", record.exc_info)
        self.assertIn("in fail_it", log)
        self.assertIn(delayed.uuid, log)

    def test_the_try_is_kept(self):
        delayed = self.delay(self._raising(ValueError("no")))
        self.run_failing(delayed)
        [kept] = delayed.db_record().attempt_ids
        self.assertEqual((kept.number, kept.exc_message), (1, "no"))
        self.assertEqual(kept.exc_name, "ValueError")
        self.assertIn("in fail_it", kept.exc_info)
        self.assertGreaterEqual(kept.duration, 0)

    def test_earlier_tries_stay_after_a_requeue(self):
        delayed = self.delay(self._raising(ValueError("no")))
        self.run_failing(delayed)
        delayed.db_record().requeue()
        self.run_failing(delayed)
        tries = delayed.db_record().attempt_ids
        self.assertEqual(sorted(tries.mapped("number")), [1, 2])

    def test_it_is_told_to_the_followers(self):
        delayed = self.delay(self._raising(ValueError("no")))
        self.run_failing(delayed)
        record = delayed.db_record()
        subtype = self.env.ref("queue_job.mt_job_failed")
        told = record.message_ids.filtered(lambda m: m.subtype_id == subtype)
        self.assertEqual(len(told), 1)
        self.assertIn(self.manager.partner_id, record.message_partner_ids)

    def test_a_job_may_ask_to_fail_for_good(self):
        delayed = self.delay(self._raising(FailedJobError("for good")))
        self.run_failing(delayed)
        self._assert_failed(
            delayed, "odoo.addons.queue_job.exception.FailedJobError", "for good"
        )

    def test_the_last_try_fails(self):
        error = RetryableJobError("not now")
        delayed = self.delay(self._raising(error), options={"max_retries": 2})
        self.assertEqual(self.run_job(delayed), "postponed")
        self.run_failing(delayed)
        record = self._assert_failed(
            delayed,
            "odoo.addons.queue_job.exception.MaxRetryJobError",
            "Max. retries (2) reached: not now",
        )
        self.assertEqual(record.retry, 2)
        self.assertIn("RetryableJobError", record.exc_info)

    def test_what_shows_at_the_flush_fails_the_job(self):
        def break_it(self):
            self.env["queue.job.channel"].create(
                {"name": "x", "parent_id": self.env.ref("queue_job.channel_root").id}
            )
            self.env.flush_all()
            self.env["queue.job.channel"].create(
                {"name": "x", "parent_id": self.env.ref("queue_job.channel_root").id}
            )

        delayed = self.delay(break_it)
        with mute_logger("odoo.sql_db"):
            self.run_failing(delayed)
        self._assert_failed(delayed, "psycopg2.errors.UniqueViolation", "")

    def test_a_broken_statement_fails_the_job(self):
        def break_it(self):
            self.env.cr.execute("SELECT nonsense FROM nowhere", log_exceptions=False)

        delayed = self.delay(break_it)
        self.run_failing(delayed)
        self._assert_failed(delayed, "psycopg2.errors.UndefinedTable", "nowhere")

    def test_overrides_of_write_see_it(self):
        seen = []

        def write(self, vals):
            before = self.state, self.exc_message
            result = write.super(self, vals)
            seen.append((*before, self.state, self.exc_message))
            return result

        write.super = self.registry["queue.job"].write
        self.put(write, "queue.job")
        delayed = self.delay(self._raising(ValueError("no")))
        self.run_failing(delayed)
        self.assertEqual(seen, [("started", False, "failed", "no")])

    def test_who_moves_it_on_meanwhile_is_not_overwritten(self):
        written = []

        def write(self, vals):
            written.append(vals)
            return write.super(self, vals)

        write.super = self.registry["queue.job"].write
        self.put(write, "queue.job")
        delayed = self.delay(self._raising(ValueError("no")))
        with patch(
            "odoo.addons.queue_job.store.dispatch.lock_failed", return_value=False
        ):
            self.run_failing(delayed)
        self.assertEqual(written, [])
        subtype = self.env.ref("queue_job.mt_job_failed")
        self.assertIn(subtype, delayed.db_record().message_ids.subtype_id)


class TestOddExceptions(FailureCase):
    def test_texts_that_cannot_be_stored_as_they_are(self):
        for text in ("a\0b", "\ud800", "x" * 10**6):
            delayed = self.delay(self._raising(ValueError(text)))
            with self.subTest(text[:5]):
                self.run_failing(delayed)
                self._assert_failed(delayed, "ValueError", "")

    def test_exceptions_without_text(self):
        class Odd(Exception):
            def __str__(self):
                raise RuntimeError("without text")

            __repr__ = __str__

        class Breaking:
            def __str__(self):
                raise KeyboardInterrupt

        for error in (
            Odd(), Odd("x"), Odd(Odd()), Exception(), KeyError(object()),
            ValueError(Breaking()), Odd(Breaking()),
        ):  # fmt: skip
            delayed = self.delay(self._raising(error))
            with self.subTest(type(error).__name__):
                self.run_failing(delayed)
                self.assertEqual(delayed.db_record().state, "failed")

    def test_exceptions_that_hold_records(self):
        delayed = self.delay(self._raising(ValueError(self.partner, 1)))
        self.run_failing(delayed)
        self._assert_failed(delayed, "ValueError", "res.partner")

    def test_the_end_of_the_process(self):
        delayed = self.delay(self._raising(SystemExit(3)))
        self.run_failing(delayed)
        self._assert_failed(
            delayed, "odoo.addons.queue_job.exception.FailedJobError", "sys.exit(3)"
        )
        self.assertEqual(self.partner.name, "A")

    def test_a_retry_pattern_that_is_none(self):
        self.put_job(
            self._raising(RetryableJobError("not now")), retry_pattern={1: "soon"}
        )
        delayed = self.partner.with_delay().fail_it()
        self.run_failing(delayed)
        self._assert_failed(delayed, "ValueError", "soon")


class TestWhatFollowsAFailure(FailureCase):
    def _hook(self, func):
        self.put(func)
        self.env["queue.job.function"].create(
            {
                "model_id": self.env.ref("base.model_res_partner").id,
                "method": "fail_it",
                "on_fail_method": func.__name__,
            }
        )

    def test_the_hook_is_called_with_the_exception(self):
        seen = []

        def on_export_failed(self, **values):
            self.name = "marked as failed"
            seen.append((self, self.env.uid, values))

        self._hook(on_export_failed)
        records = self.partner.with_user(self.manager).sudo()
        delayed = self.delay(self._raising(ValueError("no")), records=records)
        self.run_failing(delayed)
        [(records, uid, values)] = seen
        self.assertEqual((records, uid), (self.partner, self.manager.id))
        self.assertEqual(values["exc_name"], "ValueError")
        self.assertEqual(values["exc_message"], "no")
        self.assertIn("in fail_it", values["exc_info"])
        self.assertEqual(self.partner.name, "marked as failed")

    def test_the_decorator_names_the_hook_and_the_record_another(self):
        called = []

        def _mark_failed(self, **values):
            called.append(("_mark_failed", values["exc_name"]))

        def on_export_failed(self, **values):
            called.append(("on_export_failed", values["exc_name"]))

        self.put(_mark_failed)
        self.put_job(
            self._raising(ValueError("no")), on_fail_method=_mark_failed.__name__
        )
        self.run_failing(self.partner.with_delay().fail_it())
        self._hook(on_export_failed)
        self.run_failing(self.partner.with_delay().fail_it())
        record = self.env["queue.job.function"].search([("method", "=", "fail_it")])
        record.on_fail_method = False
        self.run_failing(self.partner.with_delay().fail_it())
        names = ("_mark_failed", "on_export_failed", "_mark_failed")
        self.assertEqual(called, [(name, "ValueError") for name in names])

    def test_a_record_may_name_what_the_decorator_does(self):
        called = []

        def _mark_failed(self, **values):
            called.append(self)

        self.put_job(self._raising(ValueError("no")), on_fail_method="_mark_failed")
        self._hook(_mark_failed)
        function = self.env["queue.job.function"].search([("method", "=", "fail_it")])
        self.rpc(
            self.manager, function._name, "write", function.ids,
            {"on_fail_method": "_mark_failed"},
        )  # fmt: skip
        self.run_failing(self.partner.with_delay().fail_it())
        self.assertEqual(called, [self.partner])

    def test_a_hook_of_the_decorator_that_there_is_not_is_refused_when_delaying(self):
        self.put_job(self._raising(ValueError("no")), on_fail_method="no_such_method")
        with self.assertRaisesRegex(TypeError, "no_such_method"):
            self.partner.with_delay().fail_it()

    def test_a_hook_that_fails_undoes_nothing_but_itself(self):
        def on_export_failed(self, **values):
            self.name = "half marked"
            self.env.flush_all()
            raise ValueError("the hook, too")

        self._hook(on_export_failed)
        delayed = self.delay(self._raising(ValueError("no")))
        log = self.run_failing(delayed)
        self.assertIn("the hook, too", log)
        record = self._assert_failed(delayed, "ValueError", "no")
        self.assertEqual(self.partner.name, "A")
        self.assertTrue(record.message_ids)
        self.assertTrue(record.attempt_ids)

    def test_a_message_that_fails_undoes_nothing(self):
        def _message_post_on_failure(self):
            raise ValueError("no mail today")

        called = []

        def on_export_failed(self, **values):
            called.append(self)

        self._hook(on_export_failed)
        self.put(_message_post_on_failure, "queue.job")
        delayed = self.delay(self._raising(ValueError("no")))
        log = self.run_failing(delayed)
        self.assertIn("no mail today", log)
        self._assert_failed(delayed, "ValueError", "no")
        self.assertEqual(called, [self.partner])

    def test_it_is_not_called_while_the_job_will_come_again(self):
        called = []

        def on_export_failed(self, **values):
            called.append(self)

        self._hook(on_export_failed)
        delayed = self.delay(self._raising(RetryableJobError("not now")))
        self.assertEqual(self.run_job(delayed), "postponed")
        self.assertEqual(called, [])

    def _not_meant(self):
        """Methods that partners have from all models, from a mixin, or for code."""

        def unlink(self, **values):
            return models.Model.unlink(self)

        def _archive_failed(self, **values):
            return self.action_archive()

        @api.private
        def archive_failed(self, **values):
            return self.action_archive()

        return unlink, _archive_failed, archive_failed, "message_post", "export_data"

    def test_a_method_that_is_not_meant_as_a_hook_is_not_called(self):
        for hook in self._not_meant():
            name = hook if isinstance(hook, str) else hook.__name__
            with self.subTest(name), self.env.cr.savepoint() as point:
                if hook is not name:
                    self.put(hook)
                # Given a record of before there was a rule, or of a data file
                function = self.env["queue.job.function"].create(
                    {
                        "model_id": self.env.ref("base.model_res_partner").id,
                        "method": "fail_it",
                        "on_fail_method": name,
                    }
                )
                delayed = self.delay(self._raising(ValueError("no")))
                messages = self.partner.message_ids
                log = self.run_failing(delayed)
                self.assertIn(f"'{name}' is not called", log)
                self.assertTrue(self.partner.exists().active)
                self.assertEqual(self.partner.message_ids, messages)
                function.on_fail_method = False
                for user in (self.manager, self.env.ref("base.user_admin")):
                    with self.assertRaisesRegex(UserError, "cannot be called on"):
                        self.rpc(
                            user, function._name, "write", function.ids,
                            {"on_fail_method": name},
                        )  # fmt: skip
                point.rollback()

    def test_people_name_public_methods_of_the_model_itself(self):
        called = []

        def on_export_failed(self, **values):
            called.append(self)

        def _on_export_failed(self, **values):
            called.append(self)

        _on_export_failed.is_on_fail_method = True

        def _on_fail_of_export(self, **values):
            called.append(self)

        def _job_on_fail_export(self, **values):
            called.append(self)

        self._hook(on_export_failed)
        meant = (_on_export_failed, _on_fail_of_export, _job_on_fail_export)
        for hook in meant:
            self.put(hook)
        function = self.env["queue.job.function"].search([("method", "=", "fail_it")])
        for name in ("on_export_failed", *(hook.__name__ for hook in meant)):
            self.rpc(
                self.manager, function._name, "write", function.ids,
                {"on_fail_method": name},
            )  # fmt: skip
            self.run_failing(self.delay(self._raising(ValueError("no"))))
        self.assertEqual(called, [self.partner] * 4)

    def test_a_missing_hook_is_refused_when_delaying(self):
        def on_export_failed(self, **values):
            pass

        self._hook(on_export_failed)
        record = self.env["queue.job.function"].search([("method", "=", "fail_it")])
        record.on_fail_method = "no_such_method"
        with self.assertRaisesRegex(TypeError, "no_such_method"):
            self.delay(self._raising(ValueError("no")))
