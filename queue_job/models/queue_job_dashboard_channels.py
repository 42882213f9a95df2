# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The tree of channels on the dashboard: what waits, runs and has failed in each."""

from collections import Counter

from ..core.channels.config import operator_rates
from ..core.channels.name import levels, with_those_below
from ..core.states import State

#: Channels that are shown; those that have jobs come first.
MOST_SHOWN = 200


def channel_tree(env, waiting, running, failed, most):
    """Return the channels in the order of their names, those above first. Counts are
    those of a channel and of all below it, like capacities.

    :param waiting: rows of channel, due jobs, jobs due later, age, for either count
        whether there may be more, and whether there are more channels
    :param running: rows of dispatched jobs
    :param failed: rows of channel, jobs, whether there may be more, or more channels
    :param most: beyond so many, a channel's jobs were not counted
    """
    counts = {
        "waiting": with_those_below({row[0]: row[1] for row in waiting}),
        "later": with_those_below({row[0]: row[2] for row in waiting}),
        "running": with_those_below(Counter(row[2] for row in running)),
        "on_their_way": with_those_below(
            Counter(row[2] for row in running if row[4] == State.ENQUEUED)
        ),
        "failed": with_those_below({row[0]: row[1] for row in failed}),
    }
    beyond = {
        "waiting": with_those_below({r[0]: 1 for r in waiting if r[4] or r[1] > most}),
        "failed": with_those_below({r[0]: 1 for r in failed if r[2] or r[1] > most}),
    }
    # one that was not looked at may be below any
    in_part = {
        "waiting": any(row[6] for row in waiting),
        "failed": any(row[3] for row in failed),
    }
    paused = env["queue.job.channel"]._paused_by_name(row[0] for row in waiting)
    ready = with_those_below({r[0]: r[1] for r in waiting if r[0] not in paused})
    paces = env["queue.job.statistics"]._paces()
    known = {c.complete_name: c for c in env["queue.job.channel"].search([])}
    through_in = _through_in(ready, paces, intervals(env))
    used = {
        name
        for counted in (*counts.values(), *beyond.values())
        for name in counted
        if counted[name]
    }
    names = sorted(used | known.keys(), key=lambda name: (name not in used, name))
    return [
        {
            **_channel(env, name, known.get(name)),
            **{kind: counted[name] for kind, counted in counts.items()},
            "beyond": [k for k in beyond if in_part[k] or beyond[k][name]],
            "through_in": through_in.get(name),
        }
        for name in sorted(names[:MOST_SHOWN], key=lambda name: name.split("."))
    ]


def _channel(env, name, channel):
    """Return what is known of a channel itself.

    :param channel: its record; ``None`` where there is none
    """
    record = env["queue.job.channel"] if channel is None else channel
    return {
        "id": record.id,
        "name": name,
        "label": name.rpartition(".")[2],
        "depth": name.count("."),
        "server_capacity": record.server_capacity or "",
        "capacity_limit": record.capacity_limit,
        "is_paused": record.is_paused,
        "pause_note": record.pause_note or "",
    }


def _through_in(ready, paces, interval_of):
    """Return, by channel, the seconds until its jobs have ended, where that is known
    and there are any. One is not through before those below it are.

    :param ready: due jobs that no pause holds
    :param paces: jobs that end in a minute of work
    :param interval_of: returns the seconds between two jobs, 0 where none are said
    """
    found, unknown = {}, set()
    for name in filter(ready.get, ready):
        if not paces.get(name):
            unknown.update(levels(name))
            continue
        each = max(60 / paces[name], interval_of(name))
        for level in levels(name):
            found[level] = max(found.get(level, 0), ready[name] * each)
    return {name: found[name] for name in found if name not in unknown}


def intervals(env):
    """Return what tells of a channel the seconds between two jobs that its rates, and
    those of the channels above, ask for: of jobs that begin once in some minutes, those
    that ended tell less."""
    channels = env["queue.job.channel"]
    configured = channels._configured_channels()
    found = {}
    for channel in channels.search([]):
        name = channel.complete_name
        entry = configured.get(name)
        rates = operator_rates(entry) if entry else []
        if channel.rate_limit:
            rates = [*rates, channel._own_rate()]
        if rates:
            found[name] = max(rate.interval for rate in rates)
    return lambda name: max(found.get(level, 0) for level in levels(name))
