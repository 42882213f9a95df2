# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The pages take their colours from Odoo, whatever scheme it has."""

import re
from pathlib import Path

import pytest

ADDON = Path(__file__).resolve().parents[2]
STYLES = sorted((ADDON / "static" / "src").rglob("*.scss"))
_FIXED = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?)\(", re.IGNORECASE)


def test_there_are_some():
    assert STYLES


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.stem)
def test_no_colour_is_fixed(path):
    assert not _FIXED.findall(path.read_text())


@pytest.mark.parametrize("said", ["color: #fff;", "color: RGBA(0, 0, 0, 0.5);"])
def test_a_fixed_one_would_be_found(said):
    assert _FIXED.search(said)
