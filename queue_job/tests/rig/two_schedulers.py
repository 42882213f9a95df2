# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The scheduler of the runner beside the naive one, for tests of whatever happens."""

from rig.naive_scheduler import NaiveScheduler

from odoo.addons.queue_job.core.channels.claims import Traits
from odoo.addons.queue_job.core.channels.scheduler import ChannelManager


class TwoSchedulers:
    """The real scheduler and the naive one, told the same.

    :param configs: the options of each channel
    :param databases: by uuid of each job there may be, the name of its database
    """

    def __init__(self, configs, databases):
        self.databases = databases
        self.configs = {config["name"]: dict(config) for config in configs}
        self.manager = ChannelManager()
        for config in configs:
            self.manager.get_channel_from_config(self.told_of(config))
        self.naive = NaiveScheduler(configs)
        self.limits = {name: {} for name in sorted({*databases.values()})}
        self.own_rules = {name: {} for name in self.limits}
        self.rows = {}
        self.now = 1

    def told_of(self, config):
        """What the real one is told of a channel."""
        return config

    def traits(self, row):
        """What a job is told apart by: its key, limit, company and user, or nothing."""
        return None

    def assert_allowed(self, uuid):
        """A job that starts is allowed to."""
        raise NotImplementedError

    def event(self, kind, what, how):
        if kind == "put":
            self.tell(what, state="pending", **how)
        elif kind == "state" and what in self.rows:
            self.tell(what, state=how)
        elif kind == "start":
            self.now += what
            self.start()
        elif kind in ("capacity", "paused"):
            self.change(what, kind, how)
        elif kind == "limit":
            self.limit(*what, how)
        elif kind == "own":
            self.own(*what, *how)

    def tell(self, uuid, **changes):
        row = self.rows.setdefault(uuid, {})
        row.update(changes)
        number = list(self.databases).index(uuid)
        facts = (
            self.databases[uuid], row["channel"], uuid, number,
            row["created"], row["priority"], row["eta"], row["state"],
        )  # fmt: skip
        traits = self.traits(row)
        self.manager.notify(*facts, Traits(*traits.values()) if traits else None)
        self.naive.notify(*facts, traits)

    def change(self, name, key, value):
        if key == "capacity" and self.configs[name]["sequential"]:
            return
        self.configs[name][key] = value
        setattr(self.manager.get_channel_by_name(name), key, value)
        self.naive.change(name, key, value)

    def limit(self, db_name, name, limit):
        limits = self.limits[db_name]
        if limits.get(name) == limit:
            return
        limits.pop(name, None)
        if limit is not None:
            limits[name] = limit
        self.manager.set_limits(db_name, limits)
        self.naive.set_limit(db_name, name, limit)

    def own(self, db_name, name, *said):
        """Managers of a database say something of a channel."""
        raise NotImplementedError

    def rule(self, db_name, name, own):
        self.own_rules[db_name][name] = own
        self.manager.set_own_rules(db_name, self.own_rules[db_name])

    def start(self, is_compared=True):
        started = []
        for job in self.manager.get_jobs_to_run(self.now):
            started.append(job.uuid)
            self.rows[job.uuid]["state"] = "enqueued"
            self.assert_allowed(job.uuid)
        if is_compared:
            assert started == self.naive.starts(self.now)
        return started

    def open_everything(self):
        for name, config in self.configs.items():
            self.change(name, "paused", False)
            if (config["capacity"] or 0) < 0:
                self.change(name, "capacity", 1)
            for db_name in self.limits:
                self.limit(db_name, name, None)
        for uuid, row in self.rows.items():
            if row["state"] == "failed":
                self.tell(uuid, state="done")

    def run_to_the_end(self, is_compared=True):
        """Open everything, and let one job after the other end.

        :param is_compared: whether the order is the same as that of the naive one
        """
        self.open_everything()
        for _round in range(200):
            self.start(is_compared)
            executing = [uuid for uuid, row in self.rows.items() if is_executing(row)]
            if executing:
                self.tell(executing[0], state="done")
            elif wakeup := self.manager.get_wakeup_time():
                self.now = max(self.now, wakeup)
            else:
                break


def is_executing(row):
    return row["state"] in ("enqueued", "started")


def lineage(name):
    """The full names of a channel and of those above it."""
    while name:
        yield name
        name = name.rpartition(".")[0]
