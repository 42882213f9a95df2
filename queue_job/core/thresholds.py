# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From when on something is wrong, as an operator has set it."""

import math
from collections.abc import Callable
from typing import Any

from .health import Thresholds

#: By setting: the field of :class:`Thresholds`, the least and the most it may be.
_LIMITS = {
    "alert_runner_silent": ("leader_age", 5, 86_400),
    "alert_oldest_due": ("oldest_due", 1, 31_536_000),
    "alert_unbegun": ("unbegun", 5, 86_400),
    "alert_failed_percent": ("failed_share", 0, 100),
    "alert_failed_of": ("least_ended", 1, 1_000_000_000),
    "alert_transaction": ("transaction_age", 60, 31_536_000),
    "alert_dead_rows": ("dead_rows", 1000, 1_000_000_000),
    "alert_clock": ("clock_difference", 1, 86_400),
}


def read(setting: Callable[[str], str | None]) -> tuple[Thresholds, list[str]]:
    """Return the thresholds that are set, and defaults for the others.

    :param setting: returns the text of a setting, nothing where it is not set
    :return: the thresholds, and what is wrong with settings that cannot be used; their
        defaults stay in force
    """
    values: dict[str, Any] = {}
    complaints = []
    for name, (field, least, most) in _LIMITS.items():
        word = (setting(name) or "").strip()
        number = _number(word)
        if number is not None and least <= number <= most:
            values[field] = number
        elif word:
            complaints.append(
                f"setting {name}: {word!r} is no number from {least} to {most}"
            )
    if "failed_share" in values:
        values["failed_share"] /= 100
    for field in ("least_ended", "dead_rows"):
        if field in values:
            values[field] = int(values[field])
    return Thresholds(**values), complaints


def _number(word: str) -> float | None:
    try:
        number = float(word)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
