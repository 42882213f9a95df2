# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.store import copy_guard

from .case import JobCase

KEY = "queue_job.home"


@tagged("post_install", "-at_install")
class TestAdopt(JobCase):
    def copy(self):
        """Let this database be a copy of one with the same uuid."""
        copy_guard.remember(self.env.cr)
        self.env.cr.execute(
            "UPDATE ir_config_parameter SET value = regexp_replace(value, '^\\d+', '1')"
            " WHERE key = %s",
            (KEY,),
        )

    def wizard(self, user):
        return self.env["queue.jobs.adopt"].with_user(user).create({})

    def test_a_manager_sees_whether_the_database_is_a_copy(self):
        copy_guard.remember(self.env.cr)
        self.assertFalse(self.wizard(self.manager).is_copy)
        self.copy()
        self.assertTrue(self.wizard(self.manager).is_copy)
        Form(self.env["queue.jobs.adopt"].with_user(self.manager))

    def test_a_manager_adopts_the_jobs(self):
        self.copy()
        with self.assertLogs("odoo.addons.queue_job.wizards", "WARNING") as logged:
            self.wizard(self.manager).adopt()
        self.assertIn("queue manager", logged.output[0])
        self.assertFalse(copy_guard.look(self.env.cr).is_copy)

    def test_the_runner_is_told_of_it(self):
        self.copy()
        with (
            patch.object(self.registry["queue.job"], "_tell_runners") as told,
            mute_logger("odoo.addons.queue_job.wizards.queue_jobs_adopt"),
        ):
            self.wizard(self.manager).adopt()
            told.assert_not_called()
            self.env.cr.postcommit.run()
        told.assert_called_once()

    def test_nobody_else_does(self):
        self.copy()
        with self.assertRaises(AccessError):
            self.env["queue.jobs.adopt"].with_user(self.user).adopt()
        self.assertTrue(copy_guard.look(self.env.cr).is_copy)
