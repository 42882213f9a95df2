# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the runner keeps in memory of one database: a bounded window of its jobs.

The rows of the database are the truth. The window follows them in two ways: a whole
snapshot replaces it now and then, and what the runner itself did or was told in an
answer is noted at once, so that the next job need not wait for a snapshot.
"""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from functools import lru_cache

from ..core.channels.claims import Traits
from ..core.channels.own_rules import OwnRules
from ..core.runner.fetch_window import Line, Window
from ..core.runner.lane_window import NO_DEPTHS, Lane, LaneWindow
from ..core.states import DISPATCHED, State
from ..store.dispatch import DispatchedJob
from .channels import ChannelManager
from .snapshot import Row, Snapshot

#: Of few lines, asked for with each row of each snapshot.
_line = lru_cache(4096)(Line)


class JobWindow:
    """The window of one database, kept in step with the channels.

    :param db_name: the database
    :param manager: the channels, shared by all databases
    :param window: how many jobs to keep
    """

    def __init__(self, db_name: str, manager: ChannelManager, window: Window) -> None:
        self.db_name = db_name
        self.window = window
        self.rows: dict[str, Row] = {}
        #: Why no job of the database may begin; running ones still count.
        self.stopped: str | None = None
        #: Whether jobs of the database rise by waiting, in any channel.
        self.has_aging = False
        self._manager = manager
        #: Jobs that may not begin before a time (monotonic seconds), how often that was
        #: so, and their channels, as far as known.
        self._backed_off: dict[str, tuple[float, int, str | None]] = {}
        #: Those of them that another transaction changed just then, or relied on.
        self._not_free: set[str] = set()
        self._waiting: Counter[Line] = Counter()
        self._lanes = LaneWindow(window.least)
        #: The waiting jobs that are due, or were when the rows were polled.
        self._lines: dict[str, Line] = {}
        self._out: set[str] = set()
        #: When the next job becomes due, seconds since 1970. Only the first of them
        #: is kept: others may be due by then and rank higher, so poll again first.
        self.next_eta: float | None = None

    def replace(self, snapshot: Snapshot, monotonic: float, now: float) -> None:
        """Follow a snapshot that was made with the window.

        :param now: the moment it was made for, seconds since 1970
        """
        found = {row.uuid: row for row in snapshot.rows}
        self._lines = {
            row.uuid: line_of(row)
            for row in found.values()
            if row.state == State.PENDING and (row.eta is None or row.eta <= now)
        }
        due = Counter(self._lines.values())
        self.window.follow(due, snapshot.rest)
        self._backed_off = {
            uuid: back_off
            for uuid, back_off in self._backed_off.items()
            if uuid in found or (not self.is_whole and back_off[0] > monotonic)
        }
        self._not_free &= self._backed_off.keys()
        offered = found
        if self.stopped is not None:
            offered = {u: row for u, row in found.items() if row.state != State.PENDING}
        if self._backed_off:
            offered = {u: self._later(r, monotonic, now) for u, r in offered.items()}
        known, self.rows = self.rows, offered
        for uuid in known.keys() - offered.keys():
            self._manager.remove_job(uuid, self.db_name)
        for uuid, row in offered.items():
            before = known.get(uuid)
            if before is not row and before != row:
                self._notify(row)
        self._waiting = due if self.stopped is None else Counter()
        self._follow_rows(now, snapshot.depths)

    @property
    def is_whole(self) -> bool:
        """Whether the latest snapshot was one of all channels."""
        return self.window.part.is_whole

    def see_past_blocked(self) -> None:
        """Before a snapshot: ask for those behind the jobs that are backed off, too."""
        if self._backed_off:
            channels = (channel for *_times, channel in self._backed_off.values())
            blocked = Counter(channel for channel in channels if channel)
            if blocked:
                self.window.see_past(blocked)

    def waiting_in(self, channels: Container[str]) -> list[Row]:
        """Return the jobs of these channels that wait in the window."""
        return [
            row
            for row in self.rows.values()
            if row.channel in channels and row.state == State.PENDING
        ]

    def limit(self, limits: Mapping[str, int]) -> None:
        """Follow what the managers of the database allow its channels."""
        self._manager.set_limits(self.db_name, limits)

    def rule(self, rules: Mapping[str, OwnRules]) -> None:
        """Follow how the managers of the database let its jobs begin, rise and wait for
        each other."""
        self._manager.set_own_rules(self.db_name, rules, self._traits_of)
        self.has_aging = self._manager.has_aging(self.db_name)

    def awaits_worker(self, dispatched_job: DispatchedJob) -> bool:
        """Tell whether the job is out under this number, and not begun when the rows
        were last polled."""
        row = self.rows.get(dispatched_job.uuid)
        return (
            row is not None
            and row.attempt == dispatched_job.attempt
            and row.state == State.ENQUEUED
        )

    def is_paused(self, dispatched_job: DispatchedJob) -> bool:
        """Tell whether a manager has paused the channel of a job in the window."""
        channel = self.rows[dispatched_job.uuid].channel
        return self._manager.is_paused_for(self.db_name, channel)

    def slots(self, most: int) -> int:
        """Return how many jobs may run at a time just now, at most so many."""
        return min(most, self._manager.capacity or most)

    def is_paced(self, channel: str) -> bool:
        """Tell whether it counts when a job of a channel begins."""
        return self._manager.is_paced(channel, self.db_name)

    def note_not_begun(self, uuid: str) -> None:
        """Note that a job was dispatched, or nearly, and that no worker has begun
        it."""
        self._manager.set_not_begun(self.db_name, uuid)

    def stop(self, reason: str) -> None:
        """Let nothing begin until further notice."""
        self.stopped = reason
        for row in [r for r in self.rows.values() if r.state not in DISPATCHED]:
            self.forget(row.uuid)

    def resume(self) -> None:
        """Let jobs begin again, from the next snapshot on."""
        self.stopped = None

    def forget(self, uuid: str) -> None:
        """Forget a job that is none of the runner's concern, at least until a
        snapshot."""
        self.rows.pop(uuid, None)
        self._out.discard(uuid)
        self._manager.remove_job(uuid, self.db_name)

    def forget_all(self) -> None:
        """Forget all jobs: the database is gone."""
        self.rows, self._waiting = {}, Counter()
        self._follow_rows(0)
        self._manager.remove_db(self.db_name)

    def dispatched(self, dispatched_jobs: Sequence[DispatchedJob]) -> None:
        """Note that jobs were marked enqueued; the channels count them already."""
        for dispatched_job in dispatched_jobs:
            self._out.add(dispatched_job.uuid)
            self.rows[dispatched_job.uuid] = self.rows[dispatched_job.uuid]._replace(
                state=str(State.ENQUEUED), attempt=dispatched_job.attempt
            )

    def choose(self, uuid: str) -> None:
        """Note that the job is about to be dispatched: it waits no longer."""
        if line := self._lines.get(uuid):
            self._waiting[line] -= 1
            self._lanes.choose(uuid)

    def is_low(self, uuid: str) -> bool:
        """Tell whether others than are kept might soon be next in the job's channel."""
        return self.window.is_low(self.rows[uuid].channel, self._waiting)

    @property
    def waiting(self) -> int:
        """How many jobs wait in the window."""
        return self._waiting.total()

    def note_state(self, dispatched_job: DispatchedJob, state: State) -> None:
        """Note that a job dispatched under this number is in ``state``."""
        if not self.is_out(dispatched_job):
            return  # an old answer; the row has moved on since
        self._backed_off.pop(dispatched_job.uuid, None)
        self._not_free.discard(dispatched_job.uuid)
        if state == State.FAILED:
            row = self.rows[dispatched_job.uuid]._replace(state=str(state))
            self.rows[dispatched_job.uuid] = row
            self._out.discard(dispatched_job.uuid)
            self._notify(row)
        else:
            self.forget(dispatched_job.uuid)

    def occupy(self, stand_in: str, channel: str, row_id: int) -> None:
        """Let a worker take the slot of a job in a channel."""
        self._manager.notify(
            self.db_name, channel, stand_in, row_id, 0.0, 0, None, State.STARTED
        )

    def vacate(self, stand_in: str) -> None:
        """Let it do so no longer."""
        self._manager.remove_job(stand_in, self.db_name)

    def back_off(self, uuid: str, monotonic: float, is_free: bool = True) -> None:
        """Back off: no worker would take the job, or it was not to be had. Dispatch it
        again, but each time later.

        :param is_free: whether no transaction changed it, or relied on it
        """
        _until, times, channel = self._backed_off.get(uuid, (0.0, 0, None))
        if row := self.rows.get(uuid):
            channel = row.channel
        self._backed_off[uuid] = (monotonic + min(2.0**times, 60.0), times + 1, channel)
        if is_free:
            self._not_free.discard(uuid)
        else:
            self._not_free.add(uuid)

    def take_heart(self) -> None:
        """Try again those that were not free: jobs were unlocked."""
        for uuid in self._not_free:
            _until, times, channel = self._backed_off[uuid]
            self._backed_off[uuid] = (0.0, times, channel)

    def is_out(self, dispatched_job: DispatchedJob) -> bool:
        """Tell whether the job is out under this very number."""
        row = self.rows.get(dispatched_job.uuid)
        return (
            row is not None
            and row.attempt == dispatched_job.attempt
            and row.state in DISPATCHED
        )

    def is_back(self, dispatched_job: DispatchedJob) -> bool:
        """Tell whether the rows say that the job is to be run anew, or is already."""
        row = self.rows.get(dispatched_job.uuid)
        return row is not None and row.state != State.FAILED

    @property
    def has_dispatched(self) -> bool:
        """Whether any job is out, on its way or running."""
        return bool(self._out)

    def dispatched_but(self, uuids: Container[str]) -> list[Row]:
        """Return the jobs that are out, on their way or running, but for these."""
        return [self.rows[uuid] for uuid in self._out if uuid not in uuids]

    @property
    def wants_refill(self) -> bool:
        """Whether a channel runs low while the database has more."""
        return self.window.demand(self._waiting) or self._lanes.is_low

    @property
    def next_back_off(self) -> float | None:
        """Monotonic seconds at which a job that was backed off may be dispatched
        again."""
        times = (until for until, *_others in self._backed_off.values())
        return min(times, default=None)

    def _follow_rows(self, now: float, depths: Mapping[str, int] = NO_DEPTHS) -> None:
        pending = [row for row in self.rows.values() if row.state == State.PENDING]
        self._lanes.follow(
            ((row.uuid, Lane(row.channel, row.lane)) for row in pending if row.lane),
            depths,
        )
        self._out = {u for u, row in self.rows.items() if row.state in DISPATCHED}
        etas = (row.eta for row in pending if row.eta is not None and row.eta > now)
        self.next_eta = min(etas, default=None)

    def _later(self, row: Row, monotonic: float, now: float) -> Row:
        """Return the row; one that is backed off as if it had an ETA, so that it holds
        back those
        behind it where an ETA does: in a sequential channel."""
        until, *_others = self._backed_off.get(row.uuid, (monotonic, 0))
        if row.state != State.PENDING or until <= monotonic:
            return row
        return row._replace(eta=max(row.eta or 0.0, now + until - monotonic))

    def _traits_of(self, uuid: str) -> Traits | None:
        row = self.rows.get(uuid)
        return None if row is None else row.traits

    def _notify(self, row: Row) -> None:
        is_told_apart = row.lock_key or self._manager.tells_apart(self.db_name)
        self._manager.notify(
            self.db_name,
            row.channel,
            row.uuid,
            row.id,
            row.date_created,
            row.priority,
            row.eta,
            row.state,
            row.traits if is_told_apart else None,
        )


def line_of(row: Row) -> Line:
    """Return with which others a due job is asked for."""
    return _line(row.channel, row.eta is not None, row.lane is not None)
