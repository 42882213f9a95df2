# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What people, crons and other add-ons' code do with rows of jobs."""

from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method

from odoo.addons.queue_job.core.states import TRANSITIONS

from .cases import JobModelCase


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
            date_failed=moment,
        )  # fmt: skip
        row.requeue()
        self.assertEqual((row.state, row.retry), ("pending", 0))
        for name in (
            "date_enqueued", "date_started", "date_done", "date_failed", "worker_pid",
        ):  # fmt: skip
            self.assertFalse(row[name], name)
        self.assertEqual((row.eta, row.result, row.exc_info), (moment, "r", "i"))

    def test_done_by_hand_says_by_whom(self):
        row = self._row("failed", exc_name="n", exc_message="m", exc_info="i")
        row.button_done()
        self.assertEqual((row.exc_name, row.exc_message, row.exc_info), (False,) * 3)
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
        place = "odoo.addons.queue_job.store.dispatch.is_unlocked"
        row = self._row("started").sudo()
        with patch(place, return_value=False):
            # even another change would make its worker's end of it fail
            for values in ({"state": "done"}, {"priority": 3}):
                with self.assertRaisesRegex(UserError, "is running"):
                    row.write(values)
            row.message_post(body="What is not of its row is no matter")
        row.write({"state": "done"})
        row.write({"priority": 3})
        self.assertEqual((row.state, row.priority), ("done", 3))

    def test_a_running_job_may_change_its_own_row(self):
        def note(self):
            job = self.env["queue.job"].search([("uuid", "=", uuid)])
            return job.sudo().write({"priority": 3})

        delayed = self.delay(note)
        uuid = delayed.uuid
        self.assertEqual(self.run_job(delayed), "done")
        self.assertEqual(delayed.db_record().priority, 3)

    def test_strangers_are_told_nothing_of_a_job(self):
        row = self._row("started").with_user(self.user)
        with self.assertRaises(AccessError):
            row.write({"state": "done"})

    def test_overrides_of_write_see_moves_made_in_sql(self):
        seen = []

        def write(self, vals):
            before = {job: job.state for job in self}
            result = write.super(self, vals)
            seen.extend((job.uuid, before[job], job.state) for job in self)
            return result

        write.super = self.registry["queue.job"].write
        rows = self._row("failed") + self._row("done") + self._row("started")
        self.put(write, "queue.job")
        rows.requeue()
        sources = zip(rows, ("failed", "done"), strict=False)
        expected = [(row.uuid, state, "pending") for row, state in sources]
        self.assertEqual(sorted(seen), sorted(expected))


class TestProtection(JobModelCase):
    """A row means "call this as that user": no client may make or change one."""

    def test_what_is_called_cannot_be_written_not_even_by_the_superuser(self):
        row = self._row().sudo()
        values = {
            "uuid": "x", "name": "x", "date_created": "2020-01-01", "args": [],
            "model_name": "res.users", "method_name": "unlink", "func_string": "x",
            "channel_method_name": "x", "job_function_id": False, "kwargs": {},
            "records": self.user, "attempt": 7, "worker_backend": 7, "delayed_by": 7,
            "is_shown": True,
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
        row.write({"priority": 1, "channel": "root.x", "max_retries": 2})
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
