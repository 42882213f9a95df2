# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One job method of each kind. Called directly, each is an ordinary method.

The first line of a docstring becomes the description of the jobs.
"""

import time

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import current_job, job, related_action

SECONDS_PER_PAGE = 0.1
ATTEMPTS_OF_THE_RATE = 3


class DemoOrder(models.Model):
    _inherit = "queue.job.demo.order"

    @job(default_channel="root.mail")
    def confirm(self):
        """Confirm an order

        Quick, several at a time.
        """
        self.ensure_one()
        self.confirmed = True
        return f"confirmed {self.name}"

    @job(default_channel="root.heavy")
    @related_action(action="related_action_open_customer", title="Customer")
    def print_catalogue(self, pages):
        """Print a catalogue

        Slow, so its channel lets one run at a time; it tells how far it is.
        """
        self.ensure_one()
        current = current_job(self.env)
        for page in range(1, pages + 1):
            time.sleep(SECONDS_PER_PAGE)
            current.progress(page, pages, self.env._("Page %s", page))
        self.printed_pages += pages
        return f"{pages} pages for {self.name}"

    @job(default_channel="root.export")
    def export(self):
        """Export an order

        The caller says how urgent it is.
        """
        self.ensure_one()
        self.exported_on = fields.Datetime.now()
        return f"exported {self.name}"

    @job(default_channel="root.mail")
    def remind(self, text):
        """Remind the customer

        At the time that the caller wants.
        """
        self.ensure_one()
        self.reminded_on = fields.Datetime.now()
        return f"reminded {self.name}: {text}"

    @job(default_channel="root.rates", retry_pattern={1: 1, 2: 3})
    def fetch_rate(self):
        """Fetch the exchange rate

        From a service that is down at first: retried after 1 and 3 seconds.
        """
        self.ensure_one()
        attempts = self._unsuccessful_attempts() + 1
        if attempts < ATTEMPTS_OF_THE_RATE:
            raise RetryableJobError(f"the service does not answer (attempt {attempts})")
        self.rate = 1.0825
        return f"rate fetched at attempt {attempts}"

    @job(default_channel="root.mail")
    def import_file(self, name):
        """Import a file

        It is broken: the job fails for good, and a user has to look.
        """
        raise UserError(self.env._("The file %s is broken: send it again", name))

    @job(default_channel="root.mail")
    def confirm_all(self):
        """Confirm orders

        Many at once: a slice of a selection.
        """
        self.confirmed = True
        return f"confirmed {len(self)} orders"

    @job
    def tell(self, text):
        """Tell of the end

        Waits for many other jobs.
        """
        return f"{self.name}: {text}"

    @job(default_channel="root.import")
    def import_slice(self, number):
        """Import a slice of a file

        The thirteenth is broken.
        """
        if number == 13:
            raise UserError(self.env._("Slice %s is broken: send it again", number))
        return f"{number * 10} lines"

    @job
    def sum_up_import(self):
        """Sum up an import

        Comes when all slices have ended, and reads what they returned.
        """
        self.ensure_one()
        uuid = self.env.context.get("job_uuid")
        own = self.env["queue.job"].sudo().search([("uuid", "=", uuid)])
        slices = own.dependency_ids
        self.imported_slices = len(slices.filtered(lambda job: job.state == "done"))
        return f"{self.imported_slices} of {len(slices)} slices imported"

    def _unsuccessful_attempts(self):
        """How often the job that runs this was attempted in vain."""
        uuid = self.env.context.get("job_uuid")
        if not uuid:
            return 0
        jobs = self.env["queue.job"].sudo().search([("uuid", "=", uuid)])
        return len(jobs.attempt_ids)
