import time

from odoo import fields, models


class Bench(models.Model):
    _name = "queue.job.bench"
    _description = "Moments at which jobs began"

    uuid = fields.Char()
    began = fields.Float(digits=False)

    def note_beginning(self):
        """A job that says when it began, in seconds since 1970."""
        began = time.time()
        self.env.cr.execute(
            "INSERT INTO queue_job_bench (uuid, began) VALUES (%s, %s)",
            (self.env.context.get("job_uuid"), began),
        )
