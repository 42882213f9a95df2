# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a job calls."""

import logging
import random
from time import sleep

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...exception import JobError, RetryableJobError
from ...fields import HIDDEN, JobSerialized, as_stored
from ..loose import LooseMany2one
from ..part import ModelPart

_logger = logging.getLogger(__name__)


class JobCall(ModelPart):
    """The call: the method, its records and arguments.

    Clients get it as it is stored: they have no use for live records, and are not to
    lose a page of jobs because the model of one is not installed any more.
    """

    _name = "queue.job"
    _register = False

    uuid = fields.Char(string="UUID", readonly=True, index=True, required=True)
    name = fields.Char(string="Description", readonly=True)
    model_name = fields.Char(string="Model", readonly=True)
    method_name = fields.Char(string="Method", readonly=True)
    channel_method_name = fields.Char(string="Complete Method Name", readonly=True)
    job_function_id = LooseMany2one(
        "queue.job.function", string="Job Function", readonly=True
    )
    records = JobSerialized(
        string="Record(s)",
        readonly=True,
        base_type=models.BaseModel,
        keeps_types=True,
    )
    record_ids = JobSerialized(
        string="Record IDs", compute="_compute_record_ids", base_type=list
    )
    args = JobSerialized(
        string="Arguments", readonly=True, base_type=tuple, keeps_types=True
    )
    kwargs = JobSerialized(
        string="Keyword Arguments", readonly=True, base_type=dict, keeps_types=True
    )
    func_string = fields.Char(
        string="Task",
        readonly=True,
        prefetch=False,
        help="The call as it was delayed.",
    )

    @api.depends("records")
    def _compute_record_ids(self):
        for record in self:
            record.record_ids = as_stored(record).records.get("ids", [])

    def _check_not_encrypted(self):
        """Refuse what would show the arguments, or their place holders.

        :raise UserError: when the job's arguments are encrypted
        """
        self.ensure_one()
        stored = as_stored(self)  # records are not to be compared with words
        if (stored.args, stored.kwargs) == ([HIDDEN], {HIDDEN: True}):
            raise UserError(
                self.env._(
                    "The arguments of job %s are encrypted: nobody may see or change"
                    " them. Requeue it as it is, or delay the call in code.",
                    self.uuid,
                )
            )

    # --- a call to try the queue out ----------------------------------------------

    def _test_job(
        self, failure_rate=0, job_duration=0, commit_within_job=False,
        failure_retry_seconds=0,
    ):  # fmt: skip
        """A test job.

        :param failure_rate: share of runs that fail, 0 to 1
        :param job_duration: seconds to take
        :param commit_within_job: whether to commit before the end
        :param failure_retry_seconds: when given, failing means asking for another
            attempt after so many seconds
        """
        _logger.info("Running test job.")
        if random.random() < failure_rate:
            if failure_retry_seconds:
                raise RetryableJobError("Retry this test job", failure_retry_seconds)
            raise JobError("Job failed")
        if job_duration:
            sleep(job_duration)
        if commit_within_job:
            self.env.cr.commit()  # pylint: disable=invalid-commit
