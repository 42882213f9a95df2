# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a manager allows the channels of his database: the runner follows at once.

The configuration of the server says what a channel may run at most, in all databases
together. Here a database pauses a channel for itself, or allows itself less; or more,
where the configuration permits it.
"""

from odoo import api, fields
from odoo.exceptions import ValidationError
from odoo.tools import format_datetime
from odoo.tools.misc import formatLang

from ...config import setting
from ...core.channels.config import most_capacity, parse
from ...core.channels.name import full_name, with_those_below
from ...core.states import DISPATCHED, State
from ...db import server_clock
from ...store.sql import load
from ..part import ModelPart
from ..tracked import with_tracking

#: Who paused a channel and when: only the pause itself writes it.
_STAMPS = frozenset({"paused_by_id", "date_paused"})


class ChannelLimits(ModelPart):
    """What a database allows a channel, and what runs in it."""

    _name = "queue.job.channel"
    _register = False

    is_paused = fields.Boolean(
        string="Paused",
        tracking=True,
        copy=False,
        help="In this database no further job of this channel, or of the channels "
        "below it, starts. Running jobs continue, nothing is lost.",
    )
    paused_by_id = fields.Many2one(
        "res.users", string="Paused by", readonly=True, copy=False
    )
    date_paused = fields.Datetime(string="Paused Since", readonly=True, copy=False)
    capacity_limit = fields.Integer(
        string="Maximum Here",
        tracking=True,
        help="At most this many jobs of this channel and of the channels below it "
        "run at a time in this database, or fewer where the server allows "
        "fewer. More than the server's capacity only up to its max, where it has one. "
        "0: no maximum of its own.",
    )
    server_capacity = fields.Char(
        string="On the Server",
        compute="_compute_server_capacity",
        help="Capacity and options of this channel in the configuration of the "
        "server that shows this page, for all databases together. A runner "
        "with another configuration follows its own.",
    )
    paused_channel_id = fields.Many2one(
        "queue.job.channel",
        compute="_compute_paused_channel_id",
    )
    pause_note = fields.Char(compute="_compute_pause_note")
    waiting_count = fields.Integer(
        string="Pending Jobs",
        compute="_compute_waiting_count",
        help="Includes the jobs of the channels below.",
    )
    waiting_shown = fields.Char(
        string="Pending",
        compute="_compute_waiting_shown",
        help="Includes the jobs of the channels below. Where there are very many, they"
        " are not all counted.",
    )
    running_count = fields.Integer(
        string="Running Jobs",
        compute="_compute_running_count",
        help="Jobs that are dispatched or started, including those of the channels"
        " below.",
    )

    @api.constrains("capacity_limit")
    def _check_capacity_limit(self):
        if any(channel.capacity_limit < 0 for channel in self):
            raise ValidationError(
                self.env._(
                    "A channel cannot run fewer than 0 jobs: pause it to run none."
                )
            )

    @api.constrains("capacity_limit")
    def _check_permitted(self):
        """Refuse more than the operator permits: it would have no effect."""
        configured = self._configured_channels()
        for channel in self:
            entry = configured.get(channel.complete_name)
            most = most_capacity(entry) if entry else 0
            if 0 < most < channel.capacity_limit:
                raise ValidationError(channel._say_not_permitted(entry, most))

    def _say_not_permitted(self, entry, most):
        if entry.sequential:
            return self.env._(
                "Channel %s runs one job after the other: it cannot run more at once.",
                self.complete_name,
            )
        return self.env._(
            "The server permits at most %(most)s jobs at a time in channel %(channel)s:"
            " choose no more, or ask its operator to permit it, in the option"
            " 'channels' of odoo.conf: %(name)s:%(capacity)s:max=%(wanted)s.",
            most=most,
            channel=self.complete_name,
            name=entry.name,
            capacity=entry.capacity,
            wanted=self.capacity_limit,
        )

    @api.depends("complete_name")
    def _compute_server_capacity(self):
        configured = self._configured_channels()
        for channel in self:
            entry = configured.get(channel.complete_name)
            channel.server_capacity = str(entry).partition(":")[2] if entry else False

    @api.model
    def _configured_channels(self):
        """Return what this server's configuration says of channels, by complete
        name."""
        try:
            entries = parse(setting("channels") or "root:1")
        except ValueError:  # the runner's log names the wrong word
            return {}
        return {entry.name: entry for entry in entries}

    @api.depends("complete_name", "is_paused")
    def _compute_paused_channel_id(self):
        paused = self._paused_by_name(self.mapped("complete_name"))
        for channel in self:
            channel.paused_channel_id = paused.get(channel.complete_name)

    @api.depends("paused_channel_id")
    def _compute_pause_note(self):
        for channel in self:
            channel.pause_note = channel.paused_channel_id._say_paused()

    @api.model
    def _paused_by_name(self, names):
        """Tell which paused channel holds the jobs of a channel: itself, or the nearest
        above.

        :param names: complete names of channels, whether they have a record or not
        :return: the paused channel by name; names that none holds are left out
        """
        paused = {c.complete_name: c for c in self.search([("is_paused", "=", True)])}
        found = {}
        for name in paused and set(names):
            level = full_name(name)
            while level and level not in paused:
                level = level.rpartition(".")[0]
            if level:
                found[name] = paused[level]
        return found

    def _say_paused(self):
        """Who paused this channel, and when; nothing for none."""
        if not self:
            return False
        if not (self.paused_by_id and self.date_paused):  # with SQL, or gone since
            return self.env._("Channel %s is paused.", self.complete_name)
        return self.env._(
            "Channel %(channel)s was paused by %(user)s on %(date)s.",
            channel=self.complete_name,
            user=self.paused_by_id.display_name,
            date=format_datetime(self.env, self.date_paused),
        )

    @api.depends("complete_name")
    def _compute_waiting_count(self):
        waiting = self._count_jobs([State.PENDING])
        for channel in self:
            channel.waiting_count = waiting[channel.complete_name]

    @api.depends("complete_name")
    def _compute_running_count(self):
        running = self._count_jobs(DISPATCHED)
        for channel in self:
            channel.running_count = running[channel.complete_name]

    @api.depends("complete_name")
    def _compute_waiting_shown(self):
        names = self.mapped("complete_name")
        rows = self.env["queue.job.dashboard"]._waiting(names=names)
        is_part = any(row[6] for row in rows)  # others may be below any channel
        waiting = with_those_below({row[0]: row[1] + row[2] for row in rows})
        beyond = with_those_below({row[0]: 1 for row in rows if row[4] or row[5]})
        for channel in self:
            count = formatLang(self.env, waiting[channel.complete_name], digits=0)
            more = "+" if is_part or beyond[channel.complete_name] else ""
            channel.waiting_shown = count + more

    def _count_jobs(self, states):
        """Count the jobs of some states, by the complete name of a channel."""
        groups = self.env["queue.job"]._read_group(
            [("state", "in", sorted(map(str, states)))], ["channel"], ["__count"]
        )
        return with_those_below(dict(groups))

    def pause(self):
        """Let no further job of these channels, and of those below, begin in this
        database."""
        return self.write({"is_paused": True})

    def resume(self):
        """Let the jobs of these channels begin again."""
        return self.write({"is_paused": False})

    @api.model_create_multi
    def create(self, vals_list):
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        stamped = [self._stamped(vals) for vals in vals_list]
        return super(ChannelLimits, quiet).create(stamped).with_env(self.env)

    def write(self, vals):
        vals = self._as_stored(vals)
        channels = with_tracking(self)
        unchanged = channels.filtered(
            lambda channel: (
                channel.is_paused == vals.get("is_paused", channel.is_paused)
            )
        )
        result = super(ChannelLimits, unchanged).write(vals)
        if changed := channels - unchanged:
            super(ChannelLimits, changed).write(self._stamped(vals))
        return result

    def _stamped(self, vals):
        """Return the values, and who pauses or resumes a channel with them."""
        vals = self._as_stored(vals)
        if vals.get("is_paused"):
            return {
                **vals,
                "paused_by_id": self.env.uid,
                "date_paused": server_clock.now(self.env.cr).replace(microsecond=0),
            }
        if "is_paused" in vals:
            return {**vals, **dict.fromkeys(_STAMPS, False)}
        return vals

    def _as_stored(self, vals):
        """Return the values without stamps, and with a pause as it will be stored."""
        vals = {name: value for name, value in vals.items() if name not in _STAMPS}
        if "is_paused" in vals:
            vals["is_paused"] = bool(vals["is_paused"])
        return vals

    def init(self):
        super().init()
        statements = load("schema")
        self.env.cr.execute(statements.notify_function)
        self.env.cr.execute(statements.channel_triggers)
