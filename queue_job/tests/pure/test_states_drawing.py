# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The drawing of the state machine in the documentation."""

import importlib.util
from pathlib import Path

from odoo.addons.queue_job.core import states

DOCS = Path(__file__).resolve().parents[3] / "docs"


def _drawer():
    path = DOCS / "draw_states.py"
    spec = importlib.util.spec_from_file_location("draw_states", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_drawing_is_current():
    drawer = _drawer()
    drawn = drawer.DRAWING.read_text(encoding="utf-8")
    assert drawn == drawer.draw(drawer.load_states()), "run docs/draw_states.py"


def test_every_move_is_drawn_with_a_label():
    page = _drawer().draw(states)
    for move in states.TRANSITIONS.values():
        for source in move.sources:
            assert any(
                line.strip().startswith(f"{source} --> {move.target}:")
                and f"{move.name} ({move.made_by})" in line
                for line in page.splitlines()
            )
