# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``/queue_job/health``: to whom it answers what."""

from unittest.mock import patch

from odoo.tools import config

from odoo.addons.queue_job import config as settings
from odoo.addons.queue_job.controllers import gate
from odoo.addons.queue_job.core.health import Facts
from odoo.addons.queue_job.store import health

from .case import QueueHttpCase

URL = "/queue_job/health"
ADMITTED, STRANGER = 503, 404  # no runner serves the database of a test


class TestHealth(QueueHttpCase):
    def setUp(self):
        super().setUp()
        self.settings = {}
        patcher = patch.object(gate, "setting", self.settings.get)
        patcher.start()
        self.addCleanup(patcher.stop)
        self.env["ir.config_parameter"].set_param("database.is_neutralized", False)

    def status(self, **options):
        return self.get(URL, **options).status_code

    def test_this_host_may_ask_where_nothing_is_configured(self):
        self.assertEqual(self.status(), ADMITTED)

    def test_a_token_is_asked_for_where_one_is_configured(self):
        self.settings["health_token"] = "abc"
        self.assertEqual(self.status(), STRANGER)
        self.assertEqual(self.status(params={"token": "abc"}), ADMITTED)
        self.assertEqual(self.status(params={"token": "abd"}), STRANGER)
        for header, status in (
            ("Bearer abc", ADMITTED),
            ("Bearer ab", STRANGER),
            ("Basic abc", STRANGER),
            ("abc", STRANGER),
        ):
            got = self.status(headers={"Authorization": header})
            self.assertEqual(got, status, header)

    def test_addresses_may_ask_beside_a_token(self):
        self.settings.update(health_token="abc", health_addresses="127.0.0.0/8")
        self.assertEqual(self.status(), ADMITTED)

    def test_other_addresses_than_those_configured_may_not(self):
        self.settings["health_addresses"] = "10.0.0.0/8"
        self.assertEqual(self.status(), STRANGER)

    def test_nobody_may_ask_by_address_where_none_is_to(self):
        self.settings["health_addresses"] = " None "
        self.assertEqual(self.status(), STRANGER)
        self.settings["health_token"] = "abc"
        self.assertEqual(self.status(params={"token": "abc"}), ADMITTED)

    def test_an_empty_setting_is_as_good_as_none(self):
        with patch.dict("os.environ", {"ODOO_QUEUE_JOB_HEALTH_ADDRESSES": ""}):
            self.assertIsNone(settings.setting("health_addresses"))

    def test_a_wrong_setting_lets_nobody_in_and_is_logged_once(self):
        self.settings["health_addresses"] = "127.0.0.1,everywhere"
        gate._complained.clear()
        with self.assertLogs(gate.__name__, "ERROR") as log:
            self.assertEqual([self.status(), self.status()], [STRANGER] * 2)
        self.assertEqual(len(log.output), 1)
        self.assertIn("everywhere", log.output[0])

    def test_behind_a_proxy_its_own_address_lets_nobody_in(self):
        for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
            self.assertEqual(self.status(headers={name: "8.8.8.8"}), STRANGER, name)

    def test_no_other_header_of_a_proxy_makes_its_address_that_of_the_client(self):
        for headers in (
            {"X-Forwarded-Host": ""},
            {"X-Forwarded-Host": "", "X-Forwarded-For": "8.8.8.8"},
            {"X-Forwarded-Host": "odoo.example"},
            {"X-Forwarded-Host": "odoo.example", "X-Forwarded-For": ""},
            {"X-Forwarded-Proto": "https"},
            {"Via": "1.1 proxy"},
        ):
            for proxy_mode in (True, False):
                with patch.dict(config.options, {"proxy_mode": proxy_mode}):
                    got = self.status(headers=headers)
                self.assertEqual(got, STRANGER, (headers, proxy_mode))

    def test_behind_a_trusted_proxy_the_clients_address_counts(self):
        headers = {"X-Forwarded-For": "8.8.8.8", "X-Forwarded-Host": "odoo.example"}
        with patch.dict(config.options, {"proxy_mode": True}):
            self.assertEqual(self.status(headers=headers), STRANGER)
            self.settings["health_addresses"] = "8.8.8.0/24"
            self.assertEqual(self.status(headers=headers), ADMITTED)

    def test_strangers_all_get_the_same_answer(self):
        self.settings["health_token"] = "abc"
        answers = {
            (answer.status_code, answer.text)
            for answer in (
                self.get(URL),
                self.get(URL, params={"token": "x" * 5000}),
                self.get(URL, params={"token": "\0é", "self": "1", "db": "none"}),
                self.get(URL, headers={"Authorization": "Bearer "}),
            )
        }
        self.assertEqual(answers, {(404, "Not Found")})

    def test_it_names_numbers_and_nothing_secret(self):
        def export_secret(self):
            return None

        self.env["queue.job"].search([]).unlink()
        self.delay(export_secret, description="very secret")
        answer = self.get(URL)
        told = answer.json()
        self.assertEqual(told["status"], "critical")
        self.assertEqual(told["findings"], ["no_leader"])
        self.assertEqual(told["jobs"]["pending"], 1)
        self.assertGreaterEqual(told["oldest_due_seconds"], 0)
        self.assertNotIn("secret", answer.text)

    def test_a_queue_that_is_well(self):
        facts = Facts(counts={"pending": 10**9}, leader_age=1.5)
        with patch.object(health, "read", return_value=facts):
            answer = self.get(URL)
        self.assertEqual(answer.status_code, 200)
        told = answer.json()
        self.assertEqual(told["status"], "ok")
        self.assertEqual(told["jobs"]["pending"], told["counted_up_to"])

    def test_a_warning_is_no_reason_to_end_a_server(self):
        facts = Facts(leader_age=1.5, oldest_due=1e6)
        with patch.object(health, "read", return_value=facts):
            answer = self.get(URL)
        self.assertEqual(
            (answer.status_code, answer.json()["status"]), (200, "warning")
        )
