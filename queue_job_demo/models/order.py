# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the jobs of the demo work on."""

from odoo import fields, models


class DemoOrder(models.Model):
    """An order that is confirmed, printed, exported, … each by a job."""

    _name = "queue.job.demo.order"
    _description = "Demo Order"
    _inherit = ["queue.job.mixin"]
    _order = "id"

    name = fields.Char(required=True)
    partner_id = fields.Many2one("res.partner", string="Customer")
    confirmed = fields.Boolean(readonly=True)
    pages = fields.Integer(
        string="Catalogue Pages",
        default=3,
        help="A catalogue takes a tenth of a second per page.",
    )
    printed_pages = fields.Integer(string="Printed", readonly=True)
    exported_on = fields.Datetime(string="Exported", readonly=True)
    reminded_on = fields.Datetime(string="Reminded", readonly=True)
    rate = fields.Float(string="Exchange Rate", digits=(12, 4), readonly=True)
    slices = fields.Integer(string="Slices to Import", readonly=True)
    imported_slices = fields.Integer(
        readonly=True, help="Counted when all slices have ended."
    )
    import_progress = fields.Float(compute="_compute_import_progress")

    def _compute_import_progress(self):
        """Share of the slices of the latest import that have ended, in percent."""
        for order in self:
            jobs = (
                self.env["queue.job"]
                .sudo()
                .search(
                    [
                        ("model_name", "=", self._name),
                        ("method_name", "=", "import_slice"),
                    ],
                    order="id desc",
                    limit=order.slices,
                )
            )
            ended = jobs.filtered(lambda job: job.state in ("done", "failed"))
            order.import_progress = 100.0 * len(ended) / (order.slices or 1)
