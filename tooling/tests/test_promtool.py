"""promtool: the system's own, or an unpacked one, or none."""

import pytest

from tooling import promtool
from tooling.bootstrap import cache
from tooling.bootstrap.console import Stop


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("QUEUE_JOB_CACHE", str(tmp_path))
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(promtool.debian, "is_debian", lambda: True)
    return tmp_path


def _fetch_in_vain(*_arguments):
    raise Stop("no network")


def test_that_of_the_system_is_taken(place, monkeypatch):
    own = place / "bin" / "promtool"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.setattr(promtool.debian, "download", _fetch_in_vain)
    assert promtool.variables() == {}


def test_else_it_is_unpacked_once(monkeypatch):
    fetched = []

    def unpack(files, prefix, _log):
        fetched.append(files)
        (prefix / "usr/bin").mkdir(parents=True)

    monkeypatch.setattr(promtool.debian, "download", lambda names, *_: list(names))
    monkeypatch.setattr(promtool.debian, "unpack", unpack)
    program = cache.folder() / promtool.FOLDER / "usr/bin/promtool"
    for _time in range(2):
        assert promtool.variables() == {"QUEUE_JOB_PROMTOOL": str(program)}
    assert fetched == [["prometheus"]]


def test_without_it_the_tests_go_on(monkeypatch, capsys):
    monkeypatch.setattr(promtool.debian, "download", _fetch_in_vain)
    assert promtool.variables() == {}
    assert "no network" in capsys.readouterr().out
