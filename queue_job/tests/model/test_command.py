# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``odoo queue_job``: what each subcommand answers, and with which status."""

import io
import json
import logging
from contextlib import suppress
from unittest.mock import patch

import requests

from odoo.tests import tagged

from odoo.addons.queue_job.command import doctor as doctor_module
from odoo.addons.queue_job.command.call import FINE, WRONG, Call
from odoo.addons.queue_job.command.main import execute
from odoo.addons.queue_job.command.output import Output
from odoo.addons.queue_job.command.parser import build
from odoo.addons.queue_job.core.fingerprint import fingerprint
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.models.queue_job_action import work
from odoo.addons.queue_job.store import failures
from odoo.addons.queue_job.store.dispatch import DispatchedJob

from .cases import JobModelCase


def greet(self):
    return f"Hello {self.name}"


def stumble(self):
    raise ValueError("stumbled over 17 stones")


@tagged("post_install", "-at_install")
class CommandCase(JobModelCase):
    def setUp(self):
        super().setUp()
        self.env["queue.job"].search([]).unlink()
        self.commits = 0

    def call(self, *words, answer=""):
        """Return (status, stdout, stderr) of a command line."""
        stdout, stderr = io.StringIO(), io.StringIO()
        options = build("odoo queue_job").parse_args(words)
        out = Output(options.json, stdout, stderr, io.StringIO(answer))
        env = self.env(user=1, context={}, su=True)
        status = execute(Call(env, options, out, "jane", self._commit))
        self.env.invalidate_all()
        return status, stdout.getvalue(), stderr.getvalue()

    def _commit(self):
        self.commits += 1

    def _begin_anew(self, env):
        env.flush_all()
        self.commits += 1

    def json(self, *words):
        status, stdout, _stderr = self.call(*words, "--json")
        return status, json.loads(stdout)


