"""Child processes: output to a log, progress to the console, none left behind."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .console import Pulse, Stop, say

# Every child, with the signal by which it is asked to end.
_running: "dict[subprocess.Popen[bytes], int]" = {}
# What a child says when it fails is in one of its last lines that look like this.
_CULPRIT = ("error", "fatal", "failed", "e:", "cannot", "could not", "no such")


def start(
    command: Sequence[object],
    log: Path,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    cwd: Path | None = None,
    stdin: Path | None = None,
    ask: int = signal.SIGTERM,
) -> "subprocess.Popen[bytes]":
    """Start a command in a session of its own, its output appended to ``log``.

    ``ask`` is the signal by which it is asked to end.

    :raises Stop: if the program is missing or cannot be started.
    """
    if not shutil.which(str(command[0])):
        raise Stop(f"{command[0]} is missing on this machine")
    words = [*_tied(), *(str(word) for word in command)]
    identity = {"user": user, "group": group_of(user), "extra_groups": []}
    try:
        with open(log, "ab") as output, open(stdin or os.devnull, "rb") as given:
            child = subprocess.Popen(
                words,
                stdin=given,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env) if env is not None else None,
                cwd=cwd,
                start_new_session=True,
                **(identity if user else {}),
            )
    except OSError as error:
        raise Stop(f"{command[0]} cannot be started: {error.strerror}") from error
    _running[child] = ask
    return child


def _tied() -> list[str]:
    """What makes a child end with this process even if it is killed."""
    program = shutil.which("setpriv")
    return [program, "--pdeathsig", "TERM", "--"] if program else []


def run(
    command: Sequence[object],
    log: Path,
    what: str,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    cwd: Path | None = None,
    stdin: Path | None = None,
    progress: Callable[[], str] | None = None,
) -> None:
    """Run a command to its end.

    ``what`` names the step in progress lines and in the error.

    :raises Stop: if the command cannot be started or ends with another status than 0.
    """
    child = start(command, log, env, user, cwd, stdin)
    pulse = Pulse()
    try:
        while (status := wait(child, 0.2)) is None:
            if pulse.due():
                say(f"  {what}{': ' + progress() if progress else ' …'}")
    finally:
        stop(child, patience=3.0)  # what is half done does not count anyway
    if status:
        raise Stop(f"{what} failed: {culprit(log)} (whole output: {log})")


def output(command: Sequence[object], env: Mapping[str, str] | None = None) -> str:
    """What a short command prints, or nothing if it is missing or fails."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(env) if env is not None else None,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace").strip() if not done.returncode else ""


def wait(child: "subprocess.Popen[bytes]", seconds: float) -> int | None:
    """The exit status, or None if it is still running after that time."""
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def stop(child: "subprocess.Popen[bytes]", patience: float = 20.0) -> None:
    """End a child and everything it started: first asked, then forced."""
    if child.poll() is None:
        _signal(child, _running.get(child, signal.SIGTERM))
        if wait(child, patience) is None:
            _signal(child, signal.SIGKILL)
            child.wait()
    _signal(child, signal.SIGKILL)  # what a dead parent left in its session
    _running.pop(child, None)


def stop_all() -> None:
    """End whatever is still running, when the command itself ends."""
    for child in list(_running):
        stop(child)


def _signal(child: "subprocess.Popen[bytes]", number: int) -> None:
    try:
        os.killpg(child.pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def group_of(user: str | None) -> int | None:
    """The primary group of an unprivileged user."""
    if user is None:
        return None
    import pwd

    return pwd.getpwnam(user).pw_gid


def culprit(log: Path) -> str:
    """The line of a log that most likely says why it went wrong."""
    try:
        lines = log.read_text(errors="replace").splitlines()[-60:]
    except OSError:
        return "no output"
    lines = [line.strip() for line in lines if line.strip()]
    for line in reversed(lines):
        if any(word in line.lower() for word in _CULPRIT):
            return line[:300]
    return lines[-1][:300] if lines else "no output"
