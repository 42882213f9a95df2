# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Named SQL: one file per concern, one statement per purpose, parameters only."""

import re
from functools import cache
from importlib.resources import files
from types import SimpleNamespace

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def load(name: str) -> SimpleNamespace:
    """Return the statements of ``sql/<name>.sql``, one attribute per ``-- name:``
    block.

    Parameters are written ``%(name)s``, as psycopg2 wants them.
    """
    text = (files(__package__) / f"{name}.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)[1:]
    return SimpleNamespace(
        **{
            title: body.strip()
            for title, body in zip(parts[::2], parts[1::2], strict=True)
        }
    )
