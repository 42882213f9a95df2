# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""JSON of a row, read whatever it holds.

PostgreSQL keeps what Python refuses: numbers of more digits than it converts, lists
nested deeper than its stack. In the place of such a text stands a mark that says why:
who needs the value raises that, who shows it shows that, and nothing else stops.
"""

import json
import math
from typing import Any

from .limits import MOST_NESTED

UNREADABLE = "unreadable"
#: Each value that can be stored makes three levels of JSON at the most.
_MOST_LEVELS = 3 * MOST_NESTED + 3


def unreadable(why: str) -> dict[str, str]:
    """Return what stands for a value that cannot be read."""
    return {"_type": UNREADABLE, "value": why}


def is_unreadable(data: Any) -> bool:
    """Tell whether data stand for a value that cannot be read."""
    return type(data) is dict and data.get("_type") == UNREADABLE


def read(text: str) -> Any:
    """Return the data of a JSON text, as a worker needs them. Never raises."""
    try:
        return _decode(text)
    except (ValueError, RecursionError) as error:
        return unreadable(_told(error))


def read_to_show(text: str) -> Any:
    """Return the data of a JSON text, which can be copied and sent. Never raises."""
    try:
        data = _decode(text)
    except (ValueError, RecursionError) as error:
        return unreadable(_told(error))
    if text.count("[") + text.count("{") > _MOST_LEVELS and _is_deep(data):
        return unreadable(_TOO_DEEP)
    return data


_TOO_DEEP = "it is nested too deep"


def _told(error: Exception) -> str:
    return _TOO_DEEP if isinstance(error, RecursionError) else str(error)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):  # JSON has no text for it
        raise ValueError("a number is too large")
    return number


_decode = json.JSONDecoder(parse_float=_finite).decode


def _is_deep(data: Any) -> bool:
    """Tell whether data are nested too deep, level by level: no stack is needed."""
    level = [data]
    for _number in range(_MOST_LEVELS):
        level = [item for outer in level for item in _items(outer)]
        if not level:
            return False
    return True


def _items(data: Any) -> Any:
    if isinstance(data, dict):
        return data.values()
    return data if isinstance(data, list) else ()
