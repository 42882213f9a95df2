# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime
from unittest.mock import patch

from odoo.tests import new_test_user

from odoo.addons.queue_job.db import server_clock

from .case import JobCase


def export_it(self):
    """Export"""


class TestFailureMessages(JobCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.other_manager = new_test_user(
            cls.env, "other manager",
            "base.group_user,queue_job.group_queue_job_manager",
            company_id=cls.elsewhere.id, company_ids=[(6, 0, cls.elsewhere.ids)],
        )  # fmt: skip

    def setUp(self):
        super().setUp()
        self.put_job(export_it)
        self.job = self.partner.with_user(self.user).with_delay().export_it()
        self.record = self.job.db_record()

    def _fail(self):
        self.job.set_started()
        self.job.set_failed(exc_info="Traceback", exc_name="n", exc_message="m")
        self.job.store()

    def _followers(self):
        return self.record.message_follower_ids.partner_id

    def test_creation_says_nothing_and_subscribes_nobody(self):
        self.assertFalse(self.record.message_ids)
        self.assertFalse(self.record.message_follower_ids)

    def test_a_failure_is_told_once_to_those_who_should_know(self):
        self._fail()
        subtype = self.env.ref("queue_job.mt_job_failed")
        messages = self.record.message_ids.filtered(lambda m: m.subtype_id == subtype)
        self.assertEqual(len(messages), 1)
        self.assertIn(self.record.uuid, messages.body)
        self.assertLessEqual(
            self.manager.partner_id | self.user.partner_id, self._followers()
        )

    def _mails(self):
        return (
            self.env["mail.mail"]
            .sudo()
            .search([("model", "=", "queue.job"), ("res_id", "in", self.jobs.ids)])
        )

    def _fail_in_a_worker(self):
        """As Odoo itself, who is no follower and so leaves no user out."""
        failure = {"state": "failed", "exc_name": "n", "exc_message": "m"}
        self.record.with_env(self.env(su=True)).write(failure)

    def _fail_several(self, number):
        self.user.notification_type = self.manager.notification_type = "email"
        self.jobs = self.env["queue.job"]
        for _ in range(number):
            self.job = self.partner.with_user(self.user).with_delay().export_it()
            self.record = self.job.db_record()
            self.jobs += self.record
            self._fail_in_a_worker()

    def test_mails_wait_in_the_queue_of_mails(self):
        with patch.object(type(self.env["mail.mail"]), "send") as send:
            self._fail_several(1)
            self.env.cr.postcommit.run()
        send.assert_not_called()
        self.assertEqual(set(self._mails().mapped("state")), {"outgoing"})

    def test_a_flood_is_told_once_and_stands_on_each_job(self):
        self._fail_several(3)
        self.assertEqual(set(self._mails().mapped("res_id")), {self.jobs[0].id})
        for job in self.jobs:
            self.assertIn(job.uuid, "".join(job.message_ids.mapped("body")))

    def _fail_at(self, *times):
        """One failure at each time of a day, as (hour, minute)."""
        self._fail_several(0)
        for hour, minute in times:
            now = datetime(2030, 3, 3, hour, minute)
            self.job = self.partner.with_user(self.user).with_delay().export_it()
            self.record = self.job.db_record()
            self.jobs += self.record
            with patch.object(server_clock, "now", return_value=now):
                self.record.with_env(self.env(su=True)).write(
                    {"state": "failed", "date_failed": now}
                )

    def _numbers_told(self):
        told = self._mails().mapped("res_id")
        return [number for number, job in enumerate(self.jobs) if job.id in told]

    def test_a_lasting_flood_is_told_once_in_each_hour(self):
        self._fail_at((10, 50), (10, 55), (11, 5), (11, 40), (11, 59), (12, 0))
        self.assertEqual(self._numbers_told(), [0, 2, 5])

    def test_a_failure_that_was_not_told_silences_no_other(self):
        self._fail_at((10, 10), (10, 20))
        first, silenced = self.jobs
        first.requeue()
        self._fail_at((10, 30), (10, 40))
        self.assertEqual(silenced.state, "failed")
        self.assertEqual(self._numbers_told(), [0])

    def test_another_user_is_told_of_his_own(self):
        self._fail_several(1)
        other = new_test_user(self.env, "another user", "base.group_user")
        other.notification_type = "email"
        self.job = self.partner.with_user(other).with_delay().export_it()
        self.record = self.job.db_record()
        self._fail_in_a_worker()
        self.jobs += self.record
        told = self._mails().filtered(lambda mail: mail.res_id == self.record.id)
        self.assertIn(other.partner_id, told.recipient_ids)

    def test_the_message_says_what_failed_and_why(self):
        self._fail()
        body = "".join(self.record.message_ids.mapped("body"))
        for word in ("res.partner", "export_it", self.partner.display_name, "n: m"):
            self.assertIn(word, body)

    def test_only_who_may_open_the_job_gets_a_button(self):
        self._fail_several(1)
        link = "/mail/view"
        for mail in self._mails():
            if self.user.partner_id in mail.recipient_ids:
                self.assertNotIn(link, mail.body_html)
            if self.manager.partner_id in mail.recipient_ids:
                self.assertIn(link, mail.body_html)
        reached = self._mails().recipient_ids
        self.assertLessEqual(self.manager.partner_id | self.user.partner_id, reached)

    def test_a_failure_has_its_time(self):
        self._fail()
        self.assertEqual(self.record.date_failed, self.job.date_failed)
        self.record.requeue()
        self.assertFalse(self.record.date_failed)

    def test_code_that_writes_a_failure_need_not_say_when(self):
        self.record.write({"state": "failed"})
        self.assertTrue(self.record.date_failed)

    def test_customers_on_the_portal_are_left_alone(self):
        customer = new_test_user(self.env, "customer", "base.group_portal")
        self.job = self.partner.with_user(customer).sudo().with_delay().export_it()
        self.record = self.job.db_record()
        self._fail()
        self.assertIn(self.manager.partner_id, self._followers())
        self.assertNotIn(customer.partner_id, self._followers())

    def test_managers_of_other_companies_are_left_alone(self):
        self._fail()
        self.assertNotIn(self.other_manager.partner_id, self._followers())

    def test_a_job_without_company_concerns_all_managers(self):
        self.record.company_id = False
        self.job.company_id = False
        self._fail()
        self.assertIn(self.other_manager.partner_id, self._followers())

    def test_a_group_that_implies_the_managers_is_told_too(self):
        group = self.env["res.groups"].create(
            {
                "name": "Operators",
                "implied_ids": [
                    (4, self.env.ref("queue_job.group_queue_job_manager").id)
                ],
            }
        )
        operator = new_test_user(self.env, "operator", "base.group_user")
        operator.group_ids += group
        self._fail()
        self.assertIn(operator.partner_id, self._followers())

    def test_the_creator_may_be_left_out(self):
        def _subscribe_job_creator(self):
            return False

        self.put(_subscribe_job_creator, "queue.job")
        self._fail()
        self.assertNotIn(self.user.partner_id, self._followers())

    def test_without_text_nothing_is_posted(self):
        def _message_failed_job(self):
            return False

        self.put(_message_failed_job, "queue.job")
        subtype = self.env.ref("queue_job.mt_job_failed")
        self._fail()
        self.assertNotIn(subtype, self.record.message_ids.subtype_id)
        self.assertTrue(self._followers())

    def test_the_domain_of_subscribers_is_a_list_to_append_to(self):
        domain = self.record._subscribe_users_domain()
        self.assertIs(type(domain), list)
        domain.append(("login", "=", "queue manager"))
        found = self.env["res.users"].search(domain)
        self.assertEqual(found, self.manager)
        self.assertIs(type(self.env["queue.job"]._subscribe_users_domain()), list)

    def test_other_writes_say_nothing(self):
        self.record.write({"priority": 3})
        self.record.write({"state": "cancelled"})
        self.assertFalse(self.record.message_follower_ids)

    def test_a_deleted_creator_is_no_obstacle(self):
        self.env["queue.job"].browse(self.record.id).user_id = False
        self.record.write({"state": "failed"})
        self.assertEqual(self.record.state, "failed")
