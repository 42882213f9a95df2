# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Some hundred jobs of all kinds, and how each of them has to end."""

from odoo import api, models
from odoo.exceptions import AccessError

MANAGERS = "queue_job.group_queue_job_manager"
# How many jobs in a hundred are of a kind; the others are quick confirmations.
SHARE = {"heavy": 5, "priority": 15, "eta": 10, "retry": 5}
ETA_SECONDS = 8


class DemoOrder(models.Model):
    _inherit = "queue.job.demo.order"

    @api.model
    def delay_demo_jobs(self, count=300):
        """Delay so many jobs of all kinds; one of them fails for good.

        :return: one dictionary per job: ``uuid``, ``kind``, and the ``state`` and
            ``result`` in which it has to end
        """
        if not (self.env.su or self.env.user.has_group(MANAGERS)):
            raise AccessError(self.env._("Only job queue managers run the demo"))
        kinds = self._demo_kinds(count)
        orders = self.create(
            [{"name": f"O{number:04}"} for number in range(1, len(kinds) + 1)]
        )
        orders.partner_id = self.env.user.partner_id
        plan = [
            self._demo_job(order, kind, number)
            for number, (order, kind) in enumerate(zip(orders, kinds, strict=True))
        ]
        return [*plan, self._demo_classic()]

    def button_demo_jobs(self):
        self.delay_demo_jobs()

    @api.model
    def _demo_kinds(self, count):
        """The kinds of so many jobs less the classic one, well mixed."""
        count = max(count - 1, 1)
        special = [
            kind for kind, share in SHARE.items() for _i in range(count * share // 100)
        ]
        special.append("failing")
        kinds = ["quick"] * (count - len(special))
        for number, kind in enumerate(special):
            kinds.insert(number * count // len(special), kind)
        return kinds

    def _demo_job(self, order, kind, number):
        job, state, result = getattr(self, f"_demo_{kind}")(order, number)
        return {"uuid": job.uuid, "kind": kind, "state": state, "result": result}

    def _demo_quick(self, order, _number):
        job = order.with_delay().confirm()
        return job, "done", f"confirmed {order.name}"

    def _demo_heavy(self, order, _number):
        title = self.env._("Catalogue for %s", order.name)
        job = order.with_delay(description=title).print_catalogue(order.pages)
        return job, "done", f"{order.pages} pages for {order.name}"

    def _demo_priority(self, order, number):
        job = order.with_delay(priority=1 + number % 20).export()
        return job, "done", f"exported {order.name}"

    def _demo_eta(self, order, _number):
        job = order.with_delay(eta=ETA_SECONDS).remind("your order is ready")
        return job, "done", f"reminded {order.name}: your order is ready"

    def _demo_retry(self, order, _number):
        job = order.with_delay(max_retries=5).fetch_rate()
        return job, "done", "rate fetched at attempt 3"

    def _demo_failing(self, order, _number):
        job = order.with_delay().import_file("orders.csv")
        return job, "failed", None

    def _demo_classic(self):
        """Press the button of the classic example."""
        before = self.env["queue.job"].search([("model_name", "=", "my.model")])
        self.env["my.other.model"].create({"name": "Press me"}).button_do_stuff()
        found = self.env["queue.job"].search([("model_name", "=", "my.model")])
        job = found - before
        return {
            "uuid": job.uuid,
            "kind": "classic",
            "state": "done",
            "result": "a: a, k: 2",
        }
