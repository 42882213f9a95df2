"""Children end with their parents' wish, and their failures are told in one line."""

import contextlib
import os
import subprocess
import sys
import time

import psutil
import pytest

from tooling.bootstrap import cache, processes
from tooling.bootstrap.console import Stop


def test_a_failure_tells_the_line_that_matters(tmp_path):
    script = "echo begin; echo 'E: no such package'; echo bye; exit 3"
    with pytest.raises(Stop, match="fetching failed: E: no such package"):
        processes.run(["sh", "-c", script], tmp_path / "log", "fetching")


def test_a_missing_program_is_named(tmp_path):
    with pytest.raises(Stop, match="no-such-program is missing"):
        processes.run(["no-such-program"], tmp_path / "log", "trying")


def test_grandchildren_end_too(tmp_path):
    log = tmp_path / "log"
    child = processes.start(["sh", "-c", "sleep 60 & echo $!; wait"], log)
    deadline = time.monotonic() + 10
    while not log.read_text().strip() and time.monotonic() < deadline:
        processes.wait(child, 0.02)
    grandchild = int(log.read_text())
    processes.stop(child)
    assert _ends(grandchild)


def _ends(pid):
    """Whether a process is gone, or will be, unless it hangs."""
    deadline = time.monotonic() + 120
    while _lives(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not _lives(pid)


def _lives(pid):
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def test_the_output_of_a_failing_command_is_nothing():
    assert processes.output(["false"]) == ""
    assert processes.output(["no-such-program"]) == ""
    assert processes.output(["echo", "x"], os.environ) == "x"


def test_children_end_with_a_killed_parent(tmp_path):
    program = "tooling.tests.programs.killed_parent"
    done = subprocess.run(
        [sys.executable, "-m", program, tmp_path / "log"],
        cwd=cache.CHECKOUT,
        stdout=subprocess.PIPE,
    )
    assert _ends(int(done.stdout))
