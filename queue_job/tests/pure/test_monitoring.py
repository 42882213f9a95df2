# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What alert rules and the dashboard ask for is what the metrics tell."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MONITORING = ROOT / "docs" / "monitoring"
COLLECTOR = ROOT / "queue_job_prometheus" / "collector.py"
PROMTOOL = os.environ.get("QUEUE_JOB_PROMTOOL") or shutil.which("promtool")
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


@pytest.mark.skipif(not PROMTOOL, reason="promtool is not there")
@pytest.mark.parametrize("words", [["check", "rules"], ["test", "rules"]])
def test_promtool_finds_no_fault_in_the_rules(words):
    name = "queue_job.rules.test.yml" if words[0] == "test" else "queue_job.rules.yml"
    done = subprocess.run(
        [PROMTOOL, *words, name], cwd=MONITORING, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


@pytest.mark.skipif(not PROMTOOL, reason="promtool is not there")
def test_promtool_reads_the_scrape_configuration(tmp_path):
    token = tmp_path / "token"
    token.write_text("a long random word")
    text = (MONITORING / "prometheus.yml").read_text()
    named = text.replace("/etc/prometheus/queue_job_token", str(token))
    assert named != text
    (tmp_path / "prometheus.yml").write_text(named)
    shutil.copy(MONITORING / "queue_job.rules.yml", tmp_path)
    done = subprocess.run(
        [PROMTOOL, "check", "config", "prometheus.yml"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not PROMTOOL, reason="promtool is not there")
def test_promtool_reads_every_expression_of_the_dashboard(tmp_path):
    rules = ["groups:", "- name: dashboard", "  rules:"]
    for number, asked in enumerate(expressions(MONITORING / "grafana.json")):
        plain = asked.replace("$__rate_interval", "5m").replace("$instance", ".*")
        assert "$" not in plain
        rules.append(f"  - record: panel:{number}")
        rules.append(f"    expr: {json.dumps(plain)}")
    (tmp_path / "rules.yml").write_text("\n".join(rules))
    done = subprocess.run(
        [PROMTOOL, "check", "rules", "rules.yml"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


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
