"""What people, crons and other add-ons' code do with rows of jobs."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import get_public_method

from odoo.addons.queue_job.core.states import TRANSITIONS, State

from .case import JobCase


def export_it(self):
    """Export"""


class JobModelCase(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)

    def _row(self, state="pending", **values):
        record = self.partner.with_delay().export_it().db_record()
        columns = {"state": str(state), **values}
        self.env.flush_all()
        names = ", ".join(f"{name} = %s" for name in columns)
        self.env.cr.execute(
            f"UPDATE queue_job SET {names} WHERE id = %s",  # noqa: S608
            (*columns.values(), record.id),
        )
        record.invalidate_recordset()
        return record.with_user(self.manager)

    def _one_of_each(self):
        rows = [self._row(state) for state in State]
        return self.env["queue.job"].union(*rows).with_user(self.manager)


class TestButtons(JobModelCase):
    def _assert_moves_only_its_sources(self, button, move):
        rows = self._one_of_each()
        before = {row: row.state for row in rows}
        self.assertIs(getattr(rows, button)(), True)
        for row in rows:
            if before[row] in TRANSITIONS[move].sources:
                self.assertEqual(row.state, TRANSITIONS[move].target, before[row])
            else:
                self.assertEqual(row.state, before[row])

    def test_each_moves_its_sources_and_skips_the_others(self):
        self._assert_moves_only_its_sources("requeue", "requeue")
        self._assert_moves_only_its_sources("button_done", "set_done")
        self._assert_moves_only_its_sources("button_cancelled", "cancel")

    def test_a_requeued_job_is_as_if_never_tried(self):
        moment = datetime(2020, 1, 1)
        row = self._row(
            "failed", retry=5, eta=moment, result="r", exc_info="i", worker_pid=7,
            date_enqueued=moment, date_started=moment, date_done=moment,
        )  # fmt: skip
        row.requeue()
        self.assertEqual((row.state, row.retry), ("pending", 0))
        for name in ("date_enqueued", "date_started", "date_done", "worker_pid"):
            self.assertFalse(row[name], name)
        self.assertEqual((row.eta, row.result, row.exc_info), (moment, "r", "i"))

    def test_done_by_hand_says_by_whom(self):
        row = self._row("failed")
        row.button_done()
        self.assertEqual(row.result, f"Manually set to done by {self.manager.name}")
        self.assertTrue(row.date_done)

    def test_cancelled_says_by_whom(self):
        row = self._row("pending")
        row.button_cancelled()
        self.assertEqual(row.result, f"Cancelled by {self.manager.name}")
        self.assertTrue(row.date_cancelled)

    def test_they_want_a_manager(self):
        row = self._row("failed").with_user(self.user)
        for button in ("requeue", "button_done", "button_cancelled"):
            with self.subTest(button), self.assertRaises(AccessError):
                getattr(row, button)()
        self.assertEqual(row.sudo().state, "failed")

    def test_pending_changes_are_written_first(self):
        row = self._row("failed")
        row.priority = 3
        row.requeue()
        self.assertEqual((row.priority, row.state), (3, "pending"))

    def test_a_state_by_name(self):
        row = self._row("failed", retry=3)
        row._change_job_state("pending")
        self.assertEqual((row.state, row.retry), ("pending", 0))
        row._change_job_state("done", result="r")
        self.assertEqual((row.state, row.result), ("done", "r"))
        row.requeue()
        row._change_job_state("cancelled")
        self.assertEqual(row.state, "cancelled")
        for state in ("started", "failed", "nonsense", None):
            with self.subTest(state), self.assertRaises(ValueError):
                row._change_job_state(state)


class TestWritingStates(JobModelCase):
    def test_an_illegal_move_is_refused(self):
        row = self._row("done").sudo()
        for state in ("started", "failed", "enqueued"):
            with self.subTest(state), self.assertRaisesRegex(UserError, "is done"):
                row.write({"state": state})
        self.assertEqual(row.state, "done")

    def test_a_running_job_is_left_to_its_worker(self):
        place = "odoo.addons.queue_job.store.is_unheld"
        row = self._row("started").sudo()
        with patch(place, return_value=False):
            with self.assertRaisesRegex(UserError, "running just now"):
                row.write({"state": "done"})
            row.write({"priority": 3})
        row.write({"state": "done"})
        self.assertEqual((row.state, row.priority), ("done", 3))

    def test_overrides_of_write_see_moves_made_in_sql(self):
        seen = []

        def write(self, vals):
            if "state" in vals:
                seen.extend((job.uuid, vals["state"]) for job in self)
            return write.super(self, vals)

        write.super = self.registry["queue.job"].write
        rows = self._row("failed") + self._row("failed") + self._row("started")
        self.put(write, "queue.job")
        rows.requeue()
        expected = [(row.uuid, "pending") for row in rows[:2]]
        self.assertEqual(sorted(seen), sorted(expected))


class TestProtection(JobModelCase):
    """A row means "call this as that user": nobody else may make or change one."""

    def test_what_is_called_cannot_be_written_not_even_by_the_superuser(self):
        row = self._row().sudo()
        values = {
            "uuid": "x", "name": "x", "date_created": "2020-01-01", "args": [],
            "model_name": "res.users", "method_name": "unlink", "func_string": "x",
            "channel_method_name": "x", "job_function_id": False, "kwargs": {},
            "records": self.user, "attempt": 7,
        }  # fmt: skip
        self.assertEqual(set(values), set(row._protected_fields))
        for name, value in values.items():
            with self.subTest(name), self.assertRaisesRegex(AccessError, name):
                row.write({name: value})

    def test_the_key_is_the_very_object(self):
        row = self._row().sudo()
        for forged in (object(), True, str(row.EDIT_SENTINEL)):
            with self.assertRaises(AccessError):
                row.with_context(_job_edit_sentinel=forged).write({"name": "x"})
        row.with_context(_job_edit_sentinel=row.EDIT_SENTINEL).write({"name": "x"})
        self.assertEqual(row.name, "x")

    def test_a_manager_edits_what_is_not_protected(self):
        row = self._row()
        row.write({"priority": 1, "channel": "root.x", "max_retries": 2, "retry": 1})
        self.assertEqual((row.priority, row.channel), (1, "root.x"))

    def test_create_is_closed_to_clients(self):
        with self.assertRaises(AccessError):
            get_public_method(self.env["queue.job"], "create")

    def test_managers_have_no_right_to_create_or_delete(self):
        row = self._row()
        with self.assertRaises(AccessError):
            row.create({"uuid": "x"})
        with self.assertRaises(AccessError):
            row.unlink()
        row.sudo().unlink()

    def test_a_job_is_not_copied(self):
        with self.assertRaises(AccessError):
            self._row().sudo().copy()

    def test_another_user_is_the_one_it_runs_as(self):
        row = self._row()
        row.user_id = self.user
        self.assertEqual(row.records.env.user, self.user)
        self.assertFalse(row.records.env.su)
        self.assertEqual(row.records, self.partner)


class TestStuckJobs(JobModelCase):
    def setUp(self):
        super().setUp()
        self.env.cr.execute("DELETE FROM queue_job")
        now = datetime.now().replace(microsecond=0)
        old, new = now - timedelta(minutes=9), now
        self.old_enqueued = self._row("enqueued", date_enqueued=old, retry=2)
        self.new_enqueued = self._row("enqueued", date_enqueued=new)
        self.old_started = self._row("started", date_started=old, date_enqueued=old)
        self.new_started = self._row("started", date_started=new, date_enqueued=old)
        self.rows = (
            self.old_enqueued, self.new_enqueued, self.old_started, self.new_started,
        )  # fmt: skip

    def _states(self):
        return [row.state for row in self.rows]

    def test_by_default_only_those_long_enqueued(self):
        self.env["queue.job"].requeue_stuck_jobs()
        self.assertEqual(self._states(), ["pending", "enqueued", "started", "started"])
        self.assertEqual(self.old_enqueued.retry, 2)
        self.assertFalse(self.old_enqueued.date_enqueued)

    def test_those_long_started(self):
        self.env["queue.job"].requeue_stuck_jobs(enqueued_delta=0, started_delta=5)
        self.assertEqual(self._states(), ["enqueued", "enqueued", "pending", "started"])

    def test_both(self):
        self.env["queue.job"].requeue_stuck_jobs(5, 5)
        self.assertEqual(self._states(), ["pending", "enqueued", "pending", "started"])

    def test_minus_one_is_the_limit_of_requests(self):
        place = "odoo.addons.queue_job.models.queue_job_moves.config"
        for limit, state in ((1200, "started"), (420, "pending")):
            with patch(place, {"limit_time_real": limit}):
                self.env["queue.job"].requeue_stuck_jobs(0, -1)
            self.assertEqual(self.old_started.state, state, limit)

    def test_neither_is_refused(self):
        with self.assertRaises(ValidationError):
            self.env["queue.job"].requeue_stuck_jobs(0, 0)

    def test_jobs_that_a_worker_holds_are_left_alone(self):
        place = "odoo.addons.queue_job.store.is_unheld"
        with patch(place, return_value=False):
            self.env["queue.job"].requeue_stuck_jobs(5, 5)
        self.assertNotIn("pending", self._states())

    def test_which_ones_can_be_extended(self):
        def _get_stuck_jobs_domain(self, queue_dl, started_dl):
            return [("id", "=", chosen)]

        chosen = self.new_enqueued.id
        self.put(_get_stuck_jobs_domain, "queue.job")
        self.env["queue.job"].requeue_stuck_jobs()
        self.assertEqual(self._states().index("pending"), 1)


class TestVacuum(JobModelCase):
    def setUp(self):
        super().setUp()
        self.env.cr.execute("DELETE FROM queue_job")
        find = self.env["queue.job.function"]._find_or_create_channel
        find("root.short").removal_interval = 5
        find("root.long").removal_interval = 500

    def _ended(self, channel="root", days=100, state="done", **values):
        moment = datetime.now() - timedelta(days=days)
        column = "date_cancelled" if state == "cancelled" else "date_done"
        return self._row(state, channel=channel, **{column: moment, **values})

    def _vacuum(self):
        self.env["queue.job"].autovacuum()
        return self.env["queue.job"].search([])

    def test_each_channel_has_its_time(self):
        kept = (
            self._ended("root", days=29)
            + self._ended("root.short", days=4)
            + self._ended("root.long", days=499)
        )
        self._ended("root", days=31)
        self._ended("root.short", days=6)
        self._ended("root.long", days=501)
        self.assertEqual(self._vacuum(), kept)

    def test_unknown_channels_follow_root(self):
        self.env.ref("queue_job.channel_root").removal_interval = 10
        kept = self._ended("root.nobody.knows", days=9)
        self._ended("root.nobody.knows", days=11)
        self.assertEqual(self._vacuum(), kept)

    def test_jobs_without_channel_follow_root(self):
        kept = self._ended(None, days=29)
        self._ended(None, days=31)
        self.assertEqual(self._vacuum(), kept)

    def test_cancelled_jobs_go_too(self):
        kept = self._ended(state="cancelled", days=29)
        self._ended(state="cancelled", days=31)
        self.assertEqual(self._vacuum(), kept)

    def test_other_jobs_are_kept_for_ever(self):
        kept = self.env["queue.job"].browse()
        for state in set(State) - {State.DONE, State.CANCELLED}:
            kept += self._ended(state=str(state), days=9999)
        self.assertEqual(self._vacuum(), kept)

    def test_odoos_own_vacuum_takes_a_batch(self):
        place = "odoo.addons.queue_job.models.queue_job_vacuum._BATCH"
        for _ in range(5):
            self._ended()
        with patch(place, 2):
            vacuum = self.env["queue.job"]._gc_old_jobs
            self.assertEqual(
                [vacuum() for _ in range(3)], [(2, True), (2, True), (1, False)]
            )
            self.assertEqual(vacuum(), (0, False))

    def test_all_at_once_in_the_callers_transaction(self):
        place = "odoo.addons.queue_job.models.queue_job_vacuum._BATCH"
        for _ in range(5):
            self._ended()
        with patch(place, 2):
            self.assertFalse(self._vacuum())

    def test_the_cron_has_each_batch_committed(self):
        place = "odoo.addons.queue_job.models.queue_job_vacuum._BATCH"
        committed = []

        def _commit_progress(self, processed=0, *, remaining=None):
            committed.append((processed, remaining))

        self.put(_commit_progress, "ir.cron")
        for _ in range(5):
            self._ended()
        with patch(place, 2):
            jobs = self.env["queue.job"].with_context(ir_cron_progress_id=1)
            self.assertIs(jobs.autovacuum(), True)
        self.assertEqual(committed, [(2, 1), (2, 1), (1, 0)])
