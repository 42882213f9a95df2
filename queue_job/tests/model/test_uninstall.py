# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import TransactionCase, tagged

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG
from odoo.addons.queue_job import uninstall_hook
from odoo.addons.queue_job.store import copy_guard


@tagged("post_install", "-at_install")
class TestUninstall(TransactionCase):
    def test_the_root_channel_goes_whatever_was_below_it(self):
        function = self.env["queue.job.function"]
        function._register_jobs([("res.partner", "found_in_code", "root.some.where")])
        root = self.env.ref("queue_job.channel_root")
        uninstall_hook(self.env)
        root.with_context(**{MODULE_UNINSTALL_FLAG: True}).unlink()
        self.assertFalse(root.exists())

    def test_it_is_forgotten_where_the_jobs_were_at_home(self):
        copy_guard.remember(self.env.cr)
        uninstall_hook(self.env)
        self.assertIsNone(copy_guard.look(self.env.cr).remembered)

    def test_no_parameter_is_left(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("queue_job.failure_messages", "failure")
        self.env["queue.job.doctor"]._alert()
        copy_guard.remember(self.env.cr)
        uninstall_hook(self.env)
        self.assertFalse(parameters.search([("key", "=like", "queue_job.%")]))

    def test_where_it_is_remembered_already_nothing_is_written(self):
        state = (
            "SELECT home.ctid::text, (SELECT last_value FROM"
            " ir_config_parameter_id_seq) FROM ir_config_parameter home"
            " WHERE key = 'queue_job.home'"
        )
        copy_guard.remember(self.env.cr)
        self.env.cr.execute(state)
        before = self.env.cr.fetchall()
        copy_guard.remember(self.env.cr)
        self.env.cr.execute(state)
        self.assertEqual(self.env.cr.fetchall(), before)

    def test_no_function_is_left_in_the_database(self):
        uninstall_hook(self.env)
        self.env.cr.execute("SELECT 1 FROM pg_proc WHERE proname LIKE 'queue_job%'")
        self.assertFalse(self.env.cr.fetchall())
