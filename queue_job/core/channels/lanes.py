# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""In which lane of its channel a job waits.

Jobs of a lane have to wait for the same others: for those of their lock key, say, or of
their company. What may run is looked for in each lane by itself, so that a long one
hides no other. The lane is kept in the row; it says where to look, and decides nothing.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha1
from types import MappingProxyType

from .claims import KEY, Traits
from .config import ChannelConfig, parse
from .name import full_name
from .own_rules import OwnRules
from .shares import Per

#: Of what kinds the values are by which jobs are told apart, by complete name of the
#: channel.
Kinds = Mapping[str, frozenset[str]]
NO_KINDS: Kinds = MappingProxyType({})
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

    def lane(
        self, channel: str | None, traits: Traits, own: Kinds = NO_KINDS
    ) -> str | None:
        """Return the lane of a job of a channel; ``None`` if it need not be told apart
        from those that stand in none.

        :param own: what its database tells apart besides
        """
        kinds = self.kinds_of(channel, own) if self.has_any or own else set()
        if traits.lock_key:
            kinds.add(KEY)
        words = [f"{kind}={traits.value(kind) or ''}" for kind in sorted(kinds)]
        return _clipped(" ".join(words)) or None

    def kinds_of(self, channel: str | None, own: Kinds = NO_KINDS) -> set[str]:
        """Return by what jobs of a channel are told apart, lock keys aside."""
        found: set[str] = set()
        name = full_name(channel)
        while name:
            found |= self._kinds.get(name, set()) | own.get(name, frozenset())
            name = name.rpartition(".")[0]
        return found


def own_kinds(rules: Mapping[str, OwnRules]) -> Kinds:
    """Return by what the managers of a database tell its jobs apart."""
    kinds = {name: _said(said.per, said.fair) for name, said in rules.items()}
    return {name: frozenset(found) for name, found in kinds.items() if found}


def _clipped(lane: str) -> str:
    if len(lane) <= LONGEST:
        return lane
    digest = sha1(lane.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
    return lane[: LONGEST - len(digest)] + digest


def _kinds(config: ChannelConfig) -> set[str]:
    return _said(config.per, config.fair)


def _said(per: Per | None, fair: str | None) -> set[str]:
    kinds = {per.kind if per else None, fair}
    return {kind for kind in kinds if kind and kind != KEY}
