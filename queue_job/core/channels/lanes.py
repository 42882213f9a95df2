# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""In which lane of its channel a job waits.

Jobs of a lane have to wait for the same others: for those of their lock key, say, or of
their company. What may run is looked for in each lane by itself, so that a long one
hides no other. The lane is kept in the row; it says where to look, and decides nothing.
"""

from collections.abc import Iterable
from hashlib import sha1

from .claims import KEY, Traits
from .config import ChannelConfig, parse
from .name import full_name

#: Signs of a lane; of a longer one a hash stands for the rest.
LONGEST = 200


class Lanes:
    """Tells the lane of a job.

    :param configs: what the operator says of the channels
    """

    def __init__(self, configs: Iterable[ChannelConfig] = ()) -> None:
        self._kinds = {config.name: _kinds(config) for config in configs}
        #: Whether there are others than those of lock keys.
        self.has_any = any(self._kinds.values())

    @classmethod
    def of_text(cls, channels: str) -> "Lanes":
        """Return the lanes of a configuration string; of one that cannot be read, those
        of lock keys alone: the runner says what is wrong with it."""
        try:
            return cls(parse(channels))
        except ValueError:
            return cls()

    def lane(self, channel: str | None, traits: Traits) -> str | None:
        """Return the lane of a job of a channel; ``None`` if it need not be told apart
        from those that stand in none."""
        kinds = self._of(full_name(channel)) if self.has_any else set()
        if traits.lock_key:
            kinds.add(KEY)
        words = [f"{kind}={traits.value(kind) or ''}" for kind in sorted(kinds)]
        return _clipped(" ".join(words)) or None

    def _of(self, name: str) -> set[str]:
        found: set[str] = set()
        while name:
            found |= self._kinds.get(name, set())
            name = name.rpartition(".")[0]
        return found


def _clipped(lane: str) -> str:
    if len(lane) <= LONGEST:
        return lane
    digest = sha1(lane.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
    return lane[: LONGEST - len(digest)] + digest


def _kinds(config: ChannelConfig) -> set[str]:
    kinds = {config.per.kind if config.per else None, config.fair}
    return {kind for kind in kinds if kind and kind != KEY}
