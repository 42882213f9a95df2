"""Children end with their parents' wish, and their failures are told in one line."""

import os
import subprocess
import sys
import time

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
    """Whether a process is gone within ten seconds."""
    deadline = time.monotonic() + 10
    while _lives(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not _lives(pid)


def _lives(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().split()[2] != "Z"
    except OSError:
        return False


def test_the_output_of_a_failing_command_is_nothing():
    assert processes.output(["false"]) == ""
    assert processes.output(["no-such-program"]) == ""
    assert processes.output(["echo", "x"], os.environ) == "x"


def test_children_end_with_a_killed_parent(tmp_path):
    code = (
        "import os; from pathlib import Path; from tooling.bootstrap import processes;"
        f"log = Path({str(tmp_path / 'log')!r});"
        "child = processes.start(['sh', '-c', 'echo up; exec sleep 60'], log);"
        "print(child.pid, flush=True)\n"
        "while not log.read_text(): pass\n"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cache.CHECKOUT, stdout=subprocess.PIPE
    )
    assert _ends(int(done.stdout))
