"""What the jobs of the demo work on."""

from odoo import fields, models


class DemoOrder(models.Model):
    """An order that is confirmed, printed, exported, … each by a job."""

    _name = "queue.job.demo.order"
    _description = "Demo Order"
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
