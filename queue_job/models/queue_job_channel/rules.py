# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How a manager lets the jobs of his database begin, rise by waiting, and wait for each
other: the runner follows at once.

``core/channels/own_rules.py`` decides what is in force of that and of what the
configuration of the server says.
"""

from odoo import api, fields
from odoo.exceptions import ValidationError

from ...core.channels.config import operator_rates, read_rate
from ...core.channels.lanes import own_kinds
from ...core.channels.own_rules import OwnRules, looser_per, looser_rate
from ...core.channels.shares import Per
from ..part import ModelPart

#: What jobs may be told apart by, in the order of ``FAIR_KINDS``.
_KINDS = [
    ("company", "Company"),
    ("user", "User"),
    ("model", "Model"),
    ("function", "Method"),
]
#: What makes jobs wait for their turn in a channel.
_MAKES_WAIT = ("fair_kind", "capacity_limit", "rate_limit")


class ChannelRules(ModelPart):
    """What a database says of a channel besides limits."""

    _name = "queue.job.channel"
    _register = False

    rate_limit = fields.Char(
        string="Rate Here",
        tracking=True,
        help="So many jobs of this channel and of the channels below it may begin in "
        "a time, in this database: 100/60 is 100 jobs in 60 seconds, 100/60:burst=10 "
        "lets at most 10 begin at once. What the server says holds, too.",
    )
    per_kind = fields.Selection(
        _KINDS,
        string="At a Time for Each",
        tracking=True,
        help="Of the jobs of each company, for example, only so many run at a time in "
        "this channel and in the channels below it, in this database. Those of others "
        "go on. What the server says holds, too.",
    )
    per_limit = fields.Integer(
        string="Jobs for Each",
        tracking=True,
        default=1,
        help="How many jobs of each company, for example, run at a time.",
    )
    fair_kind = fields.Selection(
        [*_KINDS, ("key", "Lock Key")],
        string="Take Turns by",
        tracking=True,
        help="When jobs of this database wait in this channel, those of each company, "
        "for example, take turns, however many one of them has. Empty: as the server "
        "says.",
    )
    aging_limit = fields.Integer(
        string="Aging Here (Seconds)",
        tracking=True,
        help="Jobs of this database that have waited for so long rise by one "
        "priority, again and again, in this channel and in those below it. "
        "0: as the server says.",
    )
    own_rules = fields.Char(
        string="Rules Here",
        compute="_compute_own_rules",
        help="What is said of the jobs of this database besides a maximum: how fast "
        "they begin, how many of each company, for example, run at a time, whose "
        "jobs take turns, and by how many seconds of waiting they rise.",
    )

    @api.depends("rate_limit", "per_kind", "per_limit", "fair_kind", "aging_limit")
    def _compute_own_rules(self):
        """Say it in the words of the configuration."""
        for channel in self:
            per = channel.per_kind and f"{channel.per_kind}:{channel.per_limit}"
            said = {
                "rate": channel.rate_limit,
                "per": per,
                "fair": channel.fair_kind,
                "aging": channel.aging_limit,
            }
            words = [f"{name}={value}" for name, value in said.items() if value]
            channel.own_rules = ":".join(words) or False

    @api.model
    def _lane_kinds(self):
        """Return by what jobs of this database are told apart, by complete name of the
        channel. Part of the configuration of job functions: forgotten with it when a
        channel changes."""
        has_any = ["|", ("per_kind", "!=", False), ("fair_kind", "!=", False)]
        return own_kinds(
            {
                channel.complete_name: OwnRules(
                    per=channel.per_kind and Per(channel.per_kind, channel.per_limit),
                    fair=channel.fair_kind,
                )
                for channel in self.sudo().search(has_any)
            }
        )

    @api.constrains("rate_limit", "name", "parent_id")
    def _check_rate_limit(self):
        configured = self._configured_channels()
        for channel in self.filtered("rate_limit"):
            rate = channel._own_rate()
            entry = configured.get(channel.complete_name)
            if slower := looser_rate(operator_rates(entry) if entry else [], rate):
                raise ValidationError(
                    self.env._(
                        "The server lets jobs of channel %(channel)s begin at %(rate)s"
                        " at the most: %(own)r would have no effect. Choose no more, or"
                        " ask its operator for another 'channels' in odoo.conf.",
                        channel=channel.complete_name,
                        rate=slower,
                        own=channel.rate_limit,
                    )
                )

    def _own_rate(self):
        try:
            return read_rate(self.complete_name, self.rate_limit)
        except ValueError:
            raise ValidationError(
                self.env._(
                    "%r is no rate: write 100/60 for 100 jobs in 60 seconds, or"
                    " 100/60:burst=10 for at most 10 at once.",
                    self.rate_limit,
                )
            ) from None

    @api.constrains("aging_limit")
    def _check_aging_limit(self):
        if any(channel.aging_limit < 0 for channel in self):
            raise ValidationError(
                self.env._("Jobs cannot rise by waiting for less than 0 seconds.")
            )

    @api.constrains("per_kind", "per_limit", "name", "parent_id")
    def _check_per(self):
        configured = self._configured_channels()
        for channel in self.filtered("per_kind"):
            if channel.per_limit < 1:
                raise ValidationError(
                    self.env._(
                        "Fewer than 1 job for each cannot run: pause channel %s to run"
                        " none.",
                        channel.complete_name,
                    )
                )
            entry = configured.get(channel.complete_name)
            own = Per(channel.per_kind, channel.per_limit)
            if fewer := looser_per(entry and entry.per, own):
                raise ValidationError(
                    self.env._(
                        "The server permits %(most)s at the most for each %(kind)s in"
                        " channel %(channel)s: choose no more, or ask its operator to"
                        " permit it, in the option 'channels' of odoo.conf:"
                        " per=%(per)s.",
                        most=fewer.limit,
                        kind=channel.per_kind,
                        channel=channel.complete_name,
                        per=str(own),  # a tuple would be told as a list
                    )
                )

    @api.constrains(*_MAKES_WAIT, "name", "parent_id")
    def _check_fair(self):
        """Refuse turns where no job waits for one: they would have no effect."""
        configured = self._configured_channels()
        for channel in self.filtered("fair_kind"):
            entry = configured.get(channel.complete_name)
            if entry and entry.sequential:
                raise ValidationError(
                    self.env._(
                        "Channel %s runs one job after the other, in one order: its"
                        " jobs cannot take turns.",
                        channel.complete_name,
                    )
                )
            limits = channel.capacity_limit > 0 or channel.rate_limit
            if not (limits or entry and (entry.capacity or operator_rates(entry))):
                raise ValidationError(
                    self.env._(
                        "Channel %s has no limit, and passes its jobs on at once: none"
                        " waits for its turn there. Give it a maximum here, or let the"
                        " jobs of the channel above take turns.",
                        channel.complete_name,
                    )
                )
