# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``/queue_job/metrics``, as Prometheus reads it."""

from unittest.mock import patch

from prometheus_client.parser import text_string_to_metric_families

from odoo.tests import HttpCase, tagged

from odoo.addons.queue_job.controllers import gate
from odoo.addons.queue_job.core.health import Facts
from odoo.addons.queue_job.store import health
from odoo.addons.queue_job_prometheus import collector

URL = "/queue_job/metrics"


@tagged("post_install", "-at_install")
class TestMetrics(HttpCase):
    def setUp(self):
        super().setUp()
        self.settings = {"channels": "root:4,root.mail:2"}
        for module in (gate, collector):
            patcher = patch.object(module, "setting", self.settings.get)
            patcher.start()
            self.addCleanup(patcher.stop)
        self.env["queue.job"].search([]).unlink()

    def get(self, **options):
        headers = {"X-Odoo-Database": self.env.cr.dbname}
        self.authenticate(None, None)
        return self.url_open(URL, headers=headers, **options)

    def samples(self):
        """Return the value of each sample, by name and values of its labels."""
        response = self.get()
        self.assertEqual(response.status_code, 200, response.text)
        self.assertIn("text/plain", response.headers["Content-Type"])
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(response.text)
            for sample in family.samples
        }

    def test_strangers_learn_nothing(self):
        self.settings["health_token"] = "abc"
        response = self.get()
        self.assertEqual((response.status_code, response.text), (404, "Not Found"))
        self.assertEqual(self.get(params={"token": "abc"}).status_code, 200)

    def test_jobs_are_counted_by_channel_and_state(self):
        self.env["queue.job"].with_delay()._test_job()
        self.env["queue.job"].with_delay()._test_job()
        self.env.flush_all()
        samples = self.samples()
        self.assertEqual(samples["queue_job_jobs", "root", "pending"], 2)
        self.assertEqual(samples["queue_job_jobs", "root", "failed"], 0)
        self.assertEqual(samples["queue_job_jobs", "", "wait_dependencies"], 0)
        self.assertGreaterEqual(samples["queue_job_oldest_due_seconds",], 0)

    def test_the_leader_and_what_is_wrong(self):
        facts = Facts(leader_age=2.5, oldest_due=5000.0, unbegun=7.0)
        with patch.object(health, "read", return_value=facts):
            samples = self.samples()
        self.assertEqual(samples["queue_job_leader",], 1)
        self.assertEqual(samples["queue_job_leader_age_seconds",], 2.5)
        self.assertEqual(samples["queue_job_oldest_due_seconds",], 5000)
        self.assertEqual(samples["queue_job_unbegun_seconds",], 7)
        self.assertEqual(samples["queue_job_findings", "warning"], 1)
        self.assertEqual(samples["queue_job_findings", "critical"], 0)
        samples = self.samples()
        self.assertEqual(samples["queue_job_leader",], 0)
        self.assertNotIn(("queue_job_leader_age_seconds",), samples)

    def test_channels_and_their_capacities(self):
        root = self.env.ref("queue_job.channel_root")
        root.is_paused = True
        self.env.flush_all()
        samples = self.samples()
        self.assertEqual(samples["queue_job_channel_capacity", "root"], 4)
        self.assertEqual(samples["queue_job_channel_capacity", "root.mail"], 2)
        self.assertEqual(samples["queue_job_channel_paused", "root"], 1)

    def test_channels_that_cannot_be_read_are_left_out(self):
        self.settings["channels"] = "root:x"
        names = {name for name, *_labels in self.samples()}
        self.assertNotIn("queue_job_channel_capacity", names)
        self.assertIn("queue_job_jobs", names)

    def test_what_became_of_jobs_is_counted_by_channel(self):
        sums = {
            "done": 5, "failed": 1, "cancelled": 0, "retried": 2,
            "waiting_seconds": 3.5, "duration_seconds": 9.0,
        }  # fmt: skip
        families = collector._counters([("root.mail", sums)])
        samples = {
            (sample.name, *sample.labels.values()): sample.value
            for family in families
            for sample in family.samples
        }
        self.assertEqual(samples["queue_job_ended_total", "root.mail", "done"], 5)
        self.assertEqual(samples["queue_job_ended_total", "root.mail", "failed"], 1)
        self.assertEqual(samples["queue_job_ended_total", "root.mail", "cancelled"], 0)
        self.assertEqual(samples["queue_job_retried_total", "root.mail"], 2)
        self.assertEqual(samples["queue_job_duration_seconds_total", "root.mail"], 9)

    def test_counters_are_there_where_statistics_are_kept(self):
        names = {name for name, *_labels in self.samples()}
        if "queue.job.statistics" not in self.env:
            self.assertNotIn("queue_job_ended_total", names)
            return
        self.env.cr.execute(
            "INSERT INTO queue_job_statistics (period, seconds, channel, done, failed,"
            " retried, cancelled, waiting_seconds, duration_seconds) SELECT"
            " clock_timestamp() AT TIME ZONE 'UTC', 60, 'root', 3, 0, 0, 0, 0, 0"
        )
        self.assertEqual(self.samples()["queue_job_ended_total", "root", "done"], 3)

    def test_counters_never_go_back(self):
        self.env.cr.execute(
            "INSERT INTO queue_job_statistics (period, seconds, channel, done, failed,"
            " retried, cancelled, waiting_seconds, duration_seconds)"
            " SELECT clock_timestamp() AT TIME ZONE 'UTC' - days * interval '1 day',"
            " 60, 'root.mail', 3, 1, 0, 0, 1.5, 2"
            " FROM unnest(ARRAY[0, 1, 5, 40, 200]) AS days"
        )
        named = {
            ("queue_job_ended_total", "root.mail", "done"): 15,
            ("queue_job_ended_total", "root.mail", "failed"): 5,
            ("queue_job_waiting_seconds_total", "root.mail"): 7.5,
        }
        for _round in range(3):
            self.assertEqual({key: self.samples()[key] for key in named}, named)
            self.env["queue.job.statistics"]._gc_statistics()
        rows = self.env["queue.job.statistics"].search([("channel", "=", "root.mail")])
        self.assertEqual(len(rows), 4)  # the oldest one is gone
