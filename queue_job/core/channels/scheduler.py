# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The scheduler of a runner: all its channels, and all jobs it knows in them."""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...exception import ChannelNotFound
from ..states import NOT_DONE as _NOT_DONE
from ..states import State
from .batch import take_batch_members
from .claims import Traits
from .config import ChannelConfig, parse, parse_entries
from .idle import IdleChannels
from .name import ROOT, served_name
from .obstacle import Found, obstacle_of
from .own_rules import NOTHING, OwnRules
from .raised import RaisedCapacities
from .tree import Channel, ChannelJob

# Operators know this name; where the code lives is no concern of theirs.
_logger = logging.getLogger("odoo.addons.queue_job.jobrunner.channels")

#: States the runner has to know of, as plain text for SQL parameters.
NOT_DONE = tuple(state.value for state in State if state in _NOT_DONE)
#: Channels that are not listed, of which the log tells: where there are very many, they
#: are forgotten and met again all the time.
MOST_TOLD = 1_000


class ChannelManager:
    """Decides which jobs run now; told what happens, asked what to do and when.

    All databases share one tree. Times are numbers, seconds since the epoch, UTC;
    nothing here looks at a clock.
    """

    def __init__(self) -> None:
        self._root_channel = Channel(ROOT, capacity=1)
        self._timers = self._root_channel._timers
        self._channels: dict[str, Channel] = {ROOT: self._root_channel}
        self._idle = IdleChannels()
        self._jobs_by_db: dict[str, dict[str, ChannelJob]] = {}
        #: Limits of databases: what they say, and what is in force.
        self._said_by_db: dict[str, dict[str, int]] = {}
        self._limits_by_db: dict[str, dict[str, int]] = {}
        self._own_by_db: dict[str, dict[str, OwnRules]] = {}
        self._raised = RaisedCapacities()
        self._root_capacity = self._root_channel.capacity
        self._ceiling: int | None = None
        self._told = 0
        #: Whether it matters whose a job is: of all, or of some databases.
        self._tells_apart = False
        self._told_apart: set[str] = set()
        self._has_aging = False

    # configuration

    def simple_configure(self, config_string: str) -> None:
        """Configure the channels an operator lists.

        :raises ValueError: names the wrong word; nothing is configured then
        """
        for config in parse(config_string):
            self._configure(config)

    @classmethod
    def parse_simple_config(cls, config_string: str) -> list[dict[str, Any]]:
        """Return the entries of a configuration string, one dictionary each."""
        return parse_entries(config_string)

    def get_channel_from_config(self, config: Mapping[str, Any]) -> Channel:
        """Return the channel of such a dictionary, made if need be, and configured."""
        return self._configure(ChannelConfig.from_options(config))

    def get_channel_by_name(
        self,
        channel_name: str | None,
        autocreate: bool = False,
        parent_fallback: bool = False,
    ) -> Channel:
        """Return the channel of that name, with or without ``root.``; none = the root.

        :param autocreate: make it when it is unknown, and those above it, unlimited
        :param parent_fallback: the same, for the channel of a job: said in the log
        :raises ChannelNotFound: when it is unknown otherwise
        """
        name = served_name(channel_name)
        if name in self._channels:
            return self._channels[name]
        if not autocreate and not parent_fallback:
            raise ChannelNotFound(
                f"There is no channel {name!r}; list it in the channels option."
            )
        if parent_fallback:
            self._tell_of_fallback(name)
        return self._create(name)

    def set_limits(self, db_name: str, limits: Mapping[str, int]) -> None:
        """Return what a database allows itself, besides what the operator says; it
        replaces what it said before, and concerns no other database.

        :param limits: by complete name of a channel, how many of the database's jobs
            may run at a time in it and below; 0 = it is paused
        """
        self._said_by_db[db_name] = dict(limits)
        if not self._raised:
            self._set_limits(db_name, limits)
            return
        self._follow_capacities()
        for other, said in self._said_by_db.items():
            self._set_limits(other, self._raised.of_database(said))

    def set_own_rules(
        self,
        db_name: str,
        rules: Mapping[str, OwnRules],
        traits_of: Callable[[str], Traits | None] = lambda uuid: None,
        is_full: bool = False,
    ) -> None:
        """Let jobs of a database begin, rise and wait for each other as its managers
        say, besides what the operator says; it replaces what they said before.

        :param rules: by complete name of a channel
        :param traits_of: tells, once it matters, whose a job is that is known already
        :param is_full: whether buckets are full: what began will be told
        """
        known = self._own_by_db.get(db_name, {})
        if any(said.tells_apart for said in rules.values()):
            self._tell_apart(db_name, traits_of)
        for name in sorted(known.keys() | rules.keys()):
            own = rules.get(name, NOTHING)
            if known.get(name, NOTHING) != own:
                channel = self.get_channel_by_name(name, autocreate=True)
                jobs = self._jobs_by_db.get(db_name, {}).values()
                below = [job for job in jobs if channel in job.channel.lineage]
                channel.set_own(db_name, own, below, is_full)
                self._left(channel)
        self._own_by_db[db_name] = dict(rules)

    def _tell_apart(
        self, db_name: str, traits_of: Callable[[str], Traits | None]
    ) -> None:
        """From now on, for good: what was told once is told again in the same way."""
        if self.tells_apart(db_name):
            return
        self._told_apart.add(db_name)
        for uuid, job in self._jobs_by_db.get(db_name, {}).items():
            job.traits = job.traits or traits_of(uuid)

    def set_ceiling(self, most: int | None) -> None:
        """Let at most so many jobs run at a time in all channels, besides what else is
        said; ``None`` = as many as that allows."""
        self._ceiling = most
        self._follow_capacities()

    def _follow_capacities(self) -> None:
        raised = self._raised.capacities(self._said_by_db)
        for name, capacity in {ROOT: self._root_capacity, **raised}.items():
            if name == ROOT and self._ceiling is not None:
                capacity = min(capacity or self._ceiling, self._ceiling)
            self._channels[name].set_capacity(capacity)

    def _set_limits(self, db_name: str, limits: Mapping[str, int]) -> None:
        known = self._limits_by_db.get(db_name, {})
        for name in sorted(known.keys() | limits.keys()):
            if known.get(name) != limits.get(name):
                channel = self.get_channel_by_name(name, autocreate=True)
                channel.set_limit(db_name, limits.get(name))
                self._left(channel)
        self._limits_by_db[db_name] = dict(limits)

    @property
    def capacity(self) -> int:
        """How many jobs may run at a time in all channels; 0 = as many as like."""
        return max(self._root_channel.capacity or 0, 0)

    @property
    def full_capacity(self) -> int:
        """Return the capacity of root without a ceiling; 0 = as many as like."""
        raised = self._raised.capacities(self._said_by_db)
        return max(raised.get(ROOT, self._root_capacity) or 0, 0)

    def aging_of(self, channel_name: str, db_name: str = "") -> int:
        """Return the seconds of waiting by which a job of a channel and a database
        rises by one priority; 0 = it does not."""
        return self._channel_of_job(channel_name).aging_for(db_name)

    def has_aging(self, db_name: str = "") -> bool:
        """Tell whether jobs of a database rise by waiting in any channel."""
        own = self._own_by_db.get(db_name, {}).values()
        return self._has_aging or any(rules.aging for rules in own)

    def is_paced(self, channel_name: str, db_name: str = "") -> bool:
        """Tell whether it counts when a job of a channel and a database begins."""
        return self._channel_of_job(channel_name).is_paced_for(db_name)

    def tells_apart(self, db_name: str) -> bool:
        """Tell whether it matters whose a job of a database is."""
        return self._tells_apart or db_name in self._told_apart

    def is_paused_for(self, db_name: str, channel_name: str) -> bool:
        """Tell whether a database has paused a channel, or one above it."""
        return self._channel_of_job(channel_name).is_paused_for(db_name)

    def _configure(self, config: ChannelConfig) -> Channel:
        channel = self.get_channel_by_name(config.name, autocreate=True)
        channel.configure(config)
        self._tells_apart |= channel.tells_apart
        if channel is self._root_channel:
            self._root_capacity = channel.capacity
        self._raised.configure(channel.fullname, channel.capacity, config.maximum)
        self._has_aging = self._has_aging or bool(config.aging)
        self._tell_of_configuration(channel, config)
        return channel

    def _tell_of_configuration(self, channel: Channel, config: ChannelConfig) -> None:
        if config.capacity == 0:
            _logger.warning(
                "channel %s has capacity 0, which means unlimited; "
                "add the key 'paused' to have no job run in it",
                config.name,
            )
        elif config.capacity is not None and config.capacity < 0:
            _logger.warning(
                "channel %s has capacity %d, which means that no job runs in it;"
                " write the key 'paused' for that",
                config.name,
                config.capacity,
            )
        for word in config.unknown:
            _logger.warning(
                "channel %s: nothing is known of the key %r; there are sequential,"
                " throttle, rate, burst, aging, max, per, fair and paused",
                config.name,
                word,
            )
        _logger.info("Configured channel: %s", channel)

    def _tell_of_fallback(self, name: str) -> None:
        self._told += 1
        if self._told <= MOST_TOLD:
            _logger.info(
                "channel %s is not configured: its jobs run within the limits of %s",
                name,
                self._nearest(name),
            )
        elif self._told == MOST_TOLD + 1:
            _logger.info("further channels that are not configured are not named")

    def _nearest(self, name: str) -> str:
        while name not in self._channels:
            name = name.rpartition(".")[0]
        return name

    def _create(self, name: str) -> Channel:
        channel = self._root_channel
        for level in name.split(".")[1:]:
            channel = channel.children.get(level) or Channel(level, channel)
            self._channels[channel.fullname] = channel
        return channel

    # events

    def notify(
        self,
        db_name: str,
        channel_name: str | None,
        uuid: str,
        seq: int,
        date_created: float,
        priority: int,
        eta: float | None,
        state: str,
        traits: Traits | None = None,
    ) -> None:
        """Take notice of a job as it stands in its database.

        :param seq: id of its row
        :param date_created: seconds since the epoch
        :param eta: not before, seconds since the epoch; falsy = at once
        :param traits: whose it is, and its lock key: of a job that has one, or if
            :meth:`tells_apart`
        """
        if state not in NOT_DONE or state == State.WAIT_DEPENDENCIES:
            self.remove_job(uuid, db_name)
            return
        channel = self._channel_of_job(channel_name)
        job = ChannelJob(
            db_name, channel, uuid, seq, date_created, priority, eta, traits
        )
        job = self._keep(job)
        if state == State.PENDING:
            channel.set_pending(job)
        elif state == State.FAILED:
            channel.set_failed(job)
        else:
            channel.set_running(job, state == State.STARTED)

    def remove_job(self, uuid: str, db_name: str | None = None) -> None:
        """Forget a job that is over, or gone.

        :param db_name: its database; ``None`` = whichever knows the job
        """
        for jobs in list(self._job_maps(db_name)):
            job = jobs.pop(uuid, None)
            if job is not None:
                job.channel.remove(job)
                self._left(job.channel)

    def remove_db(self, db_name: str) -> None:
        """Forget all jobs of a database, and its limits."""
        for job in self._jobs_by_db.pop(db_name, {}).values():
            job.channel.remove(job)
            self._left(job.channel)
        self.set_limits(db_name, {})
        self._set_limits(db_name, {})
        self.set_own_rules(db_name, {})
        del self._own_by_db[db_name]
        self._told_apart.discard(db_name)
        del self._limits_by_db[db_name], self._said_by_db[db_name]

    def set_not_begun(self, db_name: str, uuid: str) -> None:
        """Note that a dispatched job will not begin: before it is told to be pending
        or is removed. Otherwise it counts as begun."""
        job = self._jobs_by_db.get(db_name, {}).get(uuid)
        if job is not None:
            job.channel.set_not_begun(job)

    def forget_begins(self) -> None:
        """Begin with empty buckets: another runner may have led till now."""
        self._root_channel.forget_begins()

    # answers

    def get_jobs_to_run(
        self, now: float, monotonic: float | None = None
    ) -> Iterator[ChannelJob]:
        """Return the jobs to start now; each counts as running once it was taken.

        :param monotonic: the same moment by a clock that never jumps, which rates go by
        """
        self._timers.shift = 0.0 if monotonic is None else now - monotonic
        while True:
            # each time: who reached his limit with the last job made room for others
            self._timers.catch_up(now)
            job = next(self._root_channel.get_jobs_to_run(now), None)
            if job is None:
                return
            yield job

    def get_batch_members(
        self, job: ChannelJob, now: float, suits: Callable[[ChannelJob], bool]
    ) -> list[ChannelJob]:
        """Jobs to run after ``job`` in its slot, one after the other: those of its
        database that would follow, as long as they suit. Together they count once."""
        return take_batch_members(job, now, suits)

    def get_wakeup_time(self) -> float:
        """Tell when to ask again if nothing happens before; 0 = no need to."""
        self._timers.refresh()
        return self._root_channel.get_wakeup_time() or 0

    def obstacle_of(self, db_name: str, uuid: str, now: float) -> Found | None:
        """Tell what keeps a pending job that is due from being started; to be asked
        when all jobs were taken that start now.

        :return: ``None`` for a job that nothing keeps back here, or that is not known
        """
        job = self._jobs_by_db.get(db_name, {}).get(uuid)
        if job is None or job.queued_in is None:
            return None
        return obstacle_of(job, now)

    def _channel_of_job(self, name: str | None) -> Channel:
        known = self._channels.get(name or ROOT)
        return known or self.get_channel_by_name(name, parent_fallback=True)

    def _left(self, channel: Channel) -> None:
        """Nothing may name a channel any more."""
        self._idle.note(channel)
        for surplus in self._idle.surplus():
            del self._channels[surplus.fullname]

    def _keep(self, job: ChannelJob) -> ChannelJob:
        """Return the job as it is known, unless what it is ordered by has changed."""
        jobs = self._jobs_by_db.setdefault(job.db_name, {})
        known = jobs.get(job.uuid)
        if known is not None:
            if known.is_like(job):
                return known
            slot = known.slot
            known.channel.remove(known)
            self._idle.note(known.channel)
            job.slot = slot
        jobs[job.uuid] = job
        return job

    def _job_maps(self, db_name: str | None) -> Iterator[dict[str, ChannelJob]]:
        if db_name is None:
            yield from self._jobs_by_db.values()
        elif db_name in self._jobs_by_db:
            yield self._jobs_by_db[db_name]
