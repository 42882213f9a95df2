# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Named SQL: one file per concern, one statement per purpose, parameters only.

A file is a row of blocks, each below a line that names it::

    -- name: STATEMENT
    -- part: PART
    -- name: STATEMENT = PART with NAME = OTHER_PART, NAME = 'words'

A part is what several statements share: ``{PART}`` stands for it. What a part leaves
open, those that are made of it fill in. Python sees whole statements alone.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import SimpleNamespace
from typing import NamedTuple

_HEAD = re.compile(r"^-- (name|part): (\w+)(?: = (\w+) with (.+))?$", re.MULTILINE)
_BINDING = re.compile(r"(\w+) = (?:'([^']*)'|(\w+))")
_COMMENT = re.compile(r"^\s*--.*\n?", re.MULTILINE)
_REFERENCE = re.compile(r"\{(\w+)\}")


class _Block(NamedTuple):
    """A block as it is written; ``bindings`` of one that is made of another."""

    text: str
    bindings: Mapping[str, str]


@cache
def load(name: str, **given: str) -> SimpleNamespace:
    """Return the statements of ``sql/<name>.sql``, one attribute each.

    Parameters are written ``%(name)s``, as psycopg2 wants them.

    :param given: parts that are built elsewhere
    :raise KeyError: for a reference to a part that there is not
    """
    text = (files(__package__) / f"{name}.sql").read_text(encoding="utf-8")
    return compose(text, **given)


def compose(text: str, **given: str) -> SimpleNamespace:
    """Return the statements of a file's text, parts filled in."""
    blocks = {part: _Block(body, {}) for part, body in given.items()}
    names = []
    pieces = _HEAD.split(text)[1:]
    fields = (pieces[number::5] for number in range(5))
    for kind, name, base, written, body in zip(*fields, strict=True):
        if kind == "name":
            names.append(name)
        bindings = _BINDING.findall(written or "")
        blocks[name] = _Block(
            f"{{{base}}}" if base else _COMMENT.sub("", body).strip(),
            {word: f"{{{part}}}" if part else said for word, said, part in bindings},
        )
    return SimpleNamespace(**{name: _fill(name, blocks, {}) for name in names})


def _fill(name: str, blocks: Mapping[str, _Block], bound: Mapping[str, str]) -> str:
    """Return a block with all that it refers to.

    :param bound: what those that it is part of fill in
    """
    own = {
        word: _replace(said, blocks, bound)
        for word, said in blocks[name].bindings.items()
    }
    return _replace(blocks[name].text, blocks, {**bound, **own})


def _replace(text: str, blocks: Mapping[str, _Block], bound: Mapping[str, str]) -> str:
    def filled(found: re.Match[str]) -> str:
        word = found[1]
        return bound[word] if word in bound else _fill(word, blocks, bound)

    return _REFERENCE.sub(filled, text)
