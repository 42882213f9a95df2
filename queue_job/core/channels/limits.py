# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How many jobs a database may have running in a channel, as its managers want it."""

from collections import Counter


class DatabaseLimits:
    """The limits of databases in one channel, and how far they are used up.

    A limit also holds in the channels below, whose jobs pass through: of those above
    each other the least counts.

    :param above: the limits of the channel above, ``None`` for the root
    """

    def __init__(self, above: "DatabaseLimits | None" = None) -> None:
        self._above = above
        #: Who ever had a limit in the tree: of others nothing has to be looked up.
        self._known: set[str] = above._known if above else set()
        self._limits: dict[str, int] = {}
        self._taken: Counter[str] = Counter()
        self._aside: set[str] = set()

    def set_aside(self, db_name: str, is_aside: bool) -> None:
        """Let no further job of the database pass for now, or no longer so."""
        self._known.add(db_name)
        (self._aside.add if is_aside else self._aside.discard)(db_name)

    def set(self, db_name: str, limit: int | None) -> None:
        """:param limit: jobs at a time; 0 is none, ``None`` is no limit"""
        self._known.add(db_name)
        if limit is None:
            self._limits.pop(db_name, None)
        else:
            self._limits[db_name] = limit

    @property
    def is_set(self) -> bool:
        """Whether any database has a limit of its own here."""
        return bool(self._limits)

    def add(self, db_name: str) -> None:
        """Count one more slot in the channel taken by a job of the database."""
        self._taken[db_name] += 1

    def remove(self, db_name: str) -> None:
        """... or no longer taken."""
        self._taken[db_name] -= 1

    def own(self, db_name: str) -> int | None:
        """Return the limit that was set of the database in this very channel."""
        return self._limits.get(db_name)

    def of(self, db_name: str) -> int | None:
        """Return the least limit of the database, here or above."""
        if db_name not in self._known:
            return None
        own = self._limits.get(db_name)
        above = self._above.of(db_name) if self._above else None
        return min((x for x in (own, above) if x is not None), default=None)

    def is_reached(self, db_name: str) -> bool:
        """Tell whether no further job of the database may pass: here, or above."""
        if db_name not in self._known:
            return False
        limit = self.of(db_name)
        is_full = limit is not None and self._taken[db_name] >= limit
        if is_full or db_name in self._aside:
            return True
        return self._above is not None and self._above.is_reached(db_name)

    def is_exceeded(self, db_name: str) -> bool:
        """Tell whether it takes more slots here than it may have."""
        limit = self.of(db_name)
        return limit is not None and self._taken[db_name] > limit
