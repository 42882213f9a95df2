#!/usr/bin/env python3
"""Draw the state machine of a job: writes ``states.md`` beside this file.

The transitions are data (``queue_job/core/states.py``); a test fails while the drawing
differs from them. Needs nothing but Python.
"""

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
STATES = HERE.parent / "queue_job" / "core" / "states.py"
DRAWING = HERE / "states.md"

HEAD = """\
# The states of a job

<!-- Written by docs/draw_states.py from queue_job/core/states.py. Do not edit. -->

A new job is `pending`, or `wait_dependencies` while a job it depends on is not done.
"""

TABLE_HEAD = """\
## The transitions

Every transition names the states it may start from; a job that is in another state by then
stays as it is. *Stamped* columns are set to the time of the transition (UTC), *cleared* ones
are emptied, *counted* ones go up by one.

| transition | made by | from | to | stamped | cleared | counted |
|---|---|---|---|---|---|---|
"""

WHO = """
## Who makes them

- **runner**: dispatches jobs, returns what no worker began to pending, rescues what a
  dead worker left.
- **worker**: the Odoo process that executes the job.
- **person**: a button or wizard of the Job Queue menu, or code that acts for a person.
- **add-on**: code that executes jobs itself through the class `Job`.
"""


def load_states():
    """The module with the transitions, without importing the addon."""
    spec = importlib.util.spec_from_file_location("queue_job_states", STATES)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def draw(states) -> str:
    """The whole page as Markdown."""
    moves = list(states.TRANSITIONS.values())
    return "\n".join([HEAD, *_diagrams(states, moves), TABLE_HEAD]).rstrip("\n") + (
        "\n" + "\n".join(_row(states, move) for move in moves) + "\n" + WHO
    )


def _diagrams(states, moves):
    yield "## The way of a job\n"
    yield from _diagram(states, [m for m in moves if m.made_by in ("runner", "worker")])
    yield "\n## What people and other add-ons can do\n"
    yield from _diagram(states, [m for m in moves if m.made_by in ("person", "add-on")])
    yield ""


def _diagram(states, moves):
    yield "```mermaid\nstateDiagram-v2"
    yield "    [*] --> pending\n    [*] --> wait_dependencies"
    for source in states.State:
        for target in states.State:
            names = [
                f"{m.name} ({m.made_by})"
                for m in moves
                if source in m.sources and m.target == target
            ]
            if names:
                yield f"    {source} --> {target}: {', '.join(names)}"
    yield "```"


def _row(states, move):
    sources = [state for state in states.State if state in move.sources]
    cells = (
        [f"**{move.name}**", move.made_by, _code(sources), _code([move.target])]
        + [_code(move.stamped), _code(move.cleared), _code(move.counted)]
    )
    return f"| {' | '.join(cells)} |"


def _code(words):
    return ", ".join(f"`{word}`" for word in words)


if __name__ == "__main__":
    DRAWING.write_text(draw(load_states()), encoding="utf-8")
    print(f"written: {DRAWING}")
