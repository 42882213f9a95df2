# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Calls over an interface from which no job may be stored, or not at once."""

from unittest.mock import patch

from odoo import api
from odoo.tests import new_test_user

from odoo.addons.queue_job.job import Job, job

from .case import QueueHttpCase


def export_it(self):
    self.name = "exported"


class TestReadOnlyCalls(QueueHttpCase):
    """Odoo calls a method that is marked as read-only in a transaction that only reads;
    one that delays is called again in one that writes."""

    def setUp(self):
        super().setUp()
        groups = "base.group_user,base.group_partner_manager"
        new_test_user(self.env, "reader", groups, password="reader")
        self.authenticate("reader", "reader")
        self.put("export_it", job(export_it))

    def put(self, name, value):
        place = self.registry["res.partner"]
        patcher = patch.object(place, name, value, create=True)
        patcher.start()
        self.addCleanup(patcher.stop)

    def call(self, delaying):
        """Call a read-only method that delays; return what Odoo logs."""
        cursors = []

        @api.readonly
        def look(self):
            cursors.append(self.env.cr.readonly)
            delaying(self)
            return True

        self.put("look", look)
        with self.assertLogs("odoo", "WARNING") as logs:
            self.make_jsonrpc_request(
                "/web/dataset/call_kw/res.partner/look",
                {
                    "model": "res.partner",
                    "method": "look",
                    "args": [self.partner.ids],
                    "kwargs": {},
                },
            )
        self.assertEqual(cursors, [True, False])
        return logs

    def test_each_way_of_delaying_is_repeated_without_an_error(self):
        ways = {
            "with_delay": lambda self: self.with_delay().export_it(),
            "a key": lambda self: self.with_delay(identity_key="k").export_it(),
            "delayable": lambda self: self.delayable().export_it().delay(),
            "with_delay_each": lambda self: self.with_delay_each().export_it(),
            "enqueue": lambda self: Job.enqueue(self.export_it),
            "store": lambda self: Job(self.export_it).store(),
        }
        for way, delaying in ways.items():
            with self.subTest(way=way):
                self.env["queue.job"].search([]).unlink()
                logs = self.call(delaying)
                self.assertEqual({r.levelname for r in logs.records}, {"WARNING"})
                [line] = logs.output
                self.assertIn("<res.partner>.export_it is delayed by", line)
                [record] = self.env["queue.job"].search([])
                self.assertEqual(record.method_name, "export_it")
