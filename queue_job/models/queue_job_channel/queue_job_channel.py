# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Channels by name. What a channel may run is configured on the server."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...core.channels.name import ROOT, normalise_channel_name
from ...utils import is_on
from ..bounds import CHANNEL_BOUNDS, check_bounds
from ..install_mode import create_or_reuse
from .limits import ChannelLimits
from .rules import ChannelRules

#: Signs that separate entries and their parts in the configuration of channels.
_SEPARATORS = frozenset(",:\n")


class QueueJobChannel(ChannelRules, ChannelLimits, models.Model):
    """A named place in the tree of channels; capacities are not kept here."""

    _name = "queue.job.channel"
    _description = "Job Channel"
    _inherit = ["mail.thread"]
    _rec_name = "complete_name"
    _order = "complete_name"

    name = fields.Char(
        required=True,
        help="Last part of the channel's name: 'export' for the channel"
        " 'root.sale.export'.",
    )
    complete_name = fields.Char(
        string="Channel",
        compute="_compute_complete_name",
        store=True,
        readonly=True,
        recursive=True,
        help="The name that jobs and the configuration of the server use for this "
        "channel.",
    )
    parent_id = fields.Many2one(
        "queue.job.channel",
        string="Parent Channel",
        ondelete="restrict",
        index=True,
        help="The jobs of this channel also count towards the capacity of its parent.",
    )
    job_function_ids = fields.One2many(
        "queue.job.function", "channel_id", string="Job Functions", readonly=True
    )
    removal_interval = fields.Integer(
        string="Keep Ended Jobs (Days)",
        required=True,
        default=lambda self: self.env["queue.job"]._removal_interval,
        help="Jobs of this channel that are done or cancelled are deleted after "
        "this many days. Failed jobs are not: see below.",
    )
    failed_removal_interval = fields.Integer(
        string="Keep Failed Jobs (Days)",
        default=0,
        help="Jobs of this channel that failed are deleted after this many days, "
        "unless others of their graph still wait. 0: they are kept for ever.",
    )

    _name_uniq = models.Constraint(
        "UNIQUE(complete_name)",
        "There is already a channel of this name: choose another name or parent.",
    )

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for channel in self:
            names = (channel.parent_id.complete_name, channel.name)
            channel.complete_name = ".".join(filter(None, names))

    @api.constrains("name", "parent_id")
    def _check_place_in_tree(self):
        for channel in self:
            if not channel.parent_id and channel.name != ROOT:
                raise ValidationError(
                    self.env._(
                        "Channel %s needs a parent: only the root channel has none.",
                        channel.name,
                    )
                )
        if self._has_cycle():
            raise ValidationError(
                self.env._("A channel cannot be its own parent or grandparent.")
            )

    @api.constrains("name", "parent_id", "complete_name")
    def _check_bounds(self):
        for channel in self:
            try:
                spelt = normalise_channel_name(channel.complete_name)
            except ValueError as error:
                raise ValidationError(str(error)) from None
            if spelt != channel.complete_name:
                raise ValidationError(
                    self.env._(
                        "Channel name %(name)r would be read as %(spelt)r: leave out"
                        " empty levels and blanks around levels.",
                        name=channel.complete_name,
                        spelt=spelt,
                    )
                )

    @api.constrains("name")
    def _check_name(self):
        for channel in self:
            if _SEPARATORS & set(channel.name) or channel.name != channel.name.strip():
                raise ValidationError(
                    self.env._(
                        "Channel name %r could not be configured: leave out commas,"
                        " colons, line breaks and blanks around it.",
                        channel.name,
                    )
                )

    @api.constrains("removal_interval", "failed_removal_interval")
    def _check_removal_interval(self):
        days = self.mapped("removal_interval") + self.mapped("failed_removal_interval")
        if any(one < 0 for one in days):
            raise ValidationError(
                self.env._("Ended jobs cannot be kept for less than 0 days.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_bounds(self, vals, CHANNEL_BOUNDS)
        if is_on(self.env, "install_mode"):
            channels = create_or_reuse(self, vals_list, self._find_same, super().create)
        else:
            channels = super().create(vals_list)
        self.env.registry.clear_cache()
        return channels

    def _find_same(self, vals):
        parent = self.browse(vals.get("parent_id") or [])
        names = (parent.complete_name, vals.get("name"))
        complete_name = ".".join(filter(None, names))
        return self.search([("complete_name", "=", complete_name)], limit=1)

    def write(self, vals):
        check_bounds(self, vals, CHANNEL_BOUNDS)
        for channel in self._root_channels():
            if vals.get("name", channel.name) != channel.name:
                raise UserError(self.env._("The root channel cannot be renamed."))
            if vals.get("parent_id"):
                raise UserError(self.env._("The root channel cannot have a parent."))
        result = super().write(vals)
        # the configuration of job functions holds names of channels
        self.env.registry.clear_cache()
        return result

    def _root_channels(self):
        return self.filtered(lambda c: c.name == ROOT and not c.parent_id)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_root(self):
        if self._root_channels():
            raise UserError(self.env._("The root channel cannot be deleted."))
