# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What JSON has not, marked: the values of a call as plain JSON data, and back.

A marked value is an object with a ``_type``. Dictionaries that have such a key of their
own are kept as pairs, so that no data is taken for a mark. Marks of older
versions are read for ever.
"""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timezone
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import pytz
from lxml import etree
from markupsafe import Markup

from odoo import models
from odoo.fields import Command
from odoo.tools import frozendict
from odoo.tools.func import lazy

from .core.limits import MOST_NESTED
from .core.stored_json import UNREADABLE

#: What JSON gives back as it was.
_ATOMS = frozenset({str, int, float, bool, type(None)})
_TEXT = frozenset({str})
#: What may be the key of a dictionary, besides: equal keys stay equal.
_KEYS = _ATOMS | {date, datetime}
#: Dictionaries of another kind, and what they are marked with.
KINDS_OF_DICT: dict[type, str] = {
    frozendict: "odoo_frozendict",
    OrderedDict: "python_ordered_dict",
    Counter: "python_counter",
}
#: How a dictionary is read.
_READ_BY = ("__iter__", "__getitem__", "keys", "values", "items")
#: What JSON would write as if it were something simpler, and the cure.
_LOOKALIKES = (
    (Enum, "its .value"),
    (str, "str(…) of it"),
    (int, "int(…) of it"),
    (float, "float(…) of it"),
    (dict, "dict(…) of it"),
    (list, "list(…) of it"),
    (tuple, "tuple(…) of it"),
    (datetime, "a datetime"),
    (date, "a date"),
    (etree._Element, "its text, and parse that in the method"),
)


#: What is raised when stored data cannot be made values again: whatever stands there.
UNREVIVABLE = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError,
    SyntaxError, TypeError, ValueError,
)  # fmt: skip


class Unfaithful(TypeError):
    """A value that JSON would change without a word; the text says the cure."""


def mark(value: Any, depth: int = 0) -> Any:
    """``value`` as data that JSON keeps as it is.

    What is unknown here is left as it is, for the encoder to refuse.

    :raise Unfaithful: for what JSON would change without a word
    """
    kind = type(value)
    if kind in _ATOMS:
        return value
    marking = _MARKINGS.get(kind)
    if marking is not None:
        return marking(value, depth)
    if isinstance(value, models.BaseModel):
        return _mark_records(value, depth)
    if kind.__module__ == "freezegun.api" and isinstance(value, date):
        real = _mark_datetime if isinstance(value, datetime) else _mark_date
        return real(value, depth)
    if isinstance(value, dict) and kind is not defaultdict and _reads_as_dict(kind):
        # those of add-ons, which always arrived as what is in them
        return _MARKINGS[dict](value, depth)
    _refuse_lookalike(value)
    return value


def _reads_as_dict(kind: type) -> bool:
    """Whether what a dictionary tells of itself is what is in it: some keep several
    values for a key, say."""
    return all(
        getattr(kind, name) in (getattr(dict, name), getattr(OrderedDict, name))
        for name in _READ_BY
    )


def _refuse_lookalike(value: Any) -> None:
    for base, cure in _LOOKALIKES:
        if isinstance(value, base):
            raise Unfaithful(f"would arrive as another type: pass {cure}")


def _check_depth(depth: int) -> None:
    if depth >= MOST_NESTED:
        raise Unfaithful(
            f"is nested in more than {MOST_NESTED} others: pass it as one text"
        )


def _mark_list(values: list, depth: int) -> list:
    _check_depth(depth)
    if _ATOMS.issuperset(map(type, values)):
        return values
    return [mark(value, depth + 1) for value in values]


def _mark_tuple(values: tuple, depth: int) -> dict:
    return {"_type": "python_tuple", "value": _mark_list(list(values), depth)}


def _mark_dict(value: dict, depth: int) -> dict:
    _check_depth(depth)
    if _TEXT.issuperset(map(type, value)) and "_type" not in value:
        if _ATOMS.issuperset(map(type, value.values())):
            return value
        return {key: mark(item, depth + 1) for key, item in value.items()}
    pairs = [[_mark_key(key), mark(item, depth + 1)] for key, item in value.items()]
    return {"_type": "python_dict", "value": pairs}


def _mark_key(key: Any) -> Any:
    if not _is_key(key):
        raise Unfaithful(f"has the key {key!r:.80} ({type(key).__name__})")
    return mark(key)


def _is_key(key: Any) -> bool:
    if type(key) is tuple:
        return all(map(_is_key, key))
    return type(key) in _KEYS


def _mark_kind_of_dict(value: dict, depth: int) -> dict:
    return {
        "_type": KINDS_OF_DICT[type(value)],
        "value": _mark_dict(dict(value), depth),
    }


def _mark_records(records: models.BaseModel, depth: int) -> dict:
    if not all(records._ids):
        raise Unfaithful(
            f"holds {records!r:.80}, which has no row: save it first (in an onchange"
            " method nothing is saved: delay the call from create() or write())"
        )
    return {
        "_type": "odoo_recordset",
        "model": records._name,
        "ids": list(records._ids),
        "uid": records.env.uid,
        "su": records.env.su,
        "context": mark(records._job_prepare_context_before_enqueue(), depth),
    }


def _mark_date(value: date, _depth: int) -> dict:
    return {"_type": "date_isoformat", "value": value.isoformat()}


def _mark_datetime(value: datetime, _depth: int) -> dict:
    marked: dict[str, Any] = {"_type": "datetime_isoformat", "value": value.isoformat()}
    if value.fold:
        marked["fold"] = 1
    zone = value.tzinfo
    if zone is None or type(zone) is timezone:
        return marked
    if type(zone) is ZoneInfo and zone.key:
        marked["zoneinfo"] = zone.key
    elif isinstance(zone, pytz.tzinfo.BaseTzInfo) and zone.zone:
        marked["pytz"] = zone.zone
    if len(marked) <= 2 + value.fold or not _arrives(marked, value):
        raise Unfaithful(
            f"has a time zone that cannot be named, or not then ({zone!r:.80}): pass it"
            " in UTC, with astimezone(timezone.utc), or without a time zone"
        )
    return marked


def _arrives(marked: dict, value: datetime) -> bool:
    try:
        return _is_same(_revive_datetime(marked), value)
    except OverflowError:  # pytz adds to what is at an end of all years
        return False


def _is_same(one: datetime, other: datetime) -> bool:
    """Tell whether two moments show the same on the clock of the same zone."""
    clocks = one.replace(tzinfo=None) == other.replace(tzinfo=None)
    return clocks and one.utcoffset() == other.utcoffset()


def _mark_element(element: etree._Element, _depth: int) -> dict:
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    try:
        again = etree.tostring(etree.fromstring(text), encoding="unicode")
    except etree.XMLSyntaxError as error:
        again = str(error)
    if again != text:
        raise Unfaithful(
            f"cannot be parsed again ({again:.80}): pass its text, and parse that in"
            " the method"
        )
    return {"_type": "etree_element", "value": text}


_MARKINGS: dict[type, Callable[[Any, int], Any]] = {
    list: _mark_list,
    tuple: _mark_tuple,
    dict: _mark_dict,
    **dict.fromkeys(KINDS_OF_DICT, _mark_kind_of_dict),
    datetime: _mark_datetime,
    date: _mark_date,
    Markup: lambda value, _depth: {"_type": "markup", "value": str(value)},
    Command: lambda value, _depth: {"_type": "odoo_command", "value": value.value},
    etree._Element: _mark_element,
    lazy: lambda value, depth: mark(value._value, depth),
}


def is_mark(data: dict) -> bool:
    """Tell whether an object stands for something else."""
    kind = data.get("_type")
    return type(kind) is str and (kind == "odoo_recordset" or kind in _REVIVINGS)


def revive(data: dict, env) -> Any:
    """Return what a marked object stands for; any other object as it is.

    :param env: records are bound to its cursor, under the user, the superuser flag and
        the context they were stored with. Rows without user are read as ``env``'s
        user, rows without flag as an ordinary user.
    :raise KeyError: when the model of records does not exist
    :raise ValueError: when it stands for what could not be read
    """
    kind = data.get("_type")
    if type(kind) is not str:
        return data
    if kind == "odoo_recordset":
        uid = data.get("uid") or env.uid
        context = {**env.context, **(data.get("context") or {})}
        env = env(user=uid, su=bool(data.get("su")), context=context)
        return env[data["model"]].browse(data["ids"])
    reviving = _REVIVINGS.get(kind)
    return data if reviving is None else reviving(data)


def _revive_datetime(data: dict) -> datetime:
    value = datetime.fromisoformat(data["value"])
    if "zoneinfo" in data:
        value = value.replace(tzinfo=ZoneInfo(data["zoneinfo"]))
    elif "pytz" in data:
        value = value.astimezone(pytz.timezone(data["pytz"]))
    return value.replace(fold=data.get("fold", 0))


def _refuse_unreadable(data: dict) -> Any:
    raise ValueError(f"what is stored cannot be read: {data.get('value')}")


_REVIVINGS: dict[str, Callable[[dict], Any]] = {
    UNREADABLE: _refuse_unreadable,
    "datetime_isoformat": _revive_datetime,
    "date_isoformat": lambda data: date.fromisoformat(data["value"]),
    "etree_element": lambda data: etree.fromstring(data["value"]),
    "markup": lambda data: Markup(data["value"]),
    "odoo_command": lambda data: Command(data["value"]),
    "python_tuple": lambda data: tuple(data["value"]),
    "python_dict": lambda data: dict(data["value"]),
    "odoo_frozendict": lambda data: frozendict(data["value"]),
    "python_ordered_dict": lambda data: OrderedDict(data["value"]),
    "python_counter": lambda data: Counter(data["value"]),
}
