# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Actions on everything that matches: what they change, what they leave, what of them
is kept."""

from contextlib import suppress
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import Cursor
from odoo.tests import new_test_user, tagged

from odoo.addons.queue_job.core.actions import CHANGES, Operation, sources, written
from odoo.addons.queue_job.core.states import TRANSITIONS, State
from odoo.addons.queue_job.db import server_clock
from odoo.addons.queue_job.exception import FailedJobError
from odoo.addons.queue_job.job import Job
from odoo.addons.queue_job.models.queue_job_action import asking, work
from odoo.addons.queue_job.models.queue_job_action.in_words import in_words

from ..size import many
from .any_state import AnyState
from .case import JobCase

MANY = [["name", "=", "many"]]
#: So many that a scan of the table costs more than any index.
_MANY = many(60_000)


class Crash(BaseException):
    """What ends a worker."""


@tagged("post_install", "-at_install")
class ActionCase(AnyState, JobCase):
    def setUp(self):
        super().setUp()
        self.put_on(work, "_BATCH", 2)
        self.put_on(work, "_BATCH_OF_USERS", 2)

    def make_many(self, number=5, state=State.FAILED, **columns):
        made = [self.make_job(state, name="many", **columns) for _n in range(number)]
        return self.env["queue.job"].union(*made)

    def ask(self, operation, domain=MANY, value=None, user=None):
        """An action that a job carries out, however few jobs there are."""
        self.put_on(asking, "AT_ONCE", -1)
        actions = self.env["queue.job.action"].with_user(user or self.manager)
        action = actions._ask_for_all(operation, domain, value)
        self.assertEqual(action.status, "waiting")
        return action

    def run_action(self, action):
        """Let a worker run the job of an action. Return the outcome."""
        outcome = self.run_job(self.job_of(action))
        self.env.invalidate_all()
        return outcome

    def job_of(self, action):
        return Job.load(self.env, action.sudo().job_id.uuid)

    def states(self, jobs):
        jobs.invalidate_recordset()
        return [job.state for job in jobs]

    def numbers(self, action):
        return action.matched_count, action.changed_count, action.refused_count


class TestActions(ActionCase):
    def test_a_job_carries_it_out_in_its_own_channel_before_others(self):
        jobs = self.make_many()
        action = self.ask("requeue")
        job = action.sudo().job_id
        self.assertEqual(job.channel, work.CHANNEL)
        channel = self.env.ref("queue_job.channel_actions")
        self.assertEqual(
            (channel.complete_name, channel.capacity_limit), (job.channel, 1)
        )
        self.assertLess(job.priority, jobs[0].priority)
        self.assertEqual(job.user_id, self.manager)
        self.assertEqual(self.run_action(action), "done")
        self.assertEqual(self.states(jobs), ["pending"] * 5)
        self.assertEqual(action.status, "done")
        self.assertEqual(self.numbers(action), (5, 5, 0))
        self.assertEqual((action.expected_count, action.progress), (5, 100))
        self.assertEqual(action.user_id, self.manager)
        self.assertTrue(action.date_asked <= action.date_started <= action.date_ended)

    def test_each_operation_leaves_alone_what_it_does_not_concern(self):
        values = {
            Operation.CHANGE_CHANNEL: "root.elsewhere",
            Operation.CHANGE_PRIORITY: 3,
            Operation.CHANGE_USER: self.manager.id,
        }
        for operation in Operation:
            with self.subTest(operation=operation):
                jobs = self.make_job_in_each_state()
                everything = self.env["queue.job"].union(*jobs.values())
                domain = [["id", "in", everything.ids]]
                action = self.ask(operation, domain, values.get(operation))
                self.run_action(action)
                allowed = sources(operation)
                self.assertEqual(action.changed_count, len(allowed))
                for state, job in jobs.items():
                    job.invalidate_recordset()
                    self.assertEqual(job.state, self.after(operation, state))
                    changed = {
                        Operation.CHANGE_CHANNEL: job.channel == "root.elsewhere",
                        Operation.CHANGE_PRIORITY: job.priority == 3,
                        Operation.CHANGE_USER: job.user_id == self.manager,
                    }
                    self.assertEqual(
                        changed.get(operation, state in allowed), state in allowed
                    )

    def after(self, operation, state):
        if operation in CHANGES or state not in written(operation):
            return state
        name = "cancel" if operation == Operation.STOP else operation
        return TRANSITIONS[name].target

    def test_what_is_made_later_does_not_belong_to_it(self):
        action = self.ask("requeue")
        later = self.make_many(1)
        self.run_action(action)
        self.assertEqual(self.states(later), ["failed"])

    def test_a_filter_means_the_moment_when_it_was_asked_for(self):
        now = fields.Datetime.now()
        ages = (10, 50, 90)
        for condition, changed in (
            (["date_failed", ">", "-1H"], {10, 50}),
            (["date_failed", "<", "now -1H"], {90}),
            (["dependency_ids", "any", [["date_failed", "<", "-1H"]]], set()),
        ):
            with self.subTest(condition):
                jobs = {
                    age: self.make_many(1, date_failed=now - timedelta(minutes=age))
                    for age in ages
                }
                ids = [job.id for job in jobs.values()]
                action = self.ask("requeue", [["id", "in", ids], condition])
                with freeze_time(now + timedelta(minutes=30), tick=True):
                    self.run_action(action)
                found = {age for age in ages if self.states(jobs[age]) == ["pending"]}
                self.assertEqual(found, changed)
                self.assertNotRegex(repr(action.domain), "'(now )?-1H'")

    def test_a_filter_means_the_moment_by_the_clock_of_the_database(self):
        now = datetime(2026, 3, 4, 5, 6, 7)
        with patch.object(server_clock, "now", return_value=now):
            action = self.ask("requeue", [["date_failed", ">", "-1H"]])
        self.assertIn("2026-03-04 04:06:0", action.domain[-1][-1])
        self.assertIn("2026-03-04 04:06:0", action.filter_text)
        self.assertIn("UTC", action.filter_text)

    def test_days_of_a_filter_stay_days(self):
        with freeze_time("2026-03-04 05:06:07"):
            action = self.ask(
                "requeue",
                [["date_failed", "in", ["today", "2026-01-01"]], ["eta", "=", False]],
            )
        self.assertEqual(
            action.domain,
            ["&", ["date_failed", "in", ["2026-03-04", "2026-01-01"]],
             ["eta", "=", False]],
        )  # fmt: skip

    def test_the_jobs_of_actions_are_not_changed_by_one(self):
        other = self.ask("requeue")
        action = self.ask("cancel", [["model_name", "=", "queue.job.action"]])
        self.run_action(action)
        self.assertEqual(other.sudo().job_id.state, "pending")
        self.assertEqual(self.numbers(action), (0, 0, 0))

    def test_a_filter_may_name_fields_of_what_jobs_refer_to(self):
        jobs, _others = self.make_many(user_id=self.manager.id), self.make_many()
        domain = [*MANY, ["user_id.login", "=", self.manager.login]]
        action = self.ask("cancel", domain)
        self.run_action(action)
        self.assertEqual(self.states(jobs), ["cancelled"] * 5)
        self.assertEqual(action.changed_count, 5)
        label = self.env["queue.job"]._fields["name"].string
        self.assertEqual(
            action.with_user(self.manager).filter_text,
            f"{label} is many and User ID → Login is queue manager",
        )

    # --- batch by batch ---------------------------------------------------------------

    def test_a_crash_loses_one_batch_and_nothing_is_done_twice(self):
        jobs = self.make_many()
        calls = []
        requeue = self.registry["queue.job"].requeue

        def crash_in_the_second(jobs):
            calls.append(jobs.ids)
            requeue(jobs)
            if len(calls) == 2:
                raise Crash

        action = self.ask("requeue")
        self.put_on(self.registry["queue.job"], "requeue", crash_in_the_second)
        uncommitted = []
        with patch.object(work, "begin_anew", self._savepoint(uncommitted)):
            with suppress(Crash):  # assertRaises would roll all back
                action._go_on(lambda: True)
        uncommitted.pop().close(rollback=True)
        self.env.invalidate_all()
        self.assertEqual(self.states(jobs), ["pending"] * 2 + ["failed"] * 3)
        self.assertEqual((action.status, action.last_id), ("running", jobs.ids[1]))
        self.run_action(action)
        ids = jobs.ids
        self.assertEqual(calls, [ids[:2], ids[2:4], ids[2:4], ids[4:]])
        self.assertEqual(self.states(jobs), ["pending"] * 5)
        self.assertEqual(self.numbers(action), (5, 5, 0))

    def _savepoint(self, uncommitted):
        """What commits, for a test: what comes after the last one can be rolled
        back."""

        def begin_anew(env):
            env.flush_all()
            if uncommitted:
                uncommitted.pop().close(rollback=False)
            uncommitted.append(env.cr.savepoint())

        return begin_anew

    def test_it_lets_others_have_its_slot_and_goes_on(self):
        jobs = self.make_many()
        self.put_on(work, "_SLICE", 0)
        action = self.ask("requeue")
        self.assertEqual(self.run_action(action), "postponed")
        self.put_on(work, "_SLICE", 600)
        job = action.sudo().job_id
        self.assertEqual(job.retry, 0, "that is no attempt")
        self.assertEqual(self.run_action(action), "done")
        self.assertEqual(self.states(jobs), ["pending"] * 5)

    def test_it_is_stopped_after_one_batch_and_resumed(self):
        jobs = self.make_many()
        action = self.ask("cancel")
        asked = []

        def stop_it():
            asked.append(action.last_id)
            if len(asked) == 1:
                self.rpc(self.manager, "queue.job.action", "stop", action.ids)
                self.env.invalidate_all()
            return True

        action._go_on(stop_it)
        self.assertEqual(self.states(jobs), ["cancelled"] * 2 + ["failed"] * 3)
        self.assertEqual((action.status, action.is_stopping), ("stopped", False))
        self.assertIn("Stop: queue manager", action.note)
        self.rpc(self.manager, "queue.job.action", "resume", action.ids)
        self.env.invalidate_all()
        self.assertEqual(action.status, "waiting")
        self.run_action(action)
        self.assertEqual(self.states(jobs), ["cancelled"] * 5)
        self.assertEqual(self.numbers(action), (5, 5, 0))

    def test_one_that_has_not_begun_is_stopped_at_once(self):
        jobs = self.make_many()
        action = self.ask("cancel")
        self.rpc(self.manager, "queue.job.action", "stop", action.ids)
        self.env.invalidate_all()
        self.assertEqual(action.status, "stopped")
        self.assertEqual(self.run_action(action), "done")
        self.assertEqual(self.states(jobs), ["failed"] * 5)

    def test_one_whose_job_was_cancelled_can_be_resumed(self):
        jobs = self.make_many()
        action = self.ask("requeue")
        self.assertFalse(action.is_stalled)
        with self.assertRaisesRegex(UserError, "not stopped"):
            action.resume()
        action.sudo().job_id.button_cancelled()
        action.invalidate_recordset()
        self.assertTrue(action.is_stalled)
        action.resume()
        self.run_action(action)
        self.assertEqual(self.states(jobs), ["pending"] * 5)

    def test_one_whose_job_fails_says_why(self):
        self.make_many()
        action = self.ask("requeue")

        def fail(action):
            raise FailedJobError("no more paper")

        self.put_on(self.registry["queue.job.action"], "_begin", fail)
        with self.assertLogs("odoo.addons.queue_job.controllers.main", "ERROR"):
            self.assertEqual(self.run_action(action), "failed")
        self.assertEqual(action.status, "failed")
        self.assertIn("no more paper", action.error)

    # --- who may ----------------------------------------------------------------------

    def test_it_finds_no_jobs_of_other_companies_when_it_runs(self):
        other = self.env["res.company"].create({"name": "Other"})
        own_company = self.manager.company_id
        theirs, own = self.make_many(2, company_id=other.id), self.make_many(2)
        self.manager.sudo().company_ids += other  # and not ticked
        self.env = self.env(context={"allowed_company_ids": own_company.ids})
        action = self.ask("requeue")
        self.run_action(action)
        self.assertEqual(self.states(theirs), ["failed"] * 2)
        self.assertEqual(self.states(own), ["pending"] * 2)

    def test_who_is_no_manager_any_more_changes_nothing(self):
        jobs = self.make_many(2)
        action = self.ask("requeue")
        group = self.env.ref("queue_job.group_queue_job_manager")
        group.sudo().user_ids -= self.manager
        with self.assertLogs("odoo.addons.queue_job.controllers.main", "ERROR"):
            self.assertEqual(self.run_action(action), "failed")
        self.assertEqual(self.states(jobs), ["failed"] * 2)
        self.assertEqual(action.sudo().status, "failed")

    def test_a_user_is_judged_for_each_job(self):
        mighty = new_test_user(self.env, "mighty", "base.group_system")
        self.make_many(3)
        theirs = self.make_many(2, user_id=mighty.id)
        action = self.ask("change_user", value=mighty.id)
        self.run_action(action)
        self.assertEqual(self.numbers(action), (5, 2, 3))
        self.assertIn("3: It would run as a user who may do more", action.refusals_text)
        self.assertEqual(theirs.user_id, mighty)
        opened = action.with_user(self.manager).open_refused_jobs()
        self.assertEqual(self.env["queue.job"].search_count(opened["domain"]), 3)

    def test_one_job_that_refuses_keeps_no_other(self):
        jobs = self.make_many()
        culprit = jobs[2].id
        write = self.registry["queue.job"].write

        def refuse(jobs, vals):
            if culprit in jobs.ids and "priority" in vals:
                raise UserError("not this one")
            return write(jobs, vals)

        self.put_on(self.registry["queue.job"], "write", refuse)
        action = self.ask("change_priority", value=1)
        self.run_action(action)
        self.assertEqual(self.numbers(action), (5, 4, 1))
        self.assertEqual(action.refusals_text, "1: not this one")
        jobs.invalidate_recordset()
        self.assertEqual([job.priority for job in jobs], [1, 1, 10, 1, 1])

    def test_what_moved_on_meanwhile_is_told(self):
        jobs = self.make_many(2)
        action = self.ask("cancel")
        window = work.ActionWork._next_window

        def moved_meanwhile(action):
            ids = window(action)
            self.env.cr.execute(
                "UPDATE queue_job SET state = 'started' WHERE id = %s", (jobs.ids[0],)
            )
            return ids

        self.put_on(self.registry["queue.job.action"], "_next_window", moved_meanwhile)
        self.run_action(action)
        self.assertEqual(self.numbers(action), (2, 1, 1))
        self.assertEqual(action.refusals_text, "1: Its state does not allow it")
        self.assertEqual(self.states(jobs), ["started", "cancelled"])

    def test_the_log_is_read_and_written_by_no_client(self):
        action = self.ask("requeue")
        viewer = new_test_user(
            self.env, "viewer", "base.group_user,queue_job.group_queue_job_user"
        )
        for user in (viewer, self.manager):
            log = self.env["queue.job.action"].with_user(user)
            self.assertIn(action, log.search([]))
            for operation in ("write", "create", "unlink"):
                self.assertFalse(log.has_access(operation))
        for method in ("stop", "resume"):
            with self.assertRaises(AccessError):
                self.rpc(viewer, "queue.job.action", method, action.ids)
        with self.assertRaises(AccessError):
            self.rpc(self.user, "queue.job.action", "read", action.ids, ["status"])

    def test_the_log_shows_no_actions_of_other_companies(self):
        action = self.ask("requeue")
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "their manager",
            "base.group_user,queue_job.group_queue_job_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        log = self.env["queue.job.action"].with_user(stranger)
        self.assertNotIn(action, log.search([]))
        with self.assertRaises(AccessError):
            self.rpc(stranger, "queue.job.action", "stop", action.ids)

    def test_what_cannot_be_meant_is_refused_before_it_begins(self):
        actions = self.env["queue.job.action"].with_user(self.manager)
        for value, words in ((None, "what to change"), ("a b" * 200, "signs")):
            with self.assertRaisesRegex(UserError, words):
                actions._ask_for_all("change_channel", MANY, value)
        with self.assertRaisesRegex(UserError, "no filter"):
            actions._ask_for_all("requeue", [["no_such_field", "=", 1]])

    # --- what is kept of few jobs -----------------------------------------------------

    def test_a_button_leaves_one_row(self):
        job, running = self.make_job(State.FAILED), self.make_job(State.STARTED)
        before = self.env["queue.job.action"].search([])
        self.rpc(self.manager, "queue.job", "requeue", [job.id, running.id])
        action = self.env["queue.job.action"].search([]) - before
        self.assertEqual((action.origin, action.status), ("button", "done"))
        self.assertEqual(self.numbers(action), (2, 1, 1))
        self.assertEqual(action.user_id, self.manager)
        job.sudo().button_cancelled()  # no act of a user
        self.assertEqual(self.env["queue.job.action"].search([]) - before, action)

    def test_ended_actions_are_kept_as_long_as_jobs(self):
        self.env["queue.job.action"].search([]).unlink()
        rows = [self.ask("requeue") for _n in range(3)]
        now = fields.Datetime.now()
        for action, days in zip(rows[:2], (31, 29), strict=True):
            action.sudo().date_ended = now - timedelta(days=days)
        with patch.object(asking, "AT_ONCE", -1):
            self.assertEqual(self.env["queue.job.action"]._gc_actions(), (1, False))
        left = self.env["queue.job.action"].search([])
        self.assertEqual(left, rows[1].sudo() + rows[2].sudo())


class TestWords(ActionCase):
    """How filters read."""

    def test_filters_are_told_in_words(self):
        ids = [["id", "in", list(range(1, 8))]]
        channel = [["channel", "ilike", "x"]]
        user = self.manager.with_env(self.env)
        names = ["a", "b", "c", "d", "e", "f", "g"]
        for domain, words in (
            ([], "all"),
            ([["state", "in", ["failed", "done"]]], "State is Failed or Done"),
            ([["channel", "!=", False]], "Channel is not empty"),
            (ids, "ID is one of 7 chosen ones"),
            ([["uuid", "in", names]], "UUID is a or b or c or d or e or 2 others"),
            ([["user_id", "=", user.id]], f"User ID is {user.display_name}"),
            ([["user_id", "=", 2**30]], f"User ID is {2**30}"),
            (
                ["|", ["priority", ">", 1], "&", ["priority", "=", 1], *channel],
                "Priority > 1 or (Priority is 1 and Channel contains x)",
            ),
        ):
            with self.subTest(domain=domain):
                told = in_words(self.env["queue.job"], domain)
                self.assertEqual(told, words)

    def test_filters_of_before_are_told_when_the_column_is_made(self):
        action = self.ask("requeue", [["state", "=", "failed"]]).sudo()
        action.filter_text = False
        self.env.add_to_compute(action._fields["filter_text"], action)
        self.assertEqual(action.filter_text, "State is Failed")

    def test_the_list_of_actions_reads_no_filter(self):
        action = self.ask("requeue", [["id", "in", list(range(1, 20_000))]])
        self.env.flush_all()
        self.env.invalidate_all()
        queries, execute = [], Cursor.execute

        def note(cr, query, *args, **kwargs):
            execute(cr, query, *args, **kwargs)
            queries.append(cr._obj.query.decode())

        names = ("what", "filter_text", "status", "progress")
        with patch.object(Cursor, "execute", note):
            page = action.web_search_read(
                [("id", "=", action.id)], {name: {} for name in names}
            )
        [shown] = page["records"]
        self.assertEqual(shown["filter_text"], "ID is one of 19999 chosen ones")
        read = [query for query in queries if 'FROM "queue_job_action"' in query]
        self.assertTrue(read)
        self.assertFalse([query for query in read if '."domain"' in query])


class TestPlans(ActionCase):
    """What a batch reads of a large table."""

    def fill(self):
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO queue_job (uuid, name, state, priority, channel, date_created,"
            " model_name, method_name)"
            " SELECT 'many-' || n, 'many', CASE WHEN n %% 10 = 0 THEN 'failed'"
            " ELSE 'done' END, 10, 'root.' || n %% 10, now() AT TIME ZONE 'UTC',"
            " 'res.partner', 'm' FROM generate_series(1, %s) n",
            (_MANY,),
        )
        self.env.cr.execute("ANALYZE queue_job")

    def plan(self, statement, params=None):
        self.env.cr.execute(
            f"EXPLAIN (ANALYZE, BUFFERS OFF, FORMAT JSON) {statement}", params
        )
        return self.env.cr.fetchall()[0][0][0]["Plan"]

    def nodes(self, plan):
        """What reads the table of jobs."""
        if plan.get("Relation Name") == "queue_job":
            yield plan
        for inner in plan.get("Plans", ()):
            yield from self.nodes(inner)

    def test_a_batch_reads_no_more_rows_than_it_changes(self):
        self.fill()
        self.put_on(work, "_BATCH", 500)
        action = self.ask("requeue", [["state", "=", "failed"]])
        sudo = action.sudo()
        failed = self.env["queue.job"].search([("state", "=", "failed")], order="id")
        sudo.last_id = failed.ids[499]
        jobs = self.env["queue.job"].with_user(self.manager)
        query = jobs._search(action._rest(), order="id", limit=80).select()
        for what, statement, most in (
            ("the ids", (query.code, query.params), 80),
            ("the lock", self.lock_statement(failed.ids[500:1000]), 500),
        ):
            with self.subTest(what):
                nodes = list(self.nodes(self.plan(*statement)))
                self.assertTrue(nodes)
                for node in nodes:
                    self.assertNotEqual(node["Node Type"], "Seq Scan")
                    read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
                    self.assertLessEqual(read, most)

    def lock_statement(self, ids):
        statements = work.load("actions")
        return statements.lock_jobs, {"ids": ids, "states": ["failed"]}
