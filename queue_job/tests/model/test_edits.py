# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who planned a job anew, and how, is kept and told."""

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.models.queue_job import edits

from .any_state import AnyState, write_row
from .case import JobCase


class TestEdits(AnyState, JobCase):
    def setUp(self):
        super().setUp()
        self.job = self.make_job(channel="root", priority=10)
        self.env.cr.precommit.run()

    def edit(self, user=None, **values):
        user = user or self.manager
        self.rpc(user, "queue.job", "write", self.job.ids, values)

    def edits(self):
        self.job.invalidate_recordset()
        timeline = self.job.with_user(self.manager).timeline
        return [event for event in timeline if event["kind"] == "edited"]

    def messages(self):
        self.env.cr.precommit.run()
        return self.job.message_ids.sudo().filtered("tracking_value_ids")

    def test_what_a_manager_changes_is_told_at_once(self):
        self.edit(priority=3, channel="root.other")
        self.edit(eta="2030-01-01 10:00:00", user_id=self.user.id)
        first, second = self.edits()
        self.assertIn(self.manager.name, first["text"])
        self.assertCountEqual(
            first["details"], ["Priority: 10 → 3", "Channel: root → root.other"]
        )
        [when] = [line for line in second["details"] if "Execute only after" in line]
        self.assertRegex(when, "none → .*2030")
        before = self.job._fields["user_id"].string
        [who] = [line for line in second["details"] if line.startswith(before)]
        self.assertTrue(who.endswith(f"→ {self.user.name}"))

    def test_a_time_is_told_in_the_time_zone_of_who_looks(self):
        # the runner keeps fractions of seconds
        write_row(self.job, eta="2100-01-01 20:00:00.123456")
        self.manager.tz = "Asia/Tokyo"
        self.edit(eta=False)
        [edit] = self.edits()
        self.assertRegex(edit["details"][0], "01/02/2100.* 0?5:00:00.* → none")

    def test_each_change_is_kept_once_and_tells_nobody(self):
        self.edit(priority=3, user_id=self.user.id)
        self.assertEqual(len(self.messages()), 1)
        self.assertFalse(self.messages().notified_partner_ids)
        self.assertNotIn(self.user.partner_id, self.job.message_partner_ids)

    def test_no_context_of_a_client_hides_who_changed_what(self):
        for number, key in enumerate(("tracking_disable", "mail_notrack"), 1):
            values = {
                "priority": number,
                "user_id": (self.user, self.manager)[-number].id,
            }
            self.rpc(
                self.manager, "queue.job", "write", self.job.ids, values,
                context={key: True},
            )  # fmt: skip
            with self.subTest(key):
                edits = self.edits()
                self.assertEqual(len(edits), number)
                self.assertIn(self.manager.name, edits[-1]["text"])
                self.assertEqual(len(edits[-1]["details"]), 2)

    def test_code_that_acts_for_a_manager_may_keep_nothing(self):
        job = self.job.with_user(self.manager)
        job.with_context(tracking_disable=True).priority = 3
        job.with_context(mail_notrack=True).priority = 4
        self.assertFalse(self.edits())

    def test_what_stays_as_it_is_is_no_change(self):
        self.edit(priority=10, channel="root")
        self.assertFalse(self.edits())

    def test_what_code_or_the_queue_writes_is_no_edit(self):
        self.job.sudo().write({"priority": 4})
        action = self.env["queue.job.action"].with_user(self.manager)
        action._ask_for_jobs("change_priority", self.job.with_user(self.manager), 5)
        self.assertEqual(self.job.priority, 5)
        self.assertFalse(self.messages())
        self.assertFalse(self.edits())

    def test_what_code_writes_of_many_at_once_is_none(self):
        self.put_on(edits, "_MOST_TOGETHER", 1)
        jobs = (self.job | self.make_job()).with_user(self.manager)
        jobs.write({"priority": 4})
        self.assertFalse(self.messages())

    def test_a_creation_leaves_nothing_to_do_for_each_job(self):
        self.make_job(State.PENDING)
        noted = [name for name in self.env.cr.precommit.data if "create.queue" in name]
        self.assertFalse(noted)
