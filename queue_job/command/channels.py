# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``channels``, ``pause`` and ``resume``."""

from typing import Any

from .call import FINE, Call, CommandError
from .selection import channel_name

_COLUMNS = ("channel", "server", "maximum", "own_rules", "paused", "pending", "running")


def channels(call: Call) -> int:
    """The channels of the database, and what waits in them and runs."""
    found = call.env["queue.job.channel"].search([])
    call.out.table(_COLUMNS, [_row(channel) for channel in found])
    return FINE


def _row(channel: Any) -> dict[str, Any]:
    return {
        "channel": channel.complete_name,
        "server": channel.server_capacity or None,
        "maximum": channel.capacity_limit or None,
        "own_rules": channel.own_rules or None,
        "paused": channel.pause_note or None,
        "pending": channel.waiting_count,
        "running": channel.running_count,
    }


def pause(call: Call) -> int:
    """Let no further job of a channel, and of those below, begin in the database."""
    return _change(call, "pause", "paused", True)


def resume(call: Call) -> int:
    """Let the jobs of a channel begin again."""
    return _change(call, "resume", "resumed", False)


def _change(call: Call, method: str, done: str, is_paused: bool) -> int:
    name = channel_name(call.options.name)
    channel = call.env["queue.job.channel"].search([("complete_name", "=", name)])
    if not channel:
        raise CommandError(f"there is no channel {name}; see 'odoo queue_job channels'")
    if channel.is_paused != is_paused:
        getattr(channel, method)()
        call.env.flush_all()
        call.commit()
        call.log("%s channel %s", done, name)
    call.out.answer({"channel": name, "paused": channel.is_paused})
    call.out.say(f"Channel {name} is {done}.")
    if channel.paused_channel_id:
        call.out.say(channel.pause_note)
    return FINE
