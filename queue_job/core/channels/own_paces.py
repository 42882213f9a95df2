# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How fast jobs of single databases may begin in one channel, as their managers say."""

from collections.abc import Iterator

from .rate import UNTIL_BEGUN, Pace, Rate


class OwnPaces:
    """The buckets of databases in one channel. Who has no token stands aside there.

    A bucket begins empty, unless it is known what began before.
    """

    def __init__(self) -> None:
        self._paces: dict[str, Pace] = {}
        #: Who stands aside, and until when, by a clock that never jumps.
        self.aside: dict[str, float] = {}

    def set(self, db_name: str, rate: Rate | None, is_full: bool) -> Pace | None:
        """Return the new bucket of a database."""
        self._paces.pop(db_name, None)
        if rate is None:
            return None
        pace = self._paces[db_name] = Pace(rate)
        if not is_full:
            pace.empty()
        return pace

    def __bool__(self) -> bool:
        return bool(self._paces)

    def of(self, db_name: str) -> Pace | None:
        return self._paces.get(db_name)

    def empty(self) -> None:
        """Begin with empty buckets."""
        for pace in self._paces.values():
            pace.empty()

    def look(self, steady: float) -> Iterator[tuple[str, bool]]:
        """Return who stands aside from now on, or no longer."""
        for db_name in self.aside.keys() - self._paces.keys():
            del self.aside[db_name]
            yield db_name, False
        for db_name, pace in self._paces.items():
            pace.take_tokens(steady)
            was_aside, ready = db_name in self.aside, pace.ready_at
            self.aside.pop(db_name, None)
            if ready > steady:
                self.aside[db_name] = ready
            if was_aside is not (db_name in self.aside):
                yield db_name, not was_aside

    @property
    def next_time(self) -> float | None:
        """When the first of those aside comes back without any event."""
        times = [time for time in self.aside.values() if time < UNTIL_BEGUN]
        return min(times, default=None)
