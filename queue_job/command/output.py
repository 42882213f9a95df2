# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Answers of the command: tables for people, JSON for programs."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO

#: Characters of a value in a table; ``--json`` and ``show`` have all of it.
_WIDEST = 60
_NOTHING = "-"
#: Control characters: in names and messages that users wrote, they would be orders to
#: the terminal of who reads.
_ORDERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Output:
    """Where a call writes.

    :param is_json: whether answers are for programs
    """

    def __init__(
        self,
        is_json: bool = False,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        stdin: TextIO | None = None,
    ) -> None:
        self.is_json = is_json
        self._stdout = stdout or sys.stdout
        self._stderr = stderr or sys.stderr
        self._stdin = stdin or sys.stdin

    def answer(self, value: Any) -> None:
        """Write a value as JSON; nothing for people."""
        if self.is_json:
            json.dump(value, self._stdout, default=_plain, indent=2, ensure_ascii=False)
            self._stdout.write("\n")

    def table(self, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows below each other.

        :param columns: keys of the rows, in the order shown
        """
        if self.is_json:
            self.answer([{name: row.get(name) for name in columns} for row in rows])
            return
        for line in aligned(columns, rows):
            self.say(line)

    def facts(self, values: Mapping[str, Any]) -> None:
        """Write names and values, one a line."""
        if self.is_json:
            self.answer(values)
            return
        width = max(map(len, values), default=0)
        for name, value in values.items():
            text = _text(value)
            first, *rest = text.splitlines() or [_NOTHING]
            self.say(f"{name:<{width}}  {first}")
            for line in rest:
                self.say(f"{'':<{width}}  {line}")

    def say(self, text: str) -> None:
        """Write a line for people."""
        if not self.is_json:
            self._stdout.write(f"{_printable(text)}\n")

    def complain(self, text: str) -> None:
        """Write a line about what is wrong."""
        self._stderr.write(f"{_printable(text)}\n")

    def agrees(self, question: str) -> bool:
        """Ask who sits there; without an answer it is no."""
        self._stderr.write(f"{question} [y/N] ")
        self._stderr.flush()
        return self._stdin.readline().strip().lower() in ("y", "yes")


def aligned(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the lines of a table: a title, and each row; numbers to the right."""
    if not rows:
        return []
    cells = [[_cell(row.get(name)) for name in columns] for row in rows]
    titles = [name.upper() for name in columns]
    widths = [max(map(len, column)) for column in zip(titles, *cells, strict=True)]
    is_number = [
        all(isinstance(row.get(name), int | float | None) for row in rows)
        for name in columns
    ]

    def line(texts: Sequence[str]) -> str:
        parts = zip(texts, widths, is_number, strict=True)
        placed = (
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in parts
        )
        return "  ".join(placed).rstrip()

    return [line(titles), *map(line, cells)]


def _cell(value: Any) -> str:
    text = " ".join(_text(value).split())
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _text(value: Any) -> str:
    if value is None or value is False or value == "":
        return _NOTHING
    if isinstance(value, bool):
        return "yes"
    if isinstance(value, float):
        return f"{value:.1f}"
    return str(value)


def _printable(text: str) -> str:
    return _ORDERS.sub("\N{REPLACEMENT CHARACTER}", text)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)
