# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Arguments that a user edits as JSON: shown without what says whose they are, and read
back as values that he may name.

What is stored of records says as whom they are used. That is the server's to say: it
is neither shown nor read.
"""

import json
from collections.abc import Collection, Iterator
from typing import Any

from lxml import etree

from ..core.limits import MOST_NESTED
from ..fields import from_plain
from ..marks import is_mark

RECORDS, MARKUP, XML = "odoo_recordset", "markup", "etree_element"
#: What a mark may say besides what it stands for.
_MORE = {"datetime_isoformat": {"fold", "zoneinfo", "pytz"}}
#: What goes wrong while a text is read, or values are made of it.
_ERRORS = (TypeError, ValueError, LookupError, OverflowError, RecursionError)


class EditedError(ValueError):
    """The text does not stand for arguments; the message names the place."""


def editable_text(stored: Any) -> str:
    """Return stored plain data as JSON for a user to edit."""
    return json.dumps(_without_owner(stored), indent=2, ensure_ascii=False)


def trusted_texts(stored: Any) -> set[str]:
    """Return the texts in stored data that are markup: no others may be entered."""
    return {mark["value"] for mark in _marks(stored) if mark["_type"] == MARKUP}


def edited_value(text: str, path: str, env: Any, trusted: Collection[str]) -> Any:
    """Return the value that a user has entered, its records bound to ``env`` without
    superuser mode.

    :param path: how the value is called in errors
    :param trusted: texts that may be marked as markup
    :raise EditedError: when it stands for nothing, or for what he may not enter
    """
    try:
        data = json.loads(text, parse_constant=_no_number)
        _judge(data, path, env, trusted)
        return from_plain(data, env)
    except EditedError:
        raise
    except _ERRORS as error:
        raise EditedError(f"{path}: {error or type(error).__name__}") from error


def records_in(value: Any) -> Iterator[Any]:
    """Yield the recordsets in a value."""
    if hasattr(value, "_ids") and hasattr(value, "env"):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from records_in(key)
            yield from records_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from records_in(item)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number in JSON")


def _without_owner(data: Any) -> Any:
    if isinstance(data, list):
        return [_without_owner(item) for item in data]
    if not isinstance(data, dict):
        return data
    if data.get("_type") == RECORDS:
        return {name: data.get(name) for name in ("_type", "model", "ids")}
    return {key: _without_owner(item) for key, item in data.items()}


def _marks(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        if is_mark(data):
            yield data
        data = list(data.values())
    if isinstance(data, list):
        for item in data:
            yield from _marks(item)


def _judge(
    data: Any, path: str, env: Any, trusted: Collection[str], depth: int = 0
) -> None:
    """Refuse what a user may not enter.

    :raise EditedError: names the place
    """
    if depth > 2 * MOST_NESTED:  # a mark takes a level, too
        raise EditedError(f"{path:.200} is nested too deeply")
    if isinstance(data, dict):
        if "_type" in data:
            _judge_mark(data, path, env, trusted)
        items: Any = data.items()
    else:
        items = enumerate(data) if isinstance(data, list) else ()
    for key, item in items:
        _judge(item, f"{path}[{key!r:.80}]", env, trusted, depth + 1)


def _judge_mark(
    data: dict[str, Any], path: str, env: Any, trusted: Collection[str]
) -> None:
    kind = data["_type"]
    if not is_mark(data):
        raise EditedError(f"{path:.200}: there is no type {kind!r:.80}")
    wanted = {"model", "ids"} if kind == RECORDS else {"value"}
    names = set(data) - {"_type"}
    if names - _MORE.get(kind, set()) != wanted:
        raise EditedError(
            f"{path:.200}: {kind} has {', '.join(sorted(wanted))}, and no"
            f" {', '.join(sorted(names - wanted)) or 'others'}"
        )
    if kind == RECORDS:
        _judge_records(data, path, env)
    elif kind == MARKUP and data["value"] not in trusted:
        raise EditedError(
            f"{path:.200}: markup is trusted by whom it reaches: enter none that the"
            " job did not have"
        )
    elif kind == XML:
        _judge_xml(data["value"], path)


def _judge_records(data: dict[str, Any], path: str, env: Any) -> None:
    model, ids = data["model"], data["ids"]
    if not isinstance(model, str) or model not in env or env[model]._abstract:
        raise EditedError(f"{path:.200}: there is no model {model!r:.80}")
    if not (isinstance(ids, list) and all(type(i) is int and i > 0 for i in ids)):
        raise EditedError(f"{path:.200}: ids is a list of numbers of records")


def _judge_xml(text: Any, path: str) -> None:
    """Refuse XML that brings entities, which may name files of the server."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.fromstring(text, parser).getroottree()
    except etree.XMLSyntaxError as error:
        raise EditedError(f"{path:.200}: {error}") from error
    if tree.docinfo.doctype:
        raise EditedError(f"{path:.200}: enter XML without a DOCTYPE")
