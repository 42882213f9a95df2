"""The commands as a user calls them: one line on stderr, a status, no traceback."""

import os
import subprocess

import pytest

from tooling.bootstrap import cache, ending, parsers
from tooling.bootstrap.console import Stop


def call(name, *words, **variables):
    return subprocess.run(
        [cache.CHECKOUT / "script" / name, *words],
        cwd=cache.CHECKOUT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("name", parsers.COMMANDS)
def test_every_command_explains_itself(name):
    done = call(name, "--help")
    assert done.returncode == 0
    assert f"script/{name}" in done.stdout
    assert done.stderr == ""


def test_a_cache_that_cannot_be_used_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    done = call("setup", QUEUE_JOB_CACHE=str(tmp_path / "file" / "x"))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "QUEUE_JOB_CACHE" in done.stderr


@pytest.mark.parametrize(
    ("error", "status"),
    [(Stop("no\nnetwork"), 1), (KeyboardInterrupt(), 130), (OSError("disk"), 1)],
)
def test_every_way_to_end_badly_is_one_line(error, status, monkeypatch, capsys):
    def fail(_words):
        raise error

    monkeypatch.setattr(ending.signal, "signal", lambda *_given: None)
    monkeypatch.setattr(ending.sys.stdout, "reconfigure", dict, raising=False)
    monkeypatch.setattr(ending.sys.stderr, "reconfigure", dict, raising=False)
    assert ending.told(fail, ["setup"]) == status
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_help_fetches_nothing(tmp_path):
    done = call("test", "--help", QUEUE_JOB_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 0
    assert not (tmp_path / "cache").exists()


def test_a_wrong_number_of_jobs_is_explained():
    done = call("demo", "--jobs", "many")
    assert done.returncode == 2
    assert "many is no number" in done.stderr
