"""Figures of several turns, as a table and as JSON."""

import json
import os
import platform
import statistics
import time
from pathlib import Path
from typing import Any

from tooling.bootstrap.console import say

from .rows import Figures

#: Of these, less is better.
_LESS = ("CPU", "ms", "s to", "MB", "%")


def summary(turns: list[Figures]) -> dict[str, dict[str, float]]:
    """Median, least and greatest of each figure."""
    names = {name: None for turn in turns for name in turn}
    return {name: _spread([t[name] for t in turns if name in t]) for name in names}


def _spread(values: list[float]) -> dict[str, float]:
    return {
        "median": statistics.median(values),
        "least": min(values),
        "greatest": max(values),
        "turns": len(values),
    }


def ratio(figure: str, ours: float, theirs: float) -> float | None:
    """How many times better ours is."""
    better, worse = (ours, theirs) if figure.startswith(_LESS) else (theirs, ours)
    return worse / better if better > 0 else None


def show(row: str, what: str, found: dict[str, list[Figures]]) -> dict[str, Any]:
    """Print a row, and answer what is kept of it."""
    say(f"\n{row}: {what}")
    kept = {name: summary(turns) for name, turns in found.items() if turns}
    figures = {figure: None for each in kept.values() for figure in each}
    for figure in figures:
        cells = "".join(_cell(name, each, figure) for name, each in kept.items())
        say(f"  {figure:24}{cells}{_ratio(kept, figure)}")
    return {"what": what, "figures": kept}


def _cell(name: str, summary: dict[str, dict[str, float]], figure: str) -> str:
    if figure not in summary:
        return ""
    s = summary[figure]
    text = f"{name} {s['median']:.5g} ({s['least']:.4g}–{s['greatest']:.4g})"
    return f"  {text:34}"


def _ratio(kept: dict[str, Any], figure: str) -> str:
    both = [kept.get(name, {}).get(figure) for name in ("ours", "existing")]
    if None in both:
        return ""
    found = ratio(figure, *(each["median"] for each in both))
    return f"  × {found:.1f}" if found is not None else ""


def machine(versions: dict[str, str]) -> dict[str, Any]:
    """Where and with what it was measured."""
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "load": os.getloadavg(),
        "python": platform.python_version(),
        "system": platform.platform(),
        **versions,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.split(":", 1)[1] for line in lines if line.startswith("model name"))
    return next(names, platform.machine()).strip()


def write(path: Path, machine: dict[str, Any], rows: dict[str, Any]) -> None:
    path.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")
    say(f"\nfigures in {path}")
