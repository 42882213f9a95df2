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
    return Environment(tmp_path)


def test_they_are_fetched_once(environment, monkeypatch):
    asked = []

    def pip(_environment, folder, requirements, _log):
        asked.append((folder.name, requirements.name))

    def npm(command, *_words, **_options):
        prefix = Path(command[command.index("--prefix") + 1])
        asked.append(sorted(path.name for path in prefix.glob("*.json")))
        (prefix / "node_modules" / "prettier").mkdir(parents=True)

    monkeypatch.setattr(node.packages, "install_into", pip)
    monkeypatch.setattr(node.processes, "run", npm)
    for _time in range(2):
        found = node.get(environment)
        assert (found.folder / "node_modules" / "prettier").is_dir()
    assert asked == [("python", "node.txt"), ["package-lock.json", "package.json"]]


@pytest.mark.parametrize("lacking", ["packages.install_into", "processes.run"])
def test_without_them_the_checks_are_skipped(lacking, environment, monkeypatch, capsys):
    def fail(*_words, **_options):
        raise Stop("no network")

    monkeypatch.setattr(node.packages, "install_into", lambda *_words: None)
    monkeypatch.setattr(f"tooling.node.{lacking}", fail)
    for name in ("prettier", "eslint"):
        result = lint.run(environment, name)
        assert (result.passed, result.failed) == (0, 0)
    assert "no network" in capsys.readouterr().out
    assert not list(cache.folder().glob("*node-*"))


def test_pre_commit_uses_the_versions_of_the_lint():
    hooked = dict(re.findall(r'"(\S+?)(?:==|(?<=.)@)([\d.]+)"', HOOKS.read_text()))
    pins = (packages.REQUIREMENTS / "dev.txt").read_text()
    asked = dict(re.findall(r"^(\S+)==(\S+)$", pins, re.MULTILINE))
    asked |= json.loads((node.FOLDER / "package.json").read_text())["devDependencies"]
    expected = ("ruff", "pylint-odoo", "prettier", "@prettier/plugin-xml", "eslint")
    assert hooked == {name: asked[name] for name in expected}
