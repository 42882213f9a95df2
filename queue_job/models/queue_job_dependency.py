# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The table of who waits for whom."""

from odoo import fields, models

from ..store import migration


class QueueJobDependency(models.Model):
    """A link: parent to child, or parent to barrier, or barrier to child.

    A job behind a barrier waits for all jobs in front of it. So groups of N and
    M jobs that follow each other take N + M rows. Rows are made in bulk, by SQL.
    """

    _name = "queue.job.dependency"
    _description = "Dependency between Jobs"
    _log_access = False

    parent_id = fields.Many2one(
        "queue.job", string="Parent Job", ondelete="cascade", readonly=True,
        index="btree_not_null",
    )  # fmt: skip
    child_id = fields.Many2one(
        "queue.job", string="Followed by", ondelete="cascade", readonly=True,
        index="btree_not_null",
    )  # fmt: skip
    barrier_id = fields.Integer(readonly=True, aggregator=None)
    if_failed = fields.Selection(
        [
            ("wait", "Keep waiting until it is done"),
            ("cancel", "Be cancelled"),
            ("run", "Run anyway"),
        ],
        string="If the Job Fails",
        required=True,
        readonly=True,
        default="wait",
    )

    _front_idx = models.Index("(barrier_id, parent_id) WHERE child_id IS NULL")
    _behind_idx = models.Index("(barrier_id, child_id) WHERE parent_id IS NULL")

    def init(self):
        super().init()
        migration.link_jobs(self.env.cr)
