# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The grammar of ``channels = root:4,root.sub:2:sequential,...``.

Entries are separated by commas or new lines; an entry is a name, a capacity and keys
with or without a value, separated by colons::

    name[:capacity[:key[=value]]*]

Every error is a ``ValueError`` that shows the entry, names the word that is wrong and
says what to write instead.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..limits import MOST_INTEGER
from . import shares
from .name import ROOT, normalise_channel_name
from .rate import Rate

#: What an entry says about a channel before it is checked as a whole.
Options = dict[str, Any]


def split_strip(text: str, separator: str, maxsplit: int = -1) -> list[str]:
    """Split and strip each part.

    >>> split_strip(" a : b c :", ":")
    ['a', 'b c', '']
    """
    if not text:
        return []
    return [part.strip() for part in text.strip().split(separator, maxsplit)]


@dataclass(frozen=True)
class ChannelConfig:
    """What an operator says about one channel.

    :param name: full name, from ``root`` down
    :param capacity: jobs at a time; ``None`` and 0 are unlimited, negative is none
    :param sequential: one job at a time, in strict order, halted by a failure
    :param throttle: seconds of rest after each job that has begun
    :param rate: how many jobs may begin in a time
    :param aging: seconds of waiting by which a job rises by one priority; 0 = none
        does; ``None`` = as in the channel above
    :param maximum: up to which managers may raise the capacity; ``None`` = they may not
    :param paused: hands nothing over
    :param per: how many jobs at a time for each company, user, model or function
    :param fair: whose jobs take turns: those of each company, user, model, function or
        lock key
    :param unknown: keys that mean nothing here, kept as they were given
    """

    name: str
    capacity: int | None = 1
    sequential: bool = False
    throttle: int = 0
    paused: bool = False
    per: shares.Per | None = None
    fair: str | None = None
    rate: Rate | None = None
    aging: int | None = None
    maximum: int | None = None
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> "ChannelConfig":
        """Check the options of one entry as a whole.

        :raises ValueError: when they do not fit together
        """
        rest = dict(options)
        name = normalise_channel_name(rest.pop("name"))
        sequential, fair = bool(options.get("sequential")), rest.pop("fair", None)
        config = cls(
            name=name,
            capacity=rest.pop("capacity", None),
            sequential=bool(rest.pop("sequential", False)),
            throttle=_throttle(options.get("name"), rest.pop("throttle", 0)),
            paused=bool(rest.pop("paused", False)),
            rate=_rate(name, rest.pop("rate", None), rest.pop("burst", None)),
            aging=_seconds_of_aging(name, rest.pop("aging", None)),
            maximum=_maximum(name, rest.get("max"), options.get("capacity")),
            per=shares.per(name, rest.pop("per", None)),
            fair=shares.fair(name, fair, options.get("capacity"), sequential),
            unknown={key: value for key, value in rest.items() if key != "max"},
        )
        if config.sequential and config.capacity != 1:
            raise ValueError(
                f"Invalid channel configuration: {config.name!r} is sequential with "
                f"a capacity of {config.capacity}; a sequential channel runs one job "
                f"at a time, write '{config.name}:1:sequential'."
            )
        if config.sequential and config.maximum is not None:
            reason = "says nothing in a sequential channel, which runs one job"
            cure = f"{config.name}:1:sequential"
            raise _wrong(config.name, "max", config.maximum, reason, cure)
        if config.sequential and config.aging:
            reason = "says nothing in a sequential channel, whose order is strict"
            cure = f"{config.name}:1:sequential"
            raise _wrong(config.name, "aging", config.aging, reason, cure)
        return config

    def __str__(self) -> str:
        """Return the entry that says the same."""
        parts = [self.name, str(self.capacity or 0)]
        parts += ["sequential"] * self.sequential + ["paused"] * self.paused
        parts += [f"throttle={self.throttle}"] * bool(self.throttle)
        if self.rate:
            parts.append(f"rate={self.rate}")
        if self.maximum is not None:
            parts.append(f"max={self.maximum}")
        if self.aging is not None:
            parts.append(f"aging={self.aging}")
        parts += [f"per={self.per}"] * bool(self.per)
        parts += [f"fair={self.fair}"] * bool(self.fair)
        parts += [k if v is True else f"{k}={v}" for k, v in self.unknown.items()]
        return ":".join(parts)


def parse(text: str) -> list[ChannelConfig]:
    """Return the channels of a configuration string, in its order.

    A channel may be listed twice; the last entry replaces the first wholly.

    :raises ValueError: names the wrong word and the cure
    """
    return [ChannelConfig.from_options(entry) for entry in parse_entries(text)]


def root_capacity(text: str) -> int:
    """Return the capacity of the root channel, 1 when it is not listed; 0 = no runner.

    :raises ValueError: when the string is malformed, wherever the word stands
    """
    capacities = [entry.capacity for entry in parse(text) if entry.name == ROOT]
    return capacities[-1] or 0 if capacities else 1


def root_most(text: str) -> int:
    """Return up to what the capacity of the root channel may be raised; 0 = it is
    unlimited, or none.

    :raises ValueError: when the string is malformed, wherever the word stands
    """
    most = [most_capacity(entry) for entry in parse(text) if entry.name == ROOT]
    return most[-1] if most else 1


def parse_entries(text: str) -> list[Options]:
    """Options of each entry as written, beginning with its name and capacity."""
    entries = (entry.strip() for entry in re.split(r"[,\n]", text))
    return [_entry(entry) for entry in entries if entry]


