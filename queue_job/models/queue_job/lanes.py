# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Of which jobs so many run at a time, whatever their channels; and how the runner
finds those that may go behind very many that have to wait for each other."""

from odoo import fields, models

from ..part import ModelPart


class JobLanes(ModelPart):
    """Lock keys; ``core/channels/claims.py`` decides what they mean."""

    _name = "queue.job"
    _register = False

    lock_key = fields.Char(
        readonly=True,
        help="Of the jobs that have the same key no more than the limit run at a time,"
        " in whatever channels and on whatever servers.",
    )
    lock_limit = fields.Integer(
        readonly=True,
        aggregator=None,
        help="How many jobs of the lock key run at a time; 0 counts as 1.",
    )
    lane = fields.Char(
        readonly=True,
        help="What the job is told apart by from others of its channel that may run"
        " when it may not.",
    )

    _lane_idx = models.Index(
        "(channel, lane, priority, date_created, id)"
        " WHERE state = 'pending' AND eta IS NULL AND lane IS NOT NULL"
    )
    _eta_lane_idx = models.Index(
        # by time: those that are due stand together
        "(channel, lane, eta)"
        " WHERE state = 'pending' AND eta IS NOT NULL AND lane IS NOT NULL"
    )
