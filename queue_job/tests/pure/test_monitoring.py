# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What alert rules and the dashboard ask for is what the metrics tell."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MONITORING = ROOT / "docs" / "monitoring"
COLLECTOR = ROOT / "queue_job_prometheus" / "collector.py"
_ASKED = re.compile(r"\bqueue_job_[a-z_]+(?=[{} =><\[\),])")
_FAMILY = re.compile(r'(Gauge|Counter)MetricFamily\(\s*"(queue_job_\w+)"')


def told():
    """Names of the metrics; those of counters end in ``_total``."""
    text = COLLECTOR.read_text()
    found = {
        name + ("_total" if kind == "Counter" else "")
        for kind, name in _FAMILY.findall(text)
    }
    # these are made in a loop, by name
    for name in re.findall(r'\("(\w+)", "(?:Attempts|Seconds)', text):
        found.add(f"queue_job_{name}_total")
    return found


def expressions(path):
    if path.suffix == ".json":
        panels = json.loads(path.read_text())["panels"]
        return [target["expr"] for panel in panels for target in panel["targets"]]
    return re.findall(r"expr: (?:>-\n)?((?:.|\n)*?)\n +for:", path.read_text())


@pytest.mark.parametrize("name", ["queue_job.rules.yml", "grafana.json"])
def test_every_metric_that_is_asked_for_is_told(name):
    asked = {m for e in expressions(MONITORING / name) for m in _ASKED.findall(f"{e} ")}
    assert len(asked) >= 4
    assert asked <= told()


def test_panels_of_the_dashboard_do_not_overlap():
    panels = json.loads((MONITORING / "grafana.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = set()
    for place in (panel["gridPos"] for panel in panels):
        cells = {
            (place["x"] + x, place["y"] + y)
            for x in range(place["w"])
            for y in range(place["h"])
        }
        assert not cells & taken
        assert max(x for x, _y in cells) < 24
        taken |= cells
