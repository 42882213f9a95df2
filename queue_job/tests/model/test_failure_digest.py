# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Managers who want it are told once a day what has failed."""

from datetime import datetime
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.queue_job.db import server_clock
from odoo.addons.queue_job.models.queue_job_failure_digest import MOST_NAMED, UNTIL

from .case import JobCase

NOW = datetime(2030, 3, 9, 5, 0, 7)
YESTERDAY = datetime(2030, 3, 8, 14)
LONG_AGO = datetime(2030, 1, 1)


@tagged("post_install", "-at_install")
class TestFailureDigest(JobCase):
    def setUp(self):
        super().setUp()
        self.env.cr.execute("DELETE FROM queue_job_failure")
        self.env["ir.config_parameter"].set_param(UNTIL, False)
        self.manager.queue_job_digest = True

    def met(self, message, times=1, hour=YESTERDAY, **values):
        failure = self.env["queue.job.failure"].create(
            {
                "fingerprint": message,
                "exc_name": "ValueError",
                "message": message,
                "first_seen": LONG_AGO,
                "last_seen": hour,
                "times": times,
                **values,
            }
        )
        self.env["queue.job.failure.hour"].create(
            {"failure_id": failure.id, "hour": hour, "times": times}
        )
        return failure

    def send(self, now=NOW):
        """Let the cron run; return what the manager is told."""
        domain = [("notified_partner_ids", "in", self.manager.partner_id.ids)]
        known = self.env["mail.message"].search(domain)
        with patch.object(server_clock, "now", return_value=now):
            self.env["queue.job.failure"]._send_digests()
        return self.env["mail.message"].search(domain) - known

    def assert_order(self, text, *words):
        places = [text.find(word) for word in words]
        self.assertNotIn(-1, places, text)
        self.assertEqual(places, sorted(places), text)

    def test_what_is_new_or_back_comes_first_then_what_is_most_frequent(self):
        self.met("rare", 2)
        often = self.met("often", 7000)
        self.met("returned", 1, back_seen=YESTERDAY, is_back=True)
        new = self.met("just in", 3, first_seen=YESTERDAY)
        message = self.send()
        self.assertNotEqual(message.author_id, self.manager.partner_id)
        body = message.body
        self.assert_order(body, "just in", "returned", "often", "rare")
        self.assert_order(body, "<b>New", "3 ×", "Came back", "Most frequent", "7000")
        for failure in (often, new):
            self.assertIn(f"/odoo/queue-failures/{failure.id}", body)

    def test_nobody_is_told_of_nothing(self):
        self.assertFalse(self.send())
        self.met("seen before", hour=LONG_AGO)
        self.met("of this hour", hour=datetime(2030, 3, 9, 5))
        self.met("ignored", status="ignored")
        self.assertFalse(self.send())

    def test_one_digest_goes_on_where_the_last_one_ended(self):
        self.met("once")
        self.assertTrue(self.send())
        self.assertFalse(self.send(datetime(2030, 3, 10, 5)))
        self.met("later", hour=datetime(2030, 3, 10, 5))
        self.assertIn("later", self.send(datetime(2030, 3, 11, 6)).body)

    def test_who_does_not_ask_is_told_nothing(self):
        self.met("once")
        self.manager.queue_job_digest = False
        self.user.queue_job_digest = True  # of no use without the group
        self.assertFalse(self.send())
        domain = [("notified_partner_ids", "in", self.user.partner_id.ids)]
        self.assertFalse(self.env["mail.message"].search(domain))

    def test_failures_of_other_companies_are_not_told(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.met("theirs", company_id=other.id)
        self.assertFalse(self.send())
        self.met("ours", company_id=self.manager.company_id.id)
        body = self.send(datetime(2030, 3, 9, 5, 30)).body
        self.assertFalse(body)  # the hours were told already
        self.env["ir.config_parameter"].set_param(UNTIL, False)
        body = self.send().body
        self.assertIn("ours", body)
        self.assertNotIn("theirs", body)

    def test_all_companies_of_the_user_count(self):
        other = self.env["res.company"].create({"name": "Second"})
        self.manager.company_ids += other
        self.met("theirs", company_id=other.id)
        self.assertIn("theirs", self.send().body)

    def test_messages_of_jobs_are_text(self):
        self.met("<script>alert(1)</script>")
        self.assertIn("&lt;script&gt;", self.send().body)

    def test_a_digest_has_a_bound(self):
        for number in range(MOST_NAMED + 3):
            self.met(f"number {number}.", number + 1)
        body = self.send().body
        self.assertIn("There are more", body)
        self.assertIn("number 22.", body)
        self.assertNotIn("number 1.", body)

    def test_no_mail_server_is_waited_for(self):
        self.manager.notification_type = "email"
        self.met("once")
        with patch.object(self.registry["mail.mail"], "send") as send:
            message = self.send()
            self.env.cr.postcommit.run()
        send.assert_not_called()
        mails = self.env["mail.mail"].search([("mail_message_id", "in", message.ids)])
        self.assertEqual(set(mails.mapped("state")), {"outgoing"})

    def test_users_choose_it_in_their_preferences(self):
        self.manager.queue_job_digest = False
        values = {"queue_job_digest": True}
        self.rpc(self.manager, "res.users", "write", self.manager.ids, values)
        self.assertTrue(self.manager.queue_job_digest)
        for user, may_ask in ((self.manager, True), (self.user, False)):
            [read] = self.rpc(
                user, "res.users", "read", user.ids, ["is_queue_job_manager"]
            )
            self.assertEqual(read["is_queue_job_manager"], may_ask)
