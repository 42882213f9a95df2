# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the dashboard shows: the jobs there are just now, and what became of others.

It is asked every other second by each open page, so each count ends at a limit, and
what statistics tell is sent again only when it has changed.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..core.channels.name import full_name, pattern_below
from ..core.runner import sign_of_life
from ..core.runner.runner_watch import LEADER_KEY
from ..core.states import DISPATCHED, State
from ..db import server_clock
from ..store import ceiling
from ..store.sql import load
from .allowed import allowed
from .queue_job_dashboard_channels import channel_tree
from .queue_job_dashboard_trouble import why_nothing_runs

_SQL = load("dashboard")
#: Up to so many are counted; beyond, there are more.
MOST_COUNTED = 10_000
#: So many times as many rows are read, of each kind and channel, for a user who may not
#: see all companies: those of others may come first.
_AMONG_OTHERS = 3
#: Jobs that one statement looks at, in all channels: where an index tells of them, and
#: where their rows are read.
_MOST_INDEXED, _MOST_READ = 50_000, 20_000
#: Channels, or functions, that are looked at.
_MOST_CHANNELS = 1000
#: Running jobs that are shown.
_MOST_SHOWN = 100
_DUE = [
    ("state", "=", State.PENDING.value),
    "|", ("eta", "=", False), ("eta", "<=", "now"),
]  # fmt: skip
#: What each counter counts, as a list shows it.
_LISTS = {
    "due": _DUE,
    "running": [("state", "in", sorted(map(str, DISPATCHED)))],
    "failed": [("state", "=", State.FAILED.value)],
    "failed_last_hour": [
        ("state", "=", State.FAILED.value),
        ("date_failed", ">", "-1H"),
    ],
    "waiting_for_others": [("state", "=", State.WAIT_DEPENDENCIES.value)],
    "later": [("state", "=", State.PENDING.value), ("eta", ">", "now")],
}