class TestLooking(CommandCase):
    def test_jobs_are_shown_in_a_table_the_latest_first(self):
        old, new = self._row("pending"), self._row("failed", exc_name="ValueError")
        status, stdout, _stderr = self.call("jobs")
        self.assertEqual(status, FINE)
        title, first, second, *_rest = stdout.splitlines()
        self.assertEqual(title.split()[:3], ["UUID", "STATE", "CHANNEL"])
        self.assertIn(new.uuid, first)
        self.assertIn("ValueError", first)
        self.assertIn(old.uuid, second)
        self.assertEqual(first.index("failed"), second.index("pending"))

    def test_filters_narrow_the_jobs(self):
        job = self._row("failed", channel="root.a_b.c")
        self._row("failed", channel="root.axb.c")
        self._row("pending", channel="root.a_b")
        filters = ["--state", "failed", "--channel", "a_b", "--model", "res.partner"]
        filters += ["--function", "res.partner.export_it", "--since", "1h"]
        status, rows = self.json("jobs", *filters)
        self.assertEqual((status, [row["uuid"] for row in rows]), (FINE, [job.uuid]))
        self.assertEqual(self.json("jobs", *filters, "--since", "2999-01-01")[1], [])

    def test_what_users_wrote_gives_no_orders_to_a_terminal(self):
        job = self._row("failed", exc_name="\x1b]0;x\x07", exc_message="a\x9b2Jb\nc")
        for words in (("jobs",), ("show", job.uuid)):
            status, told, _stderr = self.call(*words)
            self.assertEqual(status, FINE)
            self.assertNotRegex(told, r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", words)
        self.assertIn("\ufffd2Jb\n", told)

    def test_a_limit_is_kept_and_told(self):
        for _ in range(3):
            self._row("pending")
        _status, stdout, _stderr = self.call("jobs", "--limit", "2")
        self.assertIn("the latest 2", stdout)
        self.assertEqual(len(self.json("jobs", "--limit", "2")[1]), 2)

    def test_words_that_say_nothing_are_named(self):
        for words, culprit in (
            (["--since", "soon"], "'soon'"),
            (["--function", "export"], "'export'"),
            (["--channel", "x" * 500], "signs"),
        ):
            status, stdout, stderr = self.call("jobs", *words)
            self.assertEqual((status, stdout), (WRONG, ""))
            self.assertIn(culprit, stderr)

    def test_a_job_is_shown_with_its_attempts(self):
        self.put_job(stumble, retry_pattern={})
        delayed = self.partner.with_delay().stumble()
        self.run_failing(delayed)
        status, stdout, _stderr = self.call("show", delayed.uuid)
        self.assertEqual(status, FINE)
        self.assertIn("stumbled over 17 stones", stdout)
        self.assertIn("Unsuccessful attempts", stdout)
        _status, shown = self.json("show", delayed.uuid)
        self.assertEqual((shown["state"], len(shown["attempts"])), ("failed", 1))

    def test_a_job_that_is_not_there(self):
        status, stdout, stderr = self.call("show", "no-such-job")
        self.assertEqual((status, stdout), (WRONG, ""))
        self.assertIn("no-such-job", stderr)

    def test_a_job_is_explained_in_words(self):
        told = {"reason": "paused", "sentence": "Its channel is paused.", "action": {}}
        self.put_on(self.registry["queue.job"], "explain", lambda job: told)
        uuid = self._row("pending").uuid
        expected = (FINE, "Its channel is paused.\n", "")
        self.assertEqual(self.call("explain", uuid), expected)
        answer = (FINE, {"reason": "paused", "sentence": "Its channel is paused."})
        self.assertEqual(self.json("explain", uuid), answer)

    def test_status_tells_of_a_missing_runner(self):
        self._row("pending")
        self.env["ir.config_parameter"].set_param("database.is_neutralized", False)
        status, told = self.json("status")
        self.assertEqual((status, told["status"]), (WRONG, "critical"))
        self.assertEqual((told["jobs_pending"], told["leader_seen"]), (1, None))
        self.assertIn("No runner serves", self.call("status")[1])


class TestFailures(CommandCase):
    def setUp(self):
        super().setUp()
        self.env.cr.execute("DELETE FROM queue_job_failure")

    def fail(self, message="order 17 is locked", function="<res.partner>.greet"):
        """Count a failure, as the worker does; return its job."""
        job = self._row("failed", attempt=1, channel_method_name=function)
        seen = fingerprint("ValueError", message, "", [], "shop/order.py export")
        self.env.flush_all()
        failures.note(self.env.cr, DispatchedJob(job.id, job.uuid, 1), seen)
        self.env.invalidate_all()
        return job

    def test_what_failed_for_the_same_reason_is_one_line(self):
        for number in (1, 22, 333):
            latest = self.fail(f"order {number} is locked")
        other = self.fail("no room", "<res.users>.stumble")
        status, rows = self.json("failures")
        self.assertEqual(status, FINE)
        self.assertEqual([row["count"] for row in rows], [3, 1])
        first = rows[0]
        self.assertEqual(first["what"], "ValueError: order <number> is locked")
        self.assertEqual((first["last_hour"], first["failed"]), (3, 3))
        self.assertEqual(first["functions"], ["<res.partner>.greet"])
        self.assertEqual((first["status"], first["came_back"]), ("open", False))
        self.assertEqual(first["example"], latest.uuid)
        self.assertEqual(rows[1]["example"], other.uuid)
        self.assertTrue(first["first_seen"] <= first["last_seen"])

    def test_people_get_a_table(self):
        self.fail()
        _status, stdout, _stderr = self.call("failures")
        head, line = stdout.splitlines()
        titles = ["WHAT", "COUNT", "LAST", "HOUR", "FIRST", "SEEN"]
        self.assertEqual(head.replace("_", " ").split()[:6], titles)
        self.assertIn("ValueError: order <number> is locked", line)
        self.assertIn("<res.partner>.greet", line)
        self.assertIn(
            "No failure matches", self.call("failures", "--since", "2040-01-01")[1]
        )

    def test_filters_narrow_them_down(self):
        self.fail("one"), self.fail("two", "<res.users>.stumble")
        found = self.env["queue.job.failure"].search([("message", "=", "one")])
        found.ignore()

        def names(*words):
            return {row["what"] for row in self.json("failures", *words)[1]}

        one, two = "ValueError: one", "ValueError: two"
        self.assertEqual(names(), {two})
        self.assertEqual(names("--status", "ignored"), {one})
        self.assertEqual(names("--status", "all"), {one, two})
        self.assertEqual(names("--function", "res.users.stumble"), {two})
        self.assertEqual(names("--function", "res.users.stumbl"), set())
        self.assertEqual(len(names("--status", "all", "--limit", "1")), 1)


class TestMoving(CommandCase):
    def test_a_filter_requeues_what_failed_and_nothing_else(self):
        failed, done = self._row("failed"), self._row("done")
        status, told = self.json("requeue", "--model", "res.partner", "--yes")
        self.assertEqual((status, told), (FINE, {"moved": 1, "left": 0}))
        self.assertEqual((failed.state, done.state), (State.PENDING, State.DONE))

    def test_other_states_are_moved_where_they_are_named(self):
        done = self._row("done")
        self.call("requeue", "--state", "done", "--yes")
        self.assertEqual(done.state, State.PENDING)
        other = self._row("cancelled")
        self.call("requeue", other.uuid, "--yes")
        self.assertEqual(other.state, State.PENDING)

    def test_cancel_leaves_alone_what_runs(self):
        jobs = {state: self._row(state) for state in ("pending", "started", "failed")}
        self.call("cancel", "--channel", "root", "--yes")
        states = {state: job.state for state, job in jobs.items()}
        self.assertEqual(
            states,
            {"pending": "cancelled", "started": "started", "failed": "failed"},
        )
        self.assertIn("Cancelled by", jobs["pending"].result)

    def test_it_asks_and_a_no_changes_nothing(self):
        failed = self._row("failed")
        for answer in ("", "n\n"):
            status, _out, stderr = self.call("requeue", failed.uuid, answer=answer)
            self.assertEqual(status, WRONG)
            self.assertIn("Requeue 1 jobs?", stderr)
            self.assertEqual(failed.state, State.FAILED)
        self.assertEqual(self.call("requeue", failed.uuid, answer="y\n")[0], FINE)
        self.assertEqual(failed.state, State.PENDING)

    def test_a_dry_run_only_counts(self):
        failed = self._row("failed")
        told = self.json("requeue", failed.uuid, "--dry-run")
        self.assertEqual(told, (FINE, {"moved": 0, "would_move": 1}))
        self.assertEqual(failed.state, State.FAILED)

    def test_without_a_filter_nothing_is_moved(self):
        failed = self._row("failed")
        status, _out, stderr = self.call("requeue", "--yes")
        self.assertEqual(status, WRONG)
        self.assertIn("--state", stderr)
        self.assertEqual(failed.state, State.FAILED)
        self.assertEqual(self.call("requeue", self._row("done").uuid[:5])[0], WRONG)

    def test_batches_are_committed_one_by_one_and_logged(self):
        jobs = [self._row("failed") for _ in range(5)]
        with (
            patch.object(work, "_BATCH", 2),
            patch.object(work, "begin_anew", self._begin_anew),
            self.assertLogs("odoo.addons.queue_job.command.call", logging.INFO) as log,
        ):
            told = self.call("requeue", "--state", "failed", "--yes")
            self.assertEqual(told, (FINE, "5 jobs moved.\n", ""))
        # the action, its beginning and counting, three batches, its end; and the rest
        self.assertEqual(self.commits, 1 + 2 + 3 + 1 + 1)
        self.assertEqual({job.state for job in jobs}, {"pending"})
        action = self.env["queue.job.action"].search([], limit=1)
        self.assertEqual((action.origin, action.operator), ("command", "jane"))
        self.assertEqual((action.status, action.changed_count), ("done", 5))
        self.assertIn("operator jane", log.output[-1])
        self.assertIn("requeue moved 5 jobs", log.output[-1])

    def test_what_is_interrupted_is_stopped_and_can_be_resumed(self):
        self._row("failed")

        def interrupt(_jobs):
            raise KeyboardInterrupt

        self.put_on(self.registry["queue.job"], "requeue", interrupt)
        rollback = patch.object(self.env.cr, "rollback")
        # assertRaises would roll all back
        with rollback as rolled_back, suppress(KeyboardInterrupt):
            self.call("requeue", "--state", "failed", "--yes")
        rolled_back.assert_called_once()
        action = self.env["queue.job.action"].search([], limit=1)
        self.assertEqual(action.status, "stopped")


class TestRunning(CommandCase):
    def test_a_job_runs_under_a_new_number(self):
        self.put_job(greet)
        delayed = self.partner.with_delay().greet()
        status, told = self.json("run", delayed.uuid)
        self.assertEqual((status, told["state"]), (FINE, "done"))
        self.assertEqual(told["result"], "Hello A")
        self.assertEqual(delayed.db_record().attempt, 1)
        self.assertEqual(self.commits, 1)

    def test_a_failure_is_told_by_the_status(self):
        self.put_job(stumble)
        delayed = self.partner.with_delay().stumble()
        with self.assertLogs("odoo.addons.queue_job.controllers.main", "ERROR"):
            status, told = self.json("run", delayed.uuid)
        self.assertEqual((status, told["state"]), (WRONG, "failed"))
        self.assertIn("17 stones", told["message"])

    def test_what_is_over_has_to_be_requeued(self):
        self.put_job(greet)
        delayed = self.partner.with_delay().greet()
        self.json("run", delayed.uuid)
        status, _out, stderr = self.call("run", delayed.uuid)
        self.assertEqual(status, WRONG)
        self.assertIn("--requeue", stderr)
        self.assertEqual(self.call("run", "--requeue", delayed.uuid)[0], FINE)
        self.assertEqual(delayed.db_record().attempt, 2)

    def test_what_another_process_has_stays_there(self):
        for state in ("enqueued", "started", "wait_dependencies"):
            row = self._row(state)
            status, _out, stderr = self.call("run", "--requeue", row.uuid)
            self.assertEqual((status, row.state), (WRONG, state))
            self.assertIn(state, stderr)


class TestChannels(CommandCase):
    def test_a_channel_is_paused_and_resumed(self):
        root = self.env.ref("queue_job.channel_root")
        channel = self.env["queue.job.channel"].create(
            {"name": "operated", "parent_id": root.id}
        )
        self.assertEqual(self.call("pause", "operated")[0], FINE)
        self.assertTrue(channel.is_paused)
        rows = {row["channel"]: row for row in self.json("channels")[1]}
        self.assertIn("was paused by", rows["root.operated"]["paused"])
        self.assertEqual(self.call("resume", "root.operated")[0], FINE)
        self.assertFalse(channel.is_paused)

    def test_a_channel_that_is_not_there(self):
        status, _out, stderr = self.call("pause", "nowhere")
        self.assertEqual(status, WRONG)
        self.assertIn("root.nowhere", stderr)


class TestDoctor(CommandCase):
    def doctor(self, error=None):
        with patch.object(doctor_module.requests, "get", side_effect=error):
            return self.json("doctor")

    def test_it_names_what_is_wrong_and_the_cure(self):
        status, rows = self.doctor(requests.ConnectionError("refused"))
        self.assertEqual(status, WRONG)
        found = {row["name"]: row for row in rows}
        self.assertEqual(found["address"]["severity"], "critical")
        self.assertIn("ConnectionError", found["address"]["words"])
        self.assertIn("[queue_job]", found["address"]["cure"])

    def test_a_job_whose_method_is_gone_is_named(self):
        self._row("pending", method_name="not_there_any_more")
        found = {row["name"]: row for row in self.doctor()[1]}
        self.assertIn("not_there_any_more", found["gone_functions"]["words"])
        self.assertNotIn("address", found)

    def test_what_is_missing_in_the_table_is_named(self):
        self.env.cr.execute("DROP INDEX queue_job_due_idx")
        self.env.cr.execute("DROP TRIGGER queue_job_notify_rank ON queue_job")
        found = {row["name"]: row for row in self.doctor()[1]}
        self.assertIn("queue_job_due_idx", found["indexes"]["words"])
        self.assertIn("queue_job_notify_rank", found["triggers"]["words"])

    def test_a_table_that_is_whole_is_not_complained_about(self):
        found = {row["name"] for row in self.doctor()[1]}
        self.assertFalse(found & {"indexes", "triggers", "pooler", "clocks", "bloat"})


class TestUsage(CommandCase):
    def test_a_command_line_that_makes_no_sense_ends_with_2(self):
        for words in (
            [],
            ["dance"],
            ["jobs", "--state", "x"],
            ["jobs", "--limit", "0"],
        ):
            with (
                patch("sys.stderr", io.StringIO()),
                self.assertRaises(SystemExit) as ended,
            ):
                self.call(*words)
            self.assertEqual(ended.exception.code, 2)

    def test_every_subcommand_has_help_with_an_example(self):
        [subcommands] = build("odoo queue_job")._subparsers._group_actions
        for name, parser in subcommands.choices.items():
            text = parser.format_help()
            self.assertIn(f"odoo queue_job {name} ", text)
            self.assertIn("Exit status", text)
