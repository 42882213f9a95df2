# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The buttons of an order: each delays a call instead of making it."""

from odoo import models

from odoo.addons.queue_job.delay import chain, group

#: Orders of the season, and how many of them one job looks after.
SEASON = 2000
SLICE = 100


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

    def button_season(self):
        """Confirm thousands of orders, then export each, then tell of it: groups that
        follow each other."""
        self.ensure_one()
        orders = self.create(
            [{"name": f"{self.name}/{number}"} for number in range(1, SEASON + 1)]
        )
        chain(
            orders.delayable().confirm_all().split(SLICE),
            group(
                *(
                    order.delayable(
                        description=self.env._("Export %s", order.name)
                    ).export()
                    for order in orders
                )
            ),
            self.delayable().tell(self.env._("the season is exported")),
        ).delay()

    def button_import_slices(self):
        """Import a large file in slices; whatever becomes of them, say how it went."""
        self.ensure_one()
        self.write({"imported_slices": 0, "slices": 20})
        slices = (
            self.delayable(
                description=self.env._("Import slice %s", number)
            ).import_slice(number)
            for number in range(1, self.slices + 1)
        )
        group(*slices).on_finished(self.delayable().sum_up_import()).delay()
