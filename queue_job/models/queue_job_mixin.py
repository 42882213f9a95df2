# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs on the records that they work on."""

from odoo import fields, models
from odoo.tools import SQL

from ..core.progress import percentage
from ..store import job_records

VIEWERS = "queue_job.group_queue_job_user"
#: Jobs of a record in ``job_ids``, at most.
_MOST = 20


class QueueJobMixin(models.AbstractModel):
    """Shows on a record what is under way for it. Inherit it in models whose methods
    are delayed; jobs that are delayed from then on are shown.

    The counter, the banner and the filter are for everybody who may read the record:
    they give the number of jobs and what these are called. The jobs themselves are for
    those who may see jobs.
    """

    _name = "queue.job.mixin"
    _description = "Record with Jobs"
    #: Jobs of a model are linked to its records when they are stored.
    _shows_jobs = True

    job_count = fields.Integer(
        string="Jobs under Way",
        compute="_compute_jobs",
        aggregator=None,
        help="Jobs that wait or run for this record.",
    )
    job_banner = fields.Char(
        string="Under Way",
        compute="_compute_jobs",
        help="What runs, or waits to run, for this record.",
    )
    job_progress = fields.Float(
        string="Progress of the Job",
        compute="_compute_jobs",
        aggregator=None,
        help="In percent, as the job tells.",
    )
    has_running_job = fields.Boolean(
        string="Has Jobs under Way",
        compute="_compute_jobs",
        search="_search_has_running_job",
        help="Whether any job waits or runs for this record.",
    )
    job_ids = fields.Many2many(
        "queue.job",
        string="Latest Jobs",
        compute="_compute_job_ids",
        groups=VIEWERS,
        help="The latest jobs of this record, whatever became of them.",
    )

    def _compute_jobs(self):
        """Read, for all records that are shown, no more than what is shown."""
        self.env["queue.job"].flush_model()
        found = job_records.under_way(
            self.env.cr, self._name, self.ids, self.env.companies.ids
        )
        for record in self:
            jobs = found.get(record._origin.id)
            record.has_running_job = bool(jobs)
            record.job_count = jobs.number if jobs else 0
            record.job_banner = record._job_banner(jobs) if jobs else False
            record.job_progress = percentage(jobs.done or 0, jobs.total) if jobs else 0

    def _job_banner(self, jobs):
        """Return what is said of jobs that are not over."""
        name = jobs.name or self.env._("a job of another company")
        if not jobs.is_running:
            return self.env._("Waits to run: %s", name)
        if not jobs.total:
            return self.env._("Running: %s", name)
        return self.env._(
            "Running: %(name)s, %(percent)d %%",
            name=name,
            percent=percentage(jobs.done, jobs.total),
        )

    def _search_has_running_job(self, operator, _value):
        if operator != "in":
            return NotImplemented  # Odoo asks for the opposite, and turns it round
        self.env["queue.job"].flush_model()
        found = job_records.with_jobs(self.env.cr, self._name)
        if found is not None:
            return [("id", "in", found)]
        return fields.Domain.custom(
            to_sql=_has_jobs, predicate=lambda record: record.has_running_job
        )

    def _compute_job_ids(self):
        for record in self:
            ids = job_records.latest(self.env.cr, self._name, record.ids, _MOST)
            # company rules hide some
            record.job_ids = self.env["queue.job"].search([("id", "in", ids)])

    def open_jobs(self):
        """Open the jobs of these records; for those who may see jobs."""
        self.env["queue.job"].check_access("read")
        links = [("model", "=", self._name), ("res_id", "in", self.ids)]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Jobs"),
            "res_model": "queue.job",
            "view_mode": "list,form",
            "domain": [("job_record_ids", "any", links)],
        }


def _has_jobs(model, alias, _query):
    """Return the condition that a row of the table of a model has jobs under way."""
    return SQL(
        job_records.HAS_JOBS,
        model=model._name,
        record=SQL.identifier(alias, "id"),
        states=job_records.STATES_UNDER_WAY,
    )
