# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Contexts of clients that Odoo keeps for later switch nothing then, either."""

from datetime import timedelta

from odoo import fields

from odoo.addons.queue_job.core.states import State

from .case import JobCase


def export_it(self):
    self.name = "exported"


class TestScheduledMessages(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)
        self.env["queue.job"].search([]).unlink()
        self.company = self.env["res.company"].create({"name": "Elsewhere"})
        self.seen = []
        case = self

        def _message_post_after_hook(self, message, vals):
            case.seen.append(self.env.context.get("mark_as_sent"))
            self.with_delay().export_it()

        self.put(_message_post_after_hook)

    def schedule(self, context):
        self.user.group_ids += self.env.ref("base.group_partner_manager")
        return (
            self.env["mail.scheduled.message"]
            .with_user(self.user)
            .create(
                {
                    "model": "res.partner",
                    "res_id": self.partner.id,
                    "author_id": self.user.partner_id.id,
                    "scheduled_date": fields.Datetime.now() + timedelta(hours=1),
                    "body": "later",
                    "send_context": context,
                }
            )
        )

    def sent(self):
        """The jobs that sending all messages has made; forgotten from then on."""
        self.env.cr.execute(
            "UPDATE mail_scheduled_message"
            " SET scheduled_date = now() - interval '1 day'"
        )
        self.env.invalidate_all()
        self.env["mail.scheduled.message"]._post_messages_cron()
        jobs = self.env["queue.job"].search([])
        found = [(job.state, job.company_id) for job in jobs]
        jobs.unlink()
        return found

    def test_they_delay_whatever_their_context_says(self):
        for switch in (
            {"queue_job__no_delay": True},
            {"test_queue_job_no_delay": True},
            {"_job_force_sync": True},
            {"job_uuid": "x"},
            {"company_id": self.company.id},
        ):
            with self.subTest(**switch):
                self.schedule({**switch, "mark_as_sent": True})
                self.assertEqual(self.sent(), [(State.PENDING, self.user.company_id)])
                self.assertEqual(self.partner.name, "A")
        self.assertEqual(self.seen, [True] * 5)
