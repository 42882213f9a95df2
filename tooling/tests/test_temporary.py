"""What the programs of a run leave in the temporary folder goes with the run."""

import subprocess
import sys
import tempfile

import pytest

from tooling import temporary
from tooling.bootstrap import cache


@pytest.fixture(autouse=True)
def system(tmp_path, monkeypatch):
    """Take a folder of the test for the system's."""
    place = tmp_path / "system"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def test_it_is_there_for_a_run_and_gone_at_its_end(system):
    with temporary.folder() as place:
        (place / "org.chromium.Chromium.x").mkdir()
        assert place.parent == system
        assert place.stat().st_mode & 0o777 == 0o711, "PostgreSQL gets through"
    assert list(system.iterdir()) == []


def test_what_a_killed_run_left_is_removed_by_the_next(system):
    (system / f"{temporary.PREFIX}killed" / "profile").mkdir(parents=True)
    (system / "of others").mkdir()
    with temporary.folder() as place:
        assert set(system.iterdir()) == {place, system / "of others"}


def test_a_run_that_goes_on_keeps_its_own(system):
    program = "tooling.tests.programs.hold_folder"
    other = subprocess.Popen(
        [sys.executable, "-m", program, system],
        cwd=cache.CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    theirs = other.stdout.readline().strip()
    with temporary.folder() as place:
        assert {str(path) for path in system.iterdir()} == {theirs, str(place)}
    other.communicate("\n", timeout=120)
    assert list(system.iterdir()) == []
