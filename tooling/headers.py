"""The two lines of copyright and licence that every Python file of an add-on begins
with."""

from collections.abc import Iterator
from pathlib import Path

from .bootstrap import cache

HEADER = """\
# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""
ADDONS = ("queue_job", "queue_job_demo", "queue_job_prometheus")


def lacking() -> Iterator[Path]:
    """Find the files that do not begin with the header; empty ones need none."""
    for addon in ADDONS:
        for path in sorted((cache.CHECKOUT / addon).rglob("*.py")):
            text = path.read_text()
            if text.strip() and not text.startswith(HEADER):
                yield path


def add() -> None:
    """Write the header into every file that lacks it."""
    for path in lacking():
        path.write_text(HEADER + path.read_text())
