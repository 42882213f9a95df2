# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import threading
from unittest.mock import patch

from odoo.http import request
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.queue_job.controllers.main import RunJobController
from odoo.addons.queue_job.exception import RetryableJobError

from .case import RUNJOB, QueueHttpCase

WORKER_LOGGER = "odoo.addons.queue_job.controllers.main"


def rename(self, name="renamed"):
    self.name = name


def fail_it(self):
    self.name = "half done"
    raise ValueError("no")


def try_it(self):
    self.name = "half done"
    raise RetryableJobError("not now")


class TestRunJob(QueueHttpCase):
    def _outcomes(self, *jobs):
        response = self.get(RUNJOB, self.dispatch(*jobs))
        self.assertEqual(response.status_code, 200, response.text)
        outcomes = response.json()["outcomes"]
        return [outcomes[one.uuid] for one in jobs]

    def test_what_a_runner_signed_is_run(self):
        delayed = self.delay(rename)
        self.assertEqual(self._outcomes(delayed), ["done"])
        self.assertEqual(delayed.db_record().state, "done")
        self.assertEqual(self.partner.name, "renamed")

    def test_a_job_that_will_come_again(self):
        delayed = self.delay(try_it)
        with self.assertNoLogs(WORKER_LOGGER, logging.INFO):
            self.assertEqual(self._outcomes(delayed), ["postponed"])
        record = delayed.db_record()
        self.assertEqual((record.state, record.retry), ("pending", 1))
        self.assertEqual(self.partner.name, "A")

    def test_a_job_that_fails_is_no_error_of_the_request(self):
        delayed = self.delay(fail_it)
        with self.assertLogs(WORKER_LOGGER, "ERROR") as logged:
            self.assertEqual(self._outcomes(delayed), ["failed"])
        self.assertIn("in fail_it", "".join(logged.output))
        record = delayed.db_record()
        self.assertEqual((record.state, record.exc_message), ("failed", "no"))
        self.assertEqual(len(record.attempt_ids), 1)
        self.assertEqual(self.partner.name, "A")

    def test_what_is_not_to_be_had_is_said_so(self):
        delayed = self.delay(rename)
        parameters = self.dispatch(delayed)
        later = self.signed((delayed.uuid, 2))
        unknown = self.signed(("no-such-uuid", 1))
        for asked in (later, unknown):
            with self.assertLogs(WORKER_LOGGER, "WARNING") as logged:
                response = self.get(RUNJOB, asked)
            self.assertEqual(response.status_code, 200)
            self.assertEqual(list(response.json()["outcomes"].values()), ["not_taken"])
            self.assertIn("was requested to run job", logged.output[0])
        self.assertEqual(delayed.db_record().state, "enqueued")
        self.assertEqual(self.get(RUNJOB, parameters).status_code, 200)
        self.assertEqual(delayed.db_record().state, "done")

    def test_a_repeated_request_changes_nothing(self):
        delayed = self.delay(rename)
        parameters = self.dispatch(delayed)
        self.get(RUNJOB, parameters)
        self.partner.name = "A"
        self.env.flush_all()
        with mute_logger(WORKER_LOGGER):
            response = self.get(RUNJOB, parameters)
        self.assertEqual(response.json()["outcomes"], {delayed.uuid: "not_taken"})
        self.assertEqual(self.partner.name, "A")

    def test_several_jobs_in_one_request(self):
        first, last = self.delay(rename, "first"), self.delay(rename, "last")
        with mute_logger(WORKER_LOGGER):
            outcomes = self._outcomes(first, self.delay(fail_it), last)
        self.assertEqual(outcomes, ["done", "failed", "done"])
        self.assertEqual(self.partner.name, "last")

    def test_it_takes_seconds(self):
        delayed = self.delay(rename)
        response = self.get(RUNJOB, self.dispatch(delayed))
        [seconds] = response.json()["seconds"].values()
        self.assertGreater(seconds, 0)

    def test_whoever_asks_is_told_the_user_of_the_job(self):
        user = new_test_user(self.env, "somebody", "base.group_user")
        self.partner = self.partner.with_user(user).with_context(lang="en_US")
        seen = []

        def look(self):
            for env in (self.env, self.env.transaction.default_env, request.env):
                seen.append((env.uid, env.su, dict(env.context)))
            seen.append(threading.current_thread().uid)

        delayed = self.delay(look)
        headers = {"Accept-Language": "fr"}
        self.get(RUNJOB, self.dispatch(delayed), headers=headers)
        context = {"lang": "en_US", "job_uuid": delayed.uuid}
        self.assertEqual(seen, [(user.id, False, context)] * 3 + [user.id])

    def test_the_request_acts_as_the_user_of_each_job(self):
        seen = []
        user = new_test_user(
            self.env, "writer", "base.group_user,base.group_partner_manager"
        )

        def look(self):
            thread, asked = threading.current_thread().uid, request.env
            for env in (self.env, asked, self.env.transaction.default_env):
                seen.append((env.uid, env.su, env.lang, thread))

        def look_after_a_commit(self):
            self.name = "first"
            self.env.cr.commit()
            self.name = "last"
            look(self)
            self.env.cr.precommit.add(lambda: look(self))

        self.partner = self.partner.with_user(user).with_context(lang="en_US")
        delayed = [self.delay(look), self.delay(look_after_a_commit)]
        self.partner = self.partner.sudo()
        lifted = self.delay(look)
        headers = {"Accept-Language": "fr"}
        for jobs in (delayed, [lifted]):
            self.get(RUNJOB, self.dispatch(*jobs), headers=headers)
            self.assertEqual(set(jobs[0].db_record().mapped("state")), {"done"})
        asked = (user.id, False, "en_US", user.id)
        self.assertEqual(seen[:9], [asked] * 9)
        self.assertEqual(seen[9], (user.id, True, "en_US", user.id))
        self.assertEqual(seen[10:], [asked] * 2)

    def test_nothing_of_a_job_stays_with_the_request(self):
        seen = []

        def release(_controller, env, job):
            thread, asked = threading.current_thread().uid, request.env
            for env in (asked, asked.transaction.default_env):
                seen.append((env.uid, env.su, dict(env.context), thread))

        user = new_test_user(
            self.env, "writer", "base.group_user,base.group_partner_manager"
        )
        self.partner = self.partner.with_user(user).with_context(lang="en_US")
        first, last = self.delay(rename), self.delay(fail_it)
        for one in (first, last):
            one.db_record().graph_uuid = "a graph"
        with patch.object(RunJobController, "_enqueue_dependent_jobs", release):
            with mute_logger(WORKER_LOGGER):
                self.get(RUNJOB, self.dispatch(first, last))
        self.assertEqual(seen, [(1, True, {}, 1)] * 4)

    def test_no_session_is_kept_of_it(self):
        response = self.get(RUNJOB, self.dispatch(self.delay(rename)))
        self.assertNotIn("session_id", response.cookies)


