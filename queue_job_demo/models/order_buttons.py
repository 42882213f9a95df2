"""The buttons of an order: each delays a call instead of making it."""

from odoo import models


class DemoOrder(models.Model):
    _inherit = "queue.job.demo.order"

    def button_confirm(self):
        for order in self:
            order.with_delay().confirm()

    def button_print(self):
        for order in self:
            order.with_delay(
                description=self.env._("Catalogue for %s", order.name)
            ).print_catalogue(order.pages)

    def button_export_now(self):
        """Before every other export that waits."""
        for order in self:
            order.with_delay(priority=1).export()

    def button_remind_later(self):
        """In a minute, and only once however often the button is pressed."""
        for order in self:
            order.with_delay(eta=60, identity_key=f"remind-{order.id}").remind(
                self.env._("please pay")
            )

    def button_fetch_rate(self):
        for order in self:
            order.with_delay(max_retries=5).fetch_rate()

    def button_import(self):
        for order in self:
            order.with_delay().import_file("orders.csv")
