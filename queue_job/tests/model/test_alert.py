# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who is told that jobs do not run, and how often."""

from unittest.mock import Mock, patch

import requests

from odoo.tests import tagged

from odoo.addons.queue_job import config
from odoo.addons.queue_job.core.health import Facts
from odoo.addons.queue_job.models import queue_job_alert
from odoo.addons.queue_job.store import health

from .case import JobCase

BAD = Facts(leader_age=1.0, oldest_due=1000.0)
WELL = Facts(leader_age=1.0)


@tagged("post_install", "-at_install")
class TestAlert(JobCase):
    def setUp(self):
        super().setUp()
        self.settings = {}
        self.put_on(queue_job_alert, "setting", self.settings.get)
        self.post = Mock()
        self.put_on(queue_job_alert.requests, "post", self.post)
        self.env["ir.config_parameter"].set_param("queue_job.alerts_seen", False)

    def look(self, facts):
        """Let the cron look once; return the messages that managers got."""
        known = self.messages()
        with patch.object(health, "read", return_value=facts):
            self.env["queue.job.doctor"]._alert()
        self.env.cr.postcommit.run()
        return self.messages() - known

    def messages(self):
        domain = [("notified_partner_ids", "in", self.manager.partner_id.ids)]
        return self.env["mail.message"].search(domain)

    def test_managers_are_told_once_and_when_it_is_over(self):
        self.assertFalse(self.look(BAD))
        message = self.look(BAD)
        self.assertEqual(len(message), 1)
        self.assertIn("1000 s", message.body)
        self.assertNotIn(self.user.partner_id, message.notified_partner_ids)
        self.assertFalse(self.look(BAD))
        self.assertIn("oldest_due", self.look(WELL).body)
        self.assertFalse(self.look(WELL))

    def test_operators_say_from_when_on_it_is_wrong(self):
        limits = {"alert_oldest_due": "1001"}
        self.put_on(config, "setting", limits.get)
        self.look(BAD)
        self.assertFalse(self.look(BAD))
        limits["alert_oldest_due"] = "999"
        self.look(BAD)
        self.assertTrue(self.look(BAD))

    def test_a_threshold_that_makes_no_sense_is_told_to_the_log_once(self):
        self.put_on(config, "setting", {"alert_unbegun": "soon"}.get)
        config._complained.clear()
        with self.assertLogs(config.__name__, "ERROR") as log:
            self.look(WELL), self.look(WELL)
        self.assertEqual(len(log.output), 1)
        self.assertIn("alert_unbegun", log.output[0])

    def test_no_mail_server_is_waited_for(self):
        self.manager.notification_type = "email"
        self.look(BAD)
        with patch.object(self.registry["mail.mail"], "send") as send:
            message = self.look(BAD)
        send.assert_not_called()
        mails = self.env["mail.mail"].search([("mail_message_id", "in", message.ids)])
        self.assertEqual(set(mails.mapped("state")), {"outgoing"})

    def test_a_web_service_is_told_the_same(self):
        self.settings["alert_webhook"] = "https://alerts.example/secret"
        self.look(BAD)
        self.post.assert_not_called()
        self.look(BAD)
        [call] = self.post.call_args_list
        self.assertEqual(call.args, ("https://alerts.example/secret",))
        self.assertEqual(call.kwargs["timeout"], 10.0)
        [finding] = call.kwargs["json"]["findings"]
        self.assertEqual(finding["name"], "oldest_due")
        self.look(WELL)
        self.assertEqual(self.post.call_args.kwargs["json"]["over"], ["oldest_due"])

    def test_a_service_that_fails_is_told_to_the_log_without_its_address(self):
        self.settings["alert_webhook"] = "https://alerts.example/secret"
        self.post.side_effect = requests.ConnectTimeout("https://alerts.example/secret")
        self.look(BAD)
        with self.assertLogs(queue_job_alert.__name__, "WARNING") as log:
            self.assertTrue(self.look(BAD))
        self.assertIn("ConnectTimeout", log.output[0])
        self.assertNotIn("secret", log.output[0])

    def test_what_people_made_of_the_memory_counts_as_nothing(self):
        for text in ("{", "[]", '{"oldest_due": "x"}', "7"):
            self.env["ir.config_parameter"].set_param("queue_job.alerts_seen", text)
            self.assertFalse(self.look(BAD))
            self.assertTrue(self.look(BAD), text)
