# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.addons.queue_job.core.outcome import FOUND_DEAD

from .cases import FailureCase


def rename(self):
    self.name = "renamed"


class TestFoundDead(FailureCase):
    def test_a_job_out_of_tries_fails_without_another_one(self):
        called = []

        def kill_it(self):
            called.append(self)

        delayed = self.delay(kill_it, options={"max_retries": 3})
        self._set(delayed, retry=3)
        self.run_failing(delayed)
        record = self._assert_failed(
            delayed, FOUND_DEAD, "Job found dead after too many retries"
        )
        self.assertEqual(record.exc_info, "Job found dead after too many retries")
        self.assertEqual(called, [])
        self.assertEqual(record.retry, 3)
        self.assertTrue(record.message_ids)

    def test_before_that_and_without_limit_it_runs(self):
        for limit, tries in ((3, 2), (0, 99)):
            delayed = self.delay(rename, options={"max_retries": limit})
            self._set(delayed, retry=tries)
            self.assertEqual(self.run_job(delayed), "done")
            self.assertEqual(delayed.db_record().retry, tries + 1)


class TestWhatIsGone(FailureCase):
    """A job whose model, method, record or user is gone or archived fails alone, and
    the message says what to do."""

    def test_a_deleted_record(self):
        delayed = self.delay(rename)
        self.partner.unlink()
        self.run_failing(delayed)
        self._assert_failed(delayed, "odoo.exceptions.MissingError", "")

    def test_a_job_that_says_nobody_to_run_as(self):
        # Given a row of Odoo 11.0, whose user was deleted
        delayed = self.delay(rename)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET user_id = NULL,"
            " records = records::jsonb - 'uid' - 'su'"
            " WHERE uuid = %s",
            (delayed.uuid,),
        )
        self.run_failing(delayed)
        self._assert_failed(
            delayed,
            "odoo.addons.queue_job.exception.NotReadableJobError",
            "has no user: set one on the job",
        )
        self.assertEqual(self.partner.name, "A")

    def test_a_vanished_method(self):
        delayed = self.delay(rename)
        self._set(delayed, method_name="vanished")
        self.run_failing(delayed)
        self._assert_failed(
            delayed,
            "odoo.addons.queue_job.exception.NotReadableJobError",
            "no method 'vanished'",
        )

    def test_a_vanished_model(self):
        delayed = self.delay(rename)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET model_name = 'gone.model', records ="
            " replace(records::text, 'res.partner', 'gone.model')::jsonb"
            " WHERE uuid = %s",
            (delayed.uuid,),
        )
        self.run_failing(delayed)
        record = self._assert_failed(
            delayed,
            "odoo.addons.queue_job.exception.NotReadableJobError",
            "'gone.model' does not exist",
        )
        self.assertTrue(record.attempt_ids)
        self.assertTrue(record.message_ids)

    def test_an_archived_user(self):
        delayed = self.delay(rename, records=self.partner.with_user(self.user))
        self.user.active = False
        self.run_failing(delayed)
        self._assert_failed(
            delayed,
            "odoo.addons.queue_job.exception.FailedJobError",
            "somebody, is archived",
        )
        # the message tells the cure
        self.user.active = True
        self.user.group_ids += self.env.ref("base.group_partner_manager")
        delayed.db_record().requeue()
        self.assertEqual(self.run_job(delayed), "done")

    def test_a_deleted_user(self):
        delayed = self.delay(rename, records=self.partner.with_user(self.user))
        self.env.flush_all()
        self.user.unlink()
        self.env.flush_all()
        self.run_failing(delayed)
        self._assert_failed(
            delayed,
            "odoo.addons.queue_job.exception.FailedJobError",
            "does not exist any more",
        )
        delayed.db_record().write({"user_id": self.env.ref("base.user_admin").id})
        delayed.db_record().requeue()
        self.assertEqual(self.run_job(delayed), "done")

    def test_odoo_itself_and_the_public_may_have_jobs(self):
        def nothing(self):
            return self.env.uid

        for user in (self.env.ref("base.user_root"), self.env.ref("base.public_user")):
            delayed = self.delay(nothing, records=self.partner.with_user(user))
            self.assertEqual(self.run_job(delayed), "done")
            self.assertEqual(delayed.db_record().result, str(user.id))

    def test_a_record_that_is_gone_with_arguments_left(self):
        def count(self, others):
            return f"{len(others.exists())} left"

        delayed = self.delay(count, self.partners[1])
        self.partners[1].unlink()
        self.assertEqual(self.run_job(delayed), "done")
        self.assertEqual(delayed.db_record().result, "0 left")
