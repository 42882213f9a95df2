# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The table of jobs."""

from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.base_sparse_field.models.fields import Serialized

from ...core.deduplication import OnDuplicate, Until
from ...core.states import State
from ...db import server_clock
from ...delaying.moment import Moment
from ...fields import JobSerialized, as_stored
from ...job import STATES
from ..bounds import JOB_BOUNDS, check_bounds
from ..loose import LooseMany2one
from .creation import JobCreation
from .dependencies import JobsOfAGraph
from .drawing import DrawnGraph
from .explanation import ExplainedJobs
from .explanation_texts import ExplanationTexts
from .failures import JobsOfAFailure
from .housekeeping import JobVacuum
from .identity import SameJobs
from .notifications import FailureMessages
from .panel import ListsOfJobs
from .pause import PausedJobs
from .reading import StoredCalls
from .references import LooseReferences
from .related import RelatedActions
from .rights import JobRights
from .schema import JobSchema
from .search import SearchedLists
from .test_job import TestJob
from .transitions import JobTransitions


def channel_func_name(model, method):
    """Name of the function record of a method: ``<model>.method``; its home in modules
    written for Odoo 11.0."""
    functions = model.env["queue.job.function"]
    return functions.job_function_name(model._name, method.__name__)


class QueueJob(
    JobCreation, JobRights, JobTransitions, JobsOfAGraph, DrawnGraph, SameJobs,
    PausedJobs, JobsOfAFailure, FailureMessages, RelatedActions, ListsOfJobs,
    SearchedLists, JobVacuum, TestJob, StoredCalls, LooseReferences, JobSchema,
    ExplainedJobs, ExplanationTexts, models.Model,
):  # fmt: skip
    """One delayed call: what to call, as whom, where it stands, how it went.

    The concerns are plain classes, so that all methods stand on this one, where
    other add-ons override and patch them.
    """

    _name = "queue.job"
    _description = "Queue Job"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _log_access = False
    _order = "date_created DESC, date_done DESC"

    #: Days that ended jobs of a channel are kept unless it says otherwise.
    _removal_interval = 30
    _default_related_action = "related_action_open_record"
    #: A row says "call this as that user": only code that holds this very object may
    #: write what is called. It cannot come in over RPC.
    EDIT_SENTINEL = object()
    _protected_fields = (
        "uuid", "name", "date_created", "model_name", "method_name", "func_string",
        "channel_method_name", "job_function_id", "records", "args", "kwargs",
        "attempt", "worker_backend", "delayed_by",
    )  # fmt: skip

    uuid = fields.Char(string="UUID", readonly=True, index=True, required=True)
    graph_uuid = fields.Char(
        string="Graph UUID",
        readonly=True,
        help="The same for all jobs that were delayed together and depend on each"
        " other; empty for a single job.",
    )
    user_id = LooseMany2one(
        "res.users",
        string="User ID",
        help="The job runs as this user.",
    )
    delayed_by = fields.Integer(
        string="Delayed by (Database ID)",
        readonly=True,
        copy=False,
        aggregator=None,
        help="The user who delayed the job, if it runs as another user now.",
    )
    company_id = LooseMany2one(
        "res.company", string="Company", index=True, readonly=True
    )
    name = fields.Char(string="Description", readonly=True)

    model_name = fields.Char(string="Model", readonly=True)
    method_name = fields.Char(string="Method", readonly=True)
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
    func_short = fields.Char(string="Call", compute="_compute_short_texts")

    state = fields.Selection(
        STATES, readonly=True, required=True, default=State.PENDING.value
    )
    priority = fields.Integer(
        aggregator=None,
        default=10,
        help="Within a channel, jobs with a smaller number run first.",
    )
    exc_name = fields.Char(string="Exception", readonly=True)
    exc_message = fields.Char(string="Exception Message", readonly=True, tracking=True)
    failure_id = LooseMany2one(
        "queue.job.failure",
        string="Kind of Failure",
        readonly=True,
        copy=False,
        help="What its last failure has in common with those of other jobs.",
    )
    exc_short = fields.Char(string="Failure", compute="_compute_short_texts")
    exc_info = fields.Text(
        string="Exception Information", readonly=True, prefetch=False
    )
    result = fields.Text(readonly=True, prefetch=False)

    date_created = fields.Datetime(string="Created Date", readonly=True)
    date_enqueued = fields.Datetime(
        string="Enqueue Time",
        readonly=True,
        help="When the job was last dispatched to an Odoo worker.",
    )
    date_started = fields.Datetime(string="Start Date", readonly=True)
    date_done = fields.Datetime(readonly=True)
    date_cancelled = fields.Datetime(readonly=True)
    date_failed = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the job failed; empty once it is requeued or set to done.",
    )
    exec_time = fields.Float(
        string="Execution Time (avg)",
        readonly=True,
        aggregator="avg",
        help="Seconds the job took, from its start to its end.",
    )
    eta = Moment(
        string="Execute only after", help="The job does not start before this time."
    )
    retry = fields.Integer(
        string="Current try", readonly=True, help="Number of attempts so far."
    )
    repeats = fields.Integer(
        string="Repeated in Place",
        readonly=True,
        copy=False,
        aggregator=None,
        help="How often a worker repeated the work of the job at once, after a "
        "conflict with another transaction.",
    )
    max_retries = fields.Integer(
        string="Max. retries",
        help="After this many attempts the job fails instead of being retried. 0: "
        "no limit.",
    )
    attempt = fields.Integer(
        string="Dispatches",
        readonly=True,
        default=0,
        copy=False,
        help="How often the job was dispatched to a worker. Only the latest "
        "dispatch may record how the job went.",
    )
    attempt_ids = fields.One2many(
        "queue.job.attempt", "job_id", string="Unsuccessful Attempts", readonly=True
    )
    attempts_not_kept = fields.Integer(
        string="Attempts not Kept",
        readonly=True,
        copy=False,
        aggregator=None,
        help="How many unsuccessful attempts are no longer listed.",
    )
    worker_pid = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Process that runs the job.",
    )
    worker_backend = fields.Integer(
        string="Database Session",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Process id, in PostgreSQL, of the session that the job works on.",
    )

    channel_method_name = fields.Char(string="Complete Method Name", readonly=True)
    job_function_id = LooseMany2one(
        "queue.job.function", string="Job Function", readonly=True
    )
    channel = fields.Char(
        default="root",
        help="Complete name of the channel, whose capacity says how many jobs run at"
        " a time.",
    )
    paused_channel_id = fields.Many2one(
        "queue.job.channel", compute="_compute_paused_channel_id"
    )
    pause_note = fields.Char(compute="_compute_paused_channel_id")
    explanation = fields.Char(
        string="Why It Is Not Running", compute="_compute_explanation"
    )
    has_culprit = fields.Boolean(string="Has a Culprit", compute="_compute_explanation")
    identity_key = fields.Char(
        readonly=True,
        help="Jobs of the same key may be duplicates of each other. Unless the "
        "call says otherwise, no second job is created while one waits.",
    )
    identity_until = fields.Selection(
        [(Until.STARTED.value, "Started"), (Until.DONE.value, "Done")],
        string="Deduplicate until",
        readonly=True,
        help="How long further calls of the same identity key are duplicates of "
        "this job.",
    )
    identity_period = fields.Integer(
        string="Deduplicate for (s)",
        readonly=True,
        aggregator=None,
        help="Seconds after the job is done during which further calls of the same"
        " key are still duplicates of it.",
    )
    identity_on_duplicate = fields.Selection(
        [
            (OnDuplicate.KEEP.value, "Keep"),
            (OnDuplicate.POSTPONE.value, "Postpone"),
            (OnDuplicate.MERGE.value, "Merge"),
        ],
        string="On Duplicate",
        readonly=True,
        help="What happens when this call meets a duplicate: the other job is "
        "kept, this one takes its place, or one job runs with the records of "
        "both.",
    )
    identity_deadline = fields.Datetime(
        string="Latest Start",
        readonly=True,
        help="Duplicates do not postpone the job beyond this time.",
    )
    identity_supersedes = fields.Boolean(
        string="Supersedes Failed Jobs",
        readonly=True,
        help="Cancel earlier failed jobs of the same identity key.",
    )
    same_as = fields.Char(
        string="Duplicate of (UUID)",
        readonly=True,
        copy=False,
        help="The job that this one is a duplicate of.",
    )
    same_as_id = fields.Many2one(
        "queue.job",
        string="Duplicate of",
        compute="_compute_same_as_id",
        help="The job that this one is a duplicate of.",
    )
    same_jobs_count = fields.Integer(
        string="Duplicates", compute="_compute_same_jobs_count"
    )

    dependencies = Serialized(string="Links", compute="_compute_dependencies")
    # all of them, which may be very many: the form shows the first, below
    dependency_ids = fields.Many2many(
        "queue.job",
        string="Waits for",
        compute="_compute_dependency_ids",
        search="_search_dependency_ids",
    )
    dependent_ids = fields.Many2many(
        "queue.job",
        string="Followed by",
        compute="_compute_dependent_ids",
        search="_search_dependent_ids",
    )
    shown_dependency_ids = fields.Many2many(
        "queue.job",
        string="Waits for (First)",
        compute="_compute_shown_dependencies",
    )
    has_more_dependencies = fields.Boolean(
        string="Waits for More", compute="_compute_shown_dependencies"
    )
    shown_dependent_ids = fields.Many2many(
        "queue.job",
        string="Followed by (First)",
        compute="_compute_shown_dependents",
    )
    has_more_dependents = fields.Boolean(
        string="Followed by More", compute="_compute_shown_dependents"
    )
    dependency_graph = Serialized(compute="_compute_dependency_graph")
    graph_drawing = fields.Json(string="Drawing", compute="_compute_graph_drawing")
    graph_jobs_count = fields.Integer(
        string="Jobs Delayed Together", compute="_compute_graph_jobs_count"
    )
    graph_jobs_shown = fields.Char(
        string="Jobs Delayed Together (Shown)", compute="_compute_graph_jobs_shown"
    )

    # what the runner asks for, see store/sql/candidates.sql
    _due_idx = models.Index(
        "(channel, priority, date_created, id) WHERE state = 'pending' AND eta IS NULL"
    )
    _eta_idx = models.Index(
        "(channel, eta) WHERE state = 'pending' AND eta IS NOT NULL"
    )
    _eta_rank_idx = models.Index(
        "(channel, priority, date_created, id)"
        " WHERE state = 'pending' AND eta IS NOT NULL"
    )
    _handed_out_idx = models.Index("(id) WHERE state IN ('enqueued', 'started')")
    _failed_idx = models.Index("(channel) WHERE state = 'failed'")
    # whether a user was told of a failure in this hour
    _failure_idx = models.Index(
        "(channel_method_name, date_failed) WHERE state = 'failed'"
    )
    # the jobs of a failure
    _same_failure_idx = models.Index("(failure_id, state) WHERE failure_id IS NOT NULL")
    _waiting_idx = models.Index("(id) WHERE state = 'wait_dependencies'")
    # what people look at: lists are ordered by id, and counted by what the index has
    _open_idx = models.Index(
        "(id) INCLUDE (state, company_id, channel) WHERE state IN"
        " ('wait_dependencies', 'pending', 'enqueued', 'started', 'failed')"
    )
    _ended_badly_idx = models.Index(
        "(id) INCLUDE (state, company_id) WHERE state IN ('failed', 'cancelled')"
    )
    _done_idx = models.Index("(id) WHERE state = 'done'")
    _retried_idx = models.Index(
        "(id) WHERE retry > 1"
        " OR (retry = 1 AND state IN ('pending', 'enqueued', 'started'))"
    )
    _graph_idx = models.Index("(graph_uuid, state, id) WHERE graph_uuid IS NOT NULL")
    _identity_key_state_partial_index = models.Index(
        "(identity_key, id) WHERE identity_key IS NOT NULL"
        " AND state IN ('wait_dependencies', 'pending', 'enqueued', 'started')"
    )
    _identity_done_idx = models.Index(
        "(identity_key, date_done) WHERE identity_key IS NOT NULL"
        " AND state = 'done' AND identity_period > 0 AND same_as IS NULL"
    )
    _identity_failed_idx = models.Index(
        "(identity_key) WHERE identity_key IS NOT NULL AND state = 'failed'"
    )
    _identity_supersedes_idx = models.Index(
        "(identity_key, date_started) WHERE identity_supersedes"
        " AND state IN ('started', 'done', 'failed')"
    )
    _same_as_idx = models.Index("(same_as) WHERE same_as IS NOT NULL")

    @api.depends("records")
    def _compute_record_ids(self):
        for record in self:
            record.record_ids = as_stored(record).records.get("ids", [])

    @api.private
    @api.model_create_multi
    def create(self, vals_list):
        """Refuse to create jobs but by ``with_delay()``: no client may forge one over
        RPC."""
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
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
