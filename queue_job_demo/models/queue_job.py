# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A related action of its own, for the jobs that print catalogues."""

from odoo import models


class QueueJob(models.Model):
    _inherit = "queue.job"

    def related_action_open_customer(self, title):
        """Open the customer instead of the order; nothing if there is none."""
        self.ensure_one()
        customer = self.records.partner_id
        if not customer:
            return None
        return {
            "name": title,
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": customer.id,
            "view_mode": "form",
        }
