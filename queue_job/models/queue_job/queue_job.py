# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The table of jobs."""

import logging

import psycopg2

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.sql_db import db_connect

from ...db import server_clock
from ...store import delay_in_sql, migration
from ...store.sql import load
from ..bounds import JOB_BOUNDS, check_bounds
from ..stored_data import StoredData
from .arguments import JobArguments
from .attempts import JobAttempts
from .call import JobCall
from .creation import JobCreation
from .dependencies import JobDependencies
from .drawing import JobDrawing
from .dry_run import JobDryRun
from .edits import JobEdits
from .expiry import JobExpiry
from .explanation import JobExplanation
from .explanation_texts import JobExplanationTexts
from .failures import JobFailures
from .housekeeping import JobHousekeeping
from .identity import JobIdentity
from .lanes import JobLanes
from .large_texts import JobLargeTexts
from .lists import JobLists
from .notifications import JobNotifications
from .progress import JobProgress
from .records import JobRecords
from .related import JobRelatedAction
from .rights import JobRights
from .run_again import JobRunAgain
from .runnable import JobRunnable
from .scheduling import JobScheduling
from .search import JobSearch
from .stopping import JobStopping
from .tasks import JobTasks
from .timeline import JobTimeline
from .transitions import JobTransitions

_logger = logging.getLogger(__name__)


def channel_func_name(model, method):
    """Name of the function record of a method: ``<model>.method``; its home in modules
    written for Odoo 11.0."""
    functions = model.env["queue.job.function"]
    return functions.job_function_name(model._name, method.__name__)


class QueueJob(
    StoredData,
    JobCall, JobScheduling, JobExpiry, JobTransitions, JobAttempts, JobIdentity,
    JobDependencies, JobDrawing, JobRecords, JobCreation, JobRights, JobFailures,
    JobNotifications, JobRelatedAction, JobLists,
    JobSearch, JobHousekeeping,
    JobExplanation, JobExplanationTexts, JobRunnable, JobProgress, JobTasks, JobLanes,
    JobTimeline, JobEdits, JobArguments, JobLargeTexts, JobRunAgain, JobDryRun,
    JobStopping,
    models.Model,
):  # fmt: skip
    """One delayed call: what to call, as whom, where it stands, how it went.

    Each part has the fields of its concern and what belongs to them; here is what
    concerns the whole row.
    """

    _name = "queue.job"
    _description = "Queue Job"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _log_access = False
    _order = "date_created DESC, date_done DESC"

    # --- the table, healed by every update ------------------------------------------

    def _auto_init(self):
        migration.prepare_foreign(self.env.cr)
        super()._auto_init()

    def init(self):
        super().init()
        statements = load("schema")
        self.env.cr.execute(statements.notify_function)
        self.env.cr.execute(statements.notify_triggers)
        self.env.cr.execute(statements.beside_triggers)
        self.env.cr.execute(statements.table_settings)
        delay_in_sql.make_function(self.env.cr)
        self.env.cr.postcommit.add(self._tell_runners)

    def _tell_runners(self):
        """Have the runner of this server look into the database at once. It would come
        to that by itself, but later the more databases there are."""
        try:
            with db_connect("postgres").cursor() as cr:
                database = {"database": self.env.cr.dbname}
                cr.execute(load("schema").tell_runners, database)
        except psycopg2.Error as error:
            _logger.debug("runners are not told of a new database: %s", error)

    # --- its rows ---------------------------------------------------------------------

    @api.private
    @api.model_create_multi
    def create(self, vals_list):
        """Refuse to create jobs but by ``with_delay()``: no client may forge one over
        RPC."""
        quiet = self.with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True, mail_notrack=True
        )
        records = super(QueueJob, quiet).create(vals_list)
        return records.with_env(self.env)

    def copy(self, default=None):
        raise AccessError(self.env._("Jobs cannot be duplicated: delay the call again"))

    def write(self, vals):
        vals = self._with_channel_spelt(self._judged(vals))
        check_bounds(self, vals, JOB_BOUNDS)
        self._check_protected(vals)
        if not self._holds_sentinel():
            self.check_access("write")
            self._check_open_to_people(vals)
            if "state" in vals:
                self._check_move(vals["state"])
            self._staying(vals)._check_not_running(vals)
        if "user_id" in vals and "records" not in vals:
            self._rebind_user(vals["user_id"])
        failing = self._failing(vals)
        result = super(QueueJob, self - failing).write(vals)
        if failing:
            now = server_clock.now(self.env.cr).replace(microsecond=0)
            result = super(QueueJob, failing).write({"date_failed": now, **vals})
            failing._message_post_on_failure()
        return result
