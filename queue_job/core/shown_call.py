# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The arguments of a job as a tree that people can read, within limits.

Made of what is stored (plain JSON data, with marks for what JSON has not), so that it
can be shown whatever is gone meanwhile.
"""

from collections.abc import Iterable, Iterator
from typing import Any

#: So many values, so deep in each other, so many characters of each, so many records.
MOST_VALUES = 200
MOST_DEPTH = 6
MOST_TEXT = 300
MOST_RECORDS = 20
_MAPPINGS = ("python_dict", "odoo_frozendict", "python_ordered_dict", "python_counter")
_TEXTS = ("datetime_isoformat", "date_isoformat", "etree_element", "markup")


class ShownCall:
    """Makes nodes of values: dictionaries with ``label``, ``kind`` and ``text`` or
    ``items``, records with ``model`` and ``ids``."""

    def __init__(self, most: int = MOST_VALUES) -> None:
        self._left = most
        self.is_cut = False  #: whether something is left out

    def nodes(self, labelled: Iterable[tuple[str, Any]]) -> list[dict[str, Any]]:
        """Return the nodes of values, each with its label."""
        return list(self._children(labelled, 0))

    def _children(
        self, labelled: Iterable[tuple[str, Any]], depth: int
    ) -> Iterator[dict[str, Any]]:
        for label, value in labelled:
            if self._left <= 0:
                self.is_cut = True
                return
            self._left -= 1
            yield {"label": self._clip(label), **self._node(value, depth)}

    def _node(self, value: Any, depth: int) -> dict[str, Any]:
        kind = value.get("_type") if isinstance(value, dict) else None
        if kind == "odoo_recordset":
            return self._records(value)
        if kind == "python_tuple":
            return self._list("tuple", _list_of(value.get("value")), depth)
        if kind in _MAPPINGS:
            return self._dict(_pairs(value.get("value")), depth)
        if kind in _TEXTS:
            return {"kind": "text", "text": self._clip(str(value.get("value")))}
        if isinstance(value, dict):
            return self._dict(value.items(), depth)
        if isinstance(value, list):
            return self._list("list", value, depth)
        if isinstance(value, str):
            return {"kind": "text", "text": self._clip(value)}
        return {"kind": "value", "text": repr(value)}

    def _records(self, value: dict[str, Any]) -> dict[str, Any]:
        ids = _list_of(value.get("ids"))
        if len(ids) > MOST_RECORDS:
            self.is_cut = True
        return {
            "kind": "records",
            "model": str(value.get("model")),
            "ids": ids[:MOST_RECORDS],
            "more": max(len(ids) - MOST_RECORDS, 0),
        }

    def _list(self, kind: str, values: list[Any], depth: int) -> dict[str, Any]:
        labelled = ((str(place), value) for place, value in enumerate(values))
        return self._container(kind, labelled, len(values), depth)

    def _dict(self, items: Iterable[tuple[Any, Any]], depth: int) -> dict[str, Any]:
        pairs = [(key if isinstance(key, str) else repr(key), v) for key, v in items]
        return self._container("dict", pairs, len(pairs), depth)

    def _container(
        self, kind: str, labelled: Iterable[tuple[str, Any]], count: int, depth: int
    ) -> dict[str, Any]:
        if depth >= MOST_DEPTH:
            self.is_cut = self.is_cut or count > 0
            return {"kind": kind, "count": count, "items": []}
        items = list(self._children(labelled, depth + 1))
        return {"kind": kind, "count": count, "items": items}

    def _clip(self, text: str) -> str:
        if len(text) <= MOST_TEXT:
            return text
        self.is_cut = True
        return text[:MOST_TEXT] + "…"


def _pairs(data: Any) -> Iterable[tuple[Any, Any]]:
    """Return the items of a marked dictionary; what is in it may be marked, too."""
    while isinstance(data, dict) and data.get("_type") in _MAPPINGS:
        data = data.get("value")
    if isinstance(data, dict):
        return data.items()
    pairs = _list_of(data)
    found = [pair for pair in pairs if isinstance(pair, list) and len(pair) == 2]
    return [(key, value) for key, value in found]


def _list_of(data: Any) -> list[Any]:
    return data if isinstance(data, list) else []
