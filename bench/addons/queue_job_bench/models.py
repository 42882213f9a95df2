import time

from odoo import fields, models

try:
    from odoo.addons.queue_job.job import job
except ImportError:  # the existing add-on has no decorator any more

    def job(**_options):
        return lambda method: method


def _together(method):
    """Many records in one call, where the addon that is measured can do that."""
    try:
        return job(chunk=100)(method)
    except TypeError:  # an earlier version
        return job()(method)


class Bench(models.Model):
    _name = "queue.job.bench"
    _description = "Moments at which jobs began"

    uuid = fields.Char()
    began = fields.Float(digits=False)

    @job()
    def count_up(self):
        """A job that writes each of its records."""
        for record in self:
            record.began += 1

    @_together
    def count_up_together(self):
        """The same, for many records in one call."""
        self.count_up()

    def note_beginning(self):
        """A job that says when it began, in seconds since 1970."""
        began = time.time()
        self.env.cr.execute(
            "INSERT INTO queue_job_bench (uuid, began) VALUES (%s, %s)",
            (self.env.context.get("job_uuid"), began),
        )
