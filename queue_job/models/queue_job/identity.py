# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The identity key of a job, and which calls became one for it."""

from odoo import api, fields, models

from ...core.deduplication import OnDuplicate, Until
from ...core.states import NOT_DONE, State
from ..part import ModelPart

#: So many jobs of one key the form counts.
MOST_COUNTED = 1000
_OPEN = sorted(NOT_DONE - {State.FAILED})


class JobIdentity(ModelPart):
    """What a key asks for; ``core/deduplication.py`` decides what that means."""

    _name = "queue.job"
    _register = False

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

    key_jobs_shown = fields.Char(
        string="Others of the Same Key", compute="_compute_key_jobs_shown"
    )

    _identity_key_state_partial_index = models.Index(
        "(identity_key, id) WHERE identity_key IS NOT NULL"
        " AND state IN ('wait_dependencies', 'pending', 'enqueued', 'started')"
    )
    _identity_done_idx = models.Index(
        "(identity_key, date_done) WHERE identity_key IS NOT NULL"
        " AND state = 'done' AND identity_period > 0 AND same_as IS NULL"
    )
    # those that failed, and those that may supersede them
    _identity_superseding_idx = models.Index(
        "(identity_key, state, date_started) WHERE identity_key IS NOT NULL"
        " AND (state = 'failed' OR identity_supersedes)"
        " AND state IN ('started', 'done', 'failed')"
    )
    _same_as_idx = models.Index("(same_as) WHERE same_as IS NOT NULL")

    @api.depends("same_as")
    def _compute_same_as_id(self):
        uuids = list(set(self.filtered("same_as").mapped("same_as")))
        standing = self.search([("uuid", "in", uuids)]) if uuids else self.browse()
        by_uuid = {job.uuid: job for job in standing}
        for record in self:
            record.same_as_id = by_uuid.get(record.same_as)

    @api.depends("uuid")
    def _compute_same_jobs_count(self):
        counts = dict(
            self._read_group(
                [("same_as", "in", self.mapped("uuid"))], ["same_as"], ["__count"]
            )
        )
        for record in self:
            record.same_jobs_count = counts.get(record.uuid, 0)

    @api.depends("identity_key")
    def _compute_key_jobs_shown(self):
        """Count the others that are not done; of very many tell that they are more."""
        for record in self:
            domain, limit = record._of_same_key(), MOST_COUNTED + 1
            count = self.search_count(domain, limit) if record.identity_key else 0
            shown = f"{MOST_COUNTED}+" if count == limit else str(count)
            record.key_jobs_shown = shown if count else False

    def _of_same_key(self):
        """Return the domain of the other jobs of this key that are not done: in two
        parts, for which there are indexes. Of those that are done there is none."""
        key = fields.Domain("identity_key", "=", self.identity_key)
        key &= fields.Domain("id", "!=", self._origin.id)
        is_open = fields.Domain("state", "in", [state.value for state in _OPEN])
        has_failed = fields.Domain("state", "=", State.FAILED.value)
        return (key & is_open) | (key & has_failed)

    def open_jobs_of_key(self):
        """Return the list of the other jobs of this key that are not done."""
        self.ensure_one()
        name = self.env._("Others of the Same Key")
        return self._list_of(name, list(self._of_same_key()))

    def open_same_jobs(self):
        """Return the list of the jobs that these stand for."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "queue_job.action_queue_job"
        )
        return {
            **action,
            "name": self.env._("Duplicates"),
            "domain": [("same_as", "in", self.mapped("uuid"))],
            "context": {},
        }