def _entry(entry: str) -> Options:
    name, *words = split_strip(entry, ":")
    options: Options = {"name": _name(entry, name), "capacity": 1}
    if words:
        options["capacity"] = _capacity(entry, words[0])
    for word in shares.joined(words[1:]):
        if word:
            key, value = _item(entry, word)
            if key in options:
                raise _error(entry, word, f"{key!r} is there already; give it once")
            options[key] = value
    return options


def _name(entry: str, name: str) -> str:
    if not name:
        raise _error(entry, entry, "the name is missing; write 'name:capacity'")
    if not all(level.strip() for level in name.split(".")):
        raise _error(entry, name, "a level of the name is empty; write 'root.a.b'")
    normalise_channel_name(name)
    return name


def _capacity(entry: str, word: str) -> int:
    try:
        return int(word)
    except ValueError:
        raise _error(
            entry,
            word,
            "the capacity is not a whole number; write 'name:capacity:key', "
            "such as 'root.sub:1:sequential'",
        ) from None


def _item(entry: str, word: str) -> tuple[str, str | bool]:
    key, *values = split_strip(word, "=")
    if len(values) > 1:
        raise _error(entry, word, "there are two '='; write 'key=value'")
    if not key:
        raise _error(entry, word, "the key is missing; write 'key=value'")
    return key, values[0] if values else True


def _throttle(name: str | None, value: str | int) -> int:
    try:
        seconds = int(value)
        if seconds > MOST_INTEGER:
            raise ValueError(seconds)
        return seconds
    except ValueError:
        raise ValueError(
            f"Invalid channel configuration: throttle={value!r} of {name!r} is not a "
            "whole number of seconds; write 'throttle=2'."
        ) from None


def read_rate(name: str, text: str) -> Rate | None:
    """Return the rate of a channel that is written as ``100/60`` or
    ``100/60:burst=10``; ``None`` for nothing.

    :raises ValueError: when it is no rate, naming the word
    """
    rate, *burst = split_strip(text, ":")
    if not rate:
        return None
    if burst and not (len(burst) == 1 and burst[0].startswith("burst=")):
        raise _wrong(name, "rate", text, "is no rate", f"{_A_RATE}:burst=10")
    return _rate(name, rate, burst[0].partition("=")[2] if burst else None)


def operator_rates(config: ChannelConfig) -> list[Rate]:
    """Return the rates at which jobs of a channel may begin; all of them hold."""
    throttle = [Rate.of_throttle(config.throttle)] if config.throttle > 0 else []
    return [*throttle, *([config.rate] if config.rate else [])]


def _rate(name: str, value: Any, burst: Any) -> Rate | None:
    if isinstance(value, Rate):
        return value
    if value is None:
        if burst is not None:
            raise _wrong(name, "burst", burst, "says nothing without a rate", _A_RATE)
        return None
    jobs, seconds = _whole_numbers(str(value).split("/"), 2)
    if not jobs or not seconds:
        reason = "is not a number of jobs per whole seconds"
        raise _wrong(name, "rate", value, reason, _A_RATE)
    [most] = _whole_numbers([str(jobs if burst is None else burst)], 1)
    if not most:
        reason = "is not a number of jobs of 1 or more"
        raise _wrong(name, "burst", burst, reason, f"{_A_RATE}:burst=10")
    if max(jobs, seconds, most) > MOST_INTEGER:
        raise _wrong(name, "rate", value, f"goes beyond {MOST_INTEGER}", _A_RATE)
    return Rate(jobs, seconds, most)


def _seconds_of_aging(name: str, value: Any) -> int | None:
    if value is None:
        return None
    if value is True or not str(value).isdecimal() or int(value) > MOST_INTEGER:
        reason = f"is not a whole number of seconds, {MOST_INTEGER} at the most"
        raise _wrong(name, "aging", value, reason, "aging=600")
    return int(value)


def _maximum(name: str, value: Any, capacity: int | None) -> int | None:
    if value is None:
        return None
    cure = f"{name}:4:max=16"
    if not str(value).isdecimal():
        raise _wrong(name, "max", value, "is not a number of jobs", cure)
    if not capacity or not 0 < capacity <= int(value):
        reason = f"is not as much as the capacity, {capacity or 0}, or more"
        if not capacity:
            reason = "says nothing of a channel without a capacity"
        raise _wrong(name, "max", value, reason, cure)
    return int(value)


def most_capacity(config: ChannelConfig) -> int:
    """Return how many jobs may run in a channel at the most; 0 = as many as like."""
    return config.maximum or config.capacity or 0


def aging_in(configs: Sequence[ChannelConfig], name: str) -> int:
    """Return the seconds of waiting by which a job of a channel rises by one
    priority; 0 = it does not."""
    by_name = {config.name: config for config in configs}
    own = by_name.get(name)
    if own is not None and own.sequential:
        return 0
    while name:
        config = by_name.get(name)
        if config is not None and config.aging is not None:
            return config.aging
        name = name.rpartition(".")[0]
    return 0


_A_RATE = "rate=100/60"


def _whole_numbers(words: list[str], count: int) -> list[int]:
    """Return the numbers, each 1 or more; zeros when they are not so many such."""
    if len(words) != count or not all(w.strip().isdecimal() for w in words):
        return [0] * count
    return [int(word) for word in words]


def _wrong(name: str, key: str, value: Any, reason: str, cure: str) -> ValueError:
    return ValueError(
        f"Invalid channel configuration: {key}={value!r} of {name!r} {reason};"
        f" write '{cure}'."
    )


def _error(entry: str, word: str, reason: str) -> ValueError:
    return ValueError(
        f"Invalid channel configuration {entry!r}: at {word!r}, {reason}."
    )
