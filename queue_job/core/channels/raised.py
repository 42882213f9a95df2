# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Capacities that managers raise, as far as the operator permits.

The managers of a database may allow it more of a channel than its capacity, up to the
channel's maximum. The channel then has room for that; the other databases keep to the
capacity, as if nobody had raised it.
"""

from collections.abc import Mapping

#: What databases allow themselves: by database, and by channel.
LimitsByDatabase = Mapping[str, Mapping[str, int]]


class RaisedCapacities:
    """The capacities of channels that have a maximum."""

    def __init__(self) -> None:
        self._bounds: dict[str, tuple[int, int]] = {}

    def configure(self, name: str, capacity: int | None, maximum: int | None) -> None:
        """Take over what the operator says of a channel.

        :param maximum: up to which it may be raised; ``None``: it may not
        """
        self._bounds.pop(name, None)
        if maximum is not None:
            self._bounds[name] = (capacity or 0, maximum)

    def __bool__(self) -> bool:
        return bool(self._bounds)

    def capacities(self, limits: LimitsByDatabase) -> dict[str, int]:
        """Return the capacities in force of the channels that have a maximum."""
        return {
            name: min(
                maximum, max([capacity, *(own.get(name, 0) for own in limits.values())])
            )
            for name, (capacity, maximum) in self._bounds.items()
        }

    def of_database(self, own: Mapping[str, int]) -> dict[str, int]:
        """Return the limits in force of a database: where it says nothing, it does not
        profit from what another one has raised.

        :param own: what it says
        """
        untouched = {
            name: capacity
            for name, (capacity, _maximum) in self._bounds.items()
            if name not in own
        }
        return {**untouched, **own}