class TestStrangers(QueueHttpCase):
    """Whatever strangers send, they get the same answer and learn nothing."""

    def setUp(self):
        super().setUp()
        self.delayed = self.delay(rename)
        self.good = self.dispatch(self.delayed)
        self.answers = set()

    def _ask(self, *args, **kwargs):
        response = self.get(RUNJOB, *args, **kwargs)
        self.answers.add((response.status_code, response.text))
        return response

    def _assert_one_answer(self):
        self.assertEqual(self.answers, {(403, "Forbidden")})
        self.assertEqual(self.delayed.db_record().state, "enqueued")
        self.assertEqual(self.partner.name, "A")

    def _changed(self, **parameters):
        changed = {**self.good, **parameters}
        return {key: value for key, value in changed.items() if value is not None}

    def test_wrong_signatures(self):
        other = "another database's secret"
        for signature in (
            "", "0", "0" * 64, self.good["signature"][:-1], "é", "\0", "x" * 5000,
            self.good["signature"].upper(), self.good["signature"] + "0",
            self.signed((self.delayed.uuid, 1), secret=other)["signature"],
            self.signed((self.delayed.uuid, 2))["signature"],
            self.signed(("another", 1))["signature"],
        ):  # fmt: skip
            self._ask(self._changed(signature=signature))
        self._assert_one_answer()

    def test_missing_parameters(self):
        self._ask()
        for name in ("job_uuid", "attempt", "signature"):
            self._ask(self._changed(**{name: None}))
            self._ask(self._changed(**{name: ""}))
        self._assert_one_answer()

    def test_odd_numbers(self):
        for attempt in (
            "x", "-1", "1.0", "1e3", "²", "١", "9" * 5000, " 1", "1,2", ",", "\0",
            "2147483648", "0x1", "1_0", "None",
        ):  # fmt: skip
            self._ask(self._changed(attempt=attempt))
        self._assert_one_answer()

    def test_odd_jobs(self):
        for uuid in ("no-such-uuid", "é", "\0", "' OR 1=1 --", "%s", "x" * 5000, ",,"):
            self._ask(self._changed(job_uuid=uuid))
        self._assert_one_answer()

    def test_repeated_and_unknown_parameters(self):
        wrong = {**self.good, "signature": ["0", self.good["signature"]]}
        self._ask(wrong)
        for name in ("self", "args", "kwargs", "cls", "_ignored", "env", "request"):
            self._ask({**self._changed(signature="0"), name: "x"})
        self._ask({"job_uuid[]": "x", "": "y"})
        self._assert_one_answer()

    def test_text_that_is_none(self):
        for query in ("?signature=%FF%FE", "?attempt=%C3%28", "?%", "?&&==", "?a=%00"):
            self.get(RUNJOB + query)
            response = self.get(RUNJOB + query)
            self.answers.add((response.status_code, response.text))
        self._assert_one_answer()

    def test_other_methods(self):
        wrong = self._changed(signature="0")
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            self._ask(wrong, method=method)
        self._ask(None, data=self.good)  # in the body, where no runner puts it
        self._ask(None, data="{", headers={"Content-Type": "application/json"})
        self._ask(None, data=b"\xff\x00", headers={"Content-Type": "text/plain"})
        self._ask(None, files={"job_uuid": b"x"})
        self._assert_one_answer()

    def test_a_body_that_cannot_be_read(self):
        content_type = "multipart/form-data; boundary=x"
        self._ask(None, data=b"--y", headers={"Content-Type": content_type})
        self._ask(None, data=b"a=%FF&b", headers={
            "Content-Type": "application/x-www-form-urlencoded"
        })  # fmt: skip
        self._assert_one_answer()

    def test_a_database_without_secret_runs_nothing(self):
        self.env["ir.config_parameter"].sudo().set_param("database.secret", "")
        self.env.flush_all()
        for secret in ("False", "None", ""):
            self._ask(self.signed((self.delayed.uuid, 1), secret=secret))
        self._ask(self._changed(signature=""))
        self._assert_one_answer()

    def test_people_who_are_logged_in_are_strangers_too(self):
        self.authenticate("admin", "admin")
        response = self.url_open(RUNJOB, params=self._changed(signature="0"))
        self.answers.add((response.status_code, response.text))
        self._assert_one_answer()

    def test_no_database(self):
        """Without a database the route is there where the addon is server-wide."""
        self.authenticate(None, None)
        self.opener.cookies.clear()
        headers = {"X-Odoo-Database": "no_such_database"}
        response = self.url_open(
            RUNJOB, params={**self.good, "db": "no_such_database"}, headers=headers
        )
        self.assertIn(response.status_code, (403, 404))
        self.assertNotIn(self.delayed.uuid, response.text)
        self.assertEqual(self.delayed.db_record().state, "enqueued")