class QueueJobDashboard(models.AbstractModel):
    """What the page *Dashboard* asks; it has no rows."""

    _name = "queue.job.dashboard"
    _description = "Job Queue Dashboard"

    @api.model
    def get_dashboard(self, period="hour", known=None):
        """Return everything that the page shows. Not from a replica, where no runner
        has its sessions.

        :param period: hour, day or week, of the statistics
        :param known: ``history_version`` of what the page has already; as long as it is
            the same, ``history`` is left out
        :raise AccessError: to anybody but managers
        """
        self._check_manager()
        self.env["queue.job"].flush_model()
        statistics = self.env["queue.job.statistics"]
        now = server_clock.now(self.env.cr)
        live = self._live(now)
        version = statistics._version(period)
        return {
            **live,
            "ended_lately": statistics._ended_lately(),
            "history_version": version,
            "history": None if version == known else statistics._history(period),
        }

    @api.model
    def open_jobs(self, name, channel=None):
        """Return the action that lists what a counter counts.

        :param name: of the counter
        :param channel: complete name; of this one alone, and of those below it
        :raise AccessError: to anybody but managers
        """
        self._check_manager()
        domain = fields.Domain(_LISTS.get(name) or _LISTS["due"])
        if channel:
            below = pattern_below(full_name(str(channel)))
            domain &= fields.Domain("channel", "=", str(channel)) | fields.Domain(
                "channel", "=like", below
            )
        # where jobs failed, when they did is told, and not when they may begin
        has_failed = str(name).startswith("failed")
        failed_view = self.env.ref("queue_job.view_queue_job_tree_failed")
        list_view = failed_view.id if has_failed else False
        return {
            "type": "ir.actions.act_window",
            "name": self._titles().get(name) or self.env._("Jobs"),
            "res_model": "queue.job",
            "views": [(list_view, "list"), (False, "kanban"), (False, "form")],
            "mobile_view_mode": "kanban",
            "domain": list(domain),
        }

    def _check_manager(self):
        if not self.env.user.has_group("queue_job.group_queue_job_manager"):
            raise AccessError(
                self.env._("The dashboard is for managers of the job queue.")
            )

    def _titles(self):
        return {
            "due": self.env._("Due Jobs"),
            "running": self.env._("Running Jobs"),
            "failed": self.env._("Failed Jobs"),
            "failed_last_hour": self.env._("Jobs Failed Within the Last Hour"),
            "waiting_for_others": self.env._("Jobs That Wait for Others"),
            "later": self.env._("Jobs Scheduled for Later"),
        }

    def _live(self, now):
        """Return what there is just now."""
        waiting = self._waiting(now)
        running = self._rows("dispatched", now=now)
        failed = self._rows("failed", channels=_MOST_CHANNELS)
        ages = [row[3] for row in waiting if row[3] is not None]
        oldest = max(0.0, *ages) if ages else None
        leader = self._leader()
        shown = running[:_MOST_SHOWN]
        hosts = shown and self._hosts(shown)
        trouble, is_guess = why_nothing_runs(self.env, leader, waiting, running)
        return {
            "now": fields.Datetime.to_string(now),
            "counters": self._counters(waiting, running, failed, now),
            "oldest": oldest,
            "oldest_is_least": any(row[6] for row in waiting),
            "channels": channel_tree(self.env, waiting, running, failed, MOST_COUNTED),
            "running": [self._running(row, hosts) for row in shown],
            "leader": leader,
            "trouble": trouble,
            "trouble_is_guess": is_guess,
            "lowered": self._lowered(),
            "is_empty": not (waiting or running or failed) and not self._has_jobs(),
        }

    def _waiting(self, now=None, names=()):
        """Return rows of channel, due jobs, jobs due later, seconds since when at least
        the oldest is due, for either count whether there may be more, and whether there
        are more channels.

        :param names: of channels that are looked at however many there are
        """
        self.env["queue.job"].flush_model()
        now = now or server_clock.now(self.env.cr)
        asked = {"now": now, "channels": _MOST_CHANNELS, "names": list(names)}
        return self._rows("waiting", **asked)

    def _counters(self, waiting, running, failed, now):
        since = now - timedelta(hours=1)
        [last_hour] = self._rows("failed_since", since=since, channels=_MOST_CHANNELS)
        [others] = self._rows("waiting_for_others")
        counted = {
            "due": _sum((row[1], row[4]) for row in waiting),
            "running": (len(running), False),
            "failed": _sum(row[1:3] for row in failed),
            "failed_last_hour": last_hour,
            "waiting_for_others": others,
            "later": _sum((row[2], row[5]) for row in waiting),
        }
        titles = self._titles()
        on_their_way = sum(row[4] == State.ENQUEUED for row in running)
        return [
            {
                "name": name,
                "title": titles[name],
                "on_their_way": on_their_way if name == "running" else 0,
                **_bounded(*found),
            }
            for name, found in counted.items()
        ]

    def _hosts(self, rows):
        """Return the hosts of those that have begun, as their workers say them."""
        found = [("id", "in", [row[0] for row in rows])]
        jobs = self.env["queue.job"].search_fetch(found, ["worker_host"], order="id")
        return {job.id: job.worker_host for job in jobs}

    def _running(self, row, hosts):
        names = ("id", "name", "channel", "function", "state", "seconds", "pid", "host")
        labels = dict(
            self.env["queue.job"]._fields["state"]._description_selection(self.env)
        )
        return {
            **dict(zip(names, row, strict=True)),
            "host": hosts.get(row[0]) or row[7],
            "state_label": labels[row[4]],
        }

    def _leader(self):
        """Return what is known of the session of the runner that leads; ``None`` for
        none. Of a session of another role PostgreSQL may tell nothing more."""
        self.env.cr.execute(_SQL.leader, {"key": LEADER_KEY})
        for leads_for, silent_for, host, pid, beat in self.env.cr.fetchall():
            return {
                "leads_for": leads_for,
                "silent_for": silent_for and max(0.0, silent_for),
                "host": host,
                "pid": pid,
                "about": sign_of_life.read(beat or ""),
            }
        return None

    def _lowered(self):
        """Say that the runner has lowered itself; ``False`` while it has not."""
        most, causes = ceiling.read(self.env.cr)
        if most is None:
            return False
        words = [cause.name.lower() for cause in causes]
        return self.env._(
            "The runner has lowered the number of jobs that run at a time to %(limit)s,"
            " because of %(causes)s.",
            limit=most,
            causes=self.env["queue.job"]._load_causes(words),
        )

    def _has_jobs(self):
        self.env.cr.execute(_SQL.has_jobs)
        return self.env.cr.fetchall()[0][0]

    def _rows(self, name, **params):
        """Return the rows of a statement, of what the user may see; counts end beyond
        their limit."""
        asked = SQL(
            getattr(_SQL, name),
            **self._bounds(),
            **params,
        )
        self.env.cr.execute(asked)
        return self.env.cr.fetchall()

    def _bounds(self):
        """Return how many rows are read, and which of them the user may see."""
        condition = allowed(self.env["queue.job"])
        sees_all = condition.code == "TRUE"  # then an index tells
        return {
            "allowed": condition,
            "seen": MOST_COUNTED * (1 if sees_all else _AMONG_OTHERS) + 1,
            "total": _MOST_INDEXED if sees_all else _MOST_READ,
        }


def _sum(counted):
    """Return the sum of counts, and whether there may be more."""
    found = list(counted)
    return sum(count for count, _cut in found), any(is_cut for _count, is_cut in found)


def _bounded(count, is_cut):
    has_more = is_cut or count > MOST_COUNTED
    return {"count": min(count, MOST_COUNTED), "has_more": has_more}
