"""The balancers of the tests: the system's own, or unpacked ones, or none."""

import pytest

from tooling import balancers
from tooling.bootstrap import cache
from tooling.bootstrap.console import Stop


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("QUEUE_JOB_CACHE", str(tmp_path))
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def _install(folder, *names):
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)


def _fetch_in_vain(*_arguments):
    raise Stop("no network")


def test_those_of_the_system_are_taken(place, monkeypatch):
    _install(place / "bin", *balancers.NAMES)
    monkeypatch.setattr(balancers.debian, "download", _fetch_in_vain)
    assert balancers.variables() == {}


def test_else_they_are_unpacked_once(place, monkeypatch):
    _install(place / "bin", "nginx")
    fetched = []

    def unpack(files, prefix, _log):
        fetched.append(files)
        (prefix / "usr/sbin").mkdir(parents=True)

    monkeypatch.setattr(balancers.debian, "is_debian", lambda: True)
    monkeypatch.setattr(balancers.debian, "download", lambda names, *_: list(names))
    monkeypatch.setattr(balancers.debian, "unpack", unpack)
    for _time in range(2):
        programs = cache.folder() / balancers.FOLDER / "usr/sbin"
        assert balancers.variables()["QUEUE_JOB_BALANCERS"] == str(programs)
        assert programs.is_dir()
    assert fetched == [list(balancers.PACKAGES)]


def test_without_them_the_tests_go_on(monkeypatch, capsys):
    monkeypatch.setattr(balancers.debian, "is_debian", lambda: True)
    monkeypatch.setattr(balancers.debian, "download", _fetch_in_vain)
    assert balancers.variables() == {}
    assert "no network" in capsys.readouterr().out
