# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.http import Request
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .case import QueueHttpCase

CREATE = "/queue_job/create_test_job"


class TestSession(QueueHttpCase):
    def test_it_answers_nothing(self):
        response = self.get("/queue_job/session")
        self.assertEqual((response.status_code, response.text), (200, ""))


class TestCreateTestJob(QueueHttpCase):
    def setUp(self):
        super().setUp()
        self.env["queue.job"].search([]).unlink()

    def _create(self, login="admin", password="admin", **parameters):
        self.authenticate(login, password)
        data = {"csrf_token": Request.csrf_token(self), **parameters}
        response = self.url_open(CREATE, data=data, allow_redirects=False)
        self.env["queue.job"].invalidate_model()
        return response

    def _jobs(self):
        return self.env["queue.job"].search([], order="id")

    def test_an_administrator_makes_one(self):
        response = self._create()
        job = self._jobs()
        self.assertEqual((response.status_code, len(job)), (200, 1))
        self.assertEqual(response.text, f"job uuid: {job.uuid}")
        self.assertEqual((job.name, job.method_name), ("Test job", "_test_job"))
        self.assertEqual(job.user_id, self.env.ref("base.user_admin"))

    def test_the_options_are_those_of_the_job(self):
        self._create(
            priority="3", max_retries="7", channel="root.x", description="Mine",
            failure_rate="0.5", job_duration="1.5", commit_within_job="1",
            failure_retry_seconds="9",
        )  # fmt: skip
        job = self._jobs()
        self.assertEqual((job.priority, job.max_retries), (3, 7))
        self.assertEqual((job.channel, job.name), ("root.x", "Mine"))
        self.assertEqual(
            job.kwargs,
            {
                "failure_rate": 0.5, "job_duration": 1.5, "commit_within_job": True,
                "failure_retry_seconds": 9,
            },
        )  # fmt: skip

    def test_several(self):
        response = self._create(size="3")
        jobs = self._jobs()
        self.assertEqual(len(jobs), 3)
        self.assertEqual(jobs[2].name, "Test job 3/3")
        [graph_uuid] = set(jobs.mapped("graph_uuid"))
        self.assertEqual(response.text, f"graph uuid: {graph_uuid}")

    def test_what_makes_no_sense_is_refused(self):
        for name, values in {
            "failure_rate": ("-0.1", "1.1", "nan", "x", "", "inf"),
            "priority": ("x", "1.5", "", "9" * 30),
            "max_retries": ("x", "9" * 30),
            "size": ("x", "-1", "100001"),
            "job_duration": ("x", "nan", "inf", "-1", "86401"),
            "failure_retry_seconds": ("x", "9" * 30, "86401"),
            "description": ("x" * 251, "a\0b"),
            "channel": ("root." + "x" * 250, "root.\0"),
        }.items():
            for value in values:
                with self.subTest(f"{name}={value}"):
                    response = self._create(**{name: value})
                    self.assertEqual(response.status_code, 400, response.text[:200])
        self.assertFalse(self._jobs())

    def test_others_may_not(self):
        group = "base.group_user,queue_job.group_queue_job_manager"
        new_test_user(self.env, "queue manager", group, password="queue manager")
        response = self._create("queue manager", "queue manager")
        self.assertEqual(response.status_code, 403)
        self.authenticate(None, None)
        data = {"csrf_token": Request.csrf_token(self)}
        response = self.url_open(CREATE, data=data, allow_redirects=False)
        self.assertIn(response.status_code, (303, 403))
        self.assertFalse(self._jobs())

    def test_a_link_of_a_stranger_makes_none(self):
        self.authenticate("admin", "admin")
        token = Request.csrf_token(self)
        response = self.url_open(CREATE, params={"csrf_token": token})
        self.assertEqual(response.status_code, 405)
        with mute_logger("odoo.http"):
            for data in ({"size": "1"}, {"csrf_token": "forged"}):
                response = self.url_open(CREATE, data=data)
                self.assertEqual(response.status_code, 400)
        self.env["queue.job"].invalidate_model()
        self.assertFalse(self._jobs())
