"""The suites: each runs one tool to its end and says what it came to."""

import os
import re
import signal
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from . import balancers, databases, lint, ports, promtool, selection, suite_env
from .bootstrap import cache, packages, processes
from .bootstrap.console import Pulse, say
from .bootstrap.packages import Environment
from .odoo_server import Installation, write_configuration
from .results import Result, broken, of_odoo, of_pytest

# Folders of tests for pytest. Those that need Odoo and PostgreSQL come second.
PURE = {
    "pure": "queue_job/tests/pure",
    "tooling": "tooling/tests",
    "bench": "bench/tests",
}
INTEGRATION = {
    "store": "queue_job/tests/store",
    "runner": "queue_job/tests/runner",
    "packaging": "queue_job/tests/packaging",
}
NAMES = ("lint", "odoo", "demo", "clients", "former", *PURE, *INTEGRATION)
DEMO_JOBS = 100
TIMEOUT = float(os.environ.get("QUEUE_JOB_SUITE_TIMEOUT", "2400"))
_TEST = re.compile(r"^\S+::\S.* (?:PASSED|FAILED|ERROR|SKIPPED|XFAIL)", re.MULTILINE)
_ODOO_TEST = re.compile(r": Starting (\S+) \.\.\.")


class Round(NamedTuple):
    """What one call of ``script/test`` works with."""

    environment: Environment
    folder: Path
    temporary: Path  # removed at the end
    pattern: str
    words: tuple[str, ...]
    timeout: float = TIMEOUT  # seconds that a suite may take


def is_meant(name: str, pattern: str) -> bool:
    """Whether a suite is there and may hold what a pattern names."""
    if pattern in NAMES:
        return pattern == name
    if name == "lint":
        return any(pattern.lower() in check for check in lint.CHECKS)
    if name in ("demo", "clients", "former"):
        return not pattern
    if name == "odoo":
        return not pattern or bool(selection.odoo_tags(pattern))
    folder = cache.CHECKOUT / {**PURE, **INTEGRATION}[name]
    return selection.may_match(folder, pattern)


def pure(this: Round, name: str) -> Result:
    """Tests that need neither Odoo nor PostgreSQL."""
    variables = packages.variables(this.environment, cache.CHECKOUT)
    del variables["PYTHONPATH"]
    if name == "pure":
        variables |= promtool.variables()
    return _pytest(this, name, PURE[name], variables)


def integration(
    this: Round, name: str, installation: Installation, template: str
) -> Result:
    """Tests that start what they need on a real PostgreSQL and a real Odoo."""
    prefix = databases.prefix()
    folder = this.folder / name
    variables = suite_env.variables(installation, template, prefix, folder)
    if name == "runner":
        variables |= balancers.variables()
    try:
        return _pytest(this, name, INTEGRATION[name], variables)
    finally:
        databases.drop_all(installation.server, prefix)


def recoveries(folder: Path) -> list[str]:
    """How long it took after each kind of fault until jobs went on, as the tests of a
    round noted it: a line per kind."""
    seconds: dict[str, list[float]] = {}
    for notes in folder.glob("*/recovery.txt"):
        for line in notes.read_text().splitlines():
            fault, _colon, took = line.rpartition(": ")
            seconds.setdefault(fault, []).append(float(took.removesuffix(" s")))
    return [
        f"{fault}: {len(took)} x, median {statistics.median(took):.1f} s,"
        f" at most {max(took):.1f} s"
        for fault, took in sorted(seconds.items())
    ]


def _pytest(
    this: Round, name: str, folder: str, variables: Mapping[str, str]
) -> Result:
    report = this.folder / f"{name}.xml"
    log = this.folder / f"{name}.log"
    words = ["-v", "--tb=short", f"--junitxml={report}", "-o", "junit_family=xunit1"]
    words += ["-o", f"cache_dir={cache.folder() / 'pytest'}"]
    if this.pattern and this.pattern != name:
        words += ["-k", this.pattern]
    own = {"HYPOTHESIS_STORAGE_DIRECTORY": str(this.folder / "hypo")}
    variables = {**variables, **own, "TMPDIR": str(this.temporary)}
    command = [this.environment.python, "-m", "pytest", folder, *words, *this.words]
    status = _watch(name, command, log, variables, _TEST, this.timeout)
    if status is None:
        return broken(f"{name}: not finished after {this.timeout:.0f} s (log: {log})")
    return _told(name, of_pytest(report, status), log)


def odoo(this: Round, installation: Installation, template: str) -> Result:
    """The tests that Odoo itself runs, on a fresh database."""
    tags = selection.odoo_tags("" if this.pattern == "odoo" else this.pattern)
    if not tags:
        return broken("odoo: the addons have no tests")
    addons = [
        name
        for name in selection.ADDONS
        if (cache.CHECKOUT / name / "__manifest__.py").exists()
    ]
    return odoo_tests(this, installation, template, OdooTests("odoo", addons, tags))


class OdooTests(NamedTuple):
    """Tests that Odoo itself runs.

    :param addons: to be installed
    :param tags: for ``--test-tags``
    :param options: further ones of Odoo's configuration
    :param python_path: a further folder to import from
    :param is_update: whether the addons are there already, and to be updated
    """

    name: str
    addons: Sequence[str]
    tags: str
    options: Mapping[str, object] = {}
    python_path: str = ""
    is_update: bool = False


def odoo_tests(
    this: Round, installation: Installation, template: str, tests: OdooTests
) -> Result:
    """Run tests on a fresh database."""
    name = tests.name
    database = f"{databases.prefix()}{name}"
    log = this.folder / f"{name}.log"
    port = ports.free_range(2)
    options = {"http_port": port, "gevent_port": port + 1, **tests.options}
    folder = this.folder / name
    folder.mkdir()
    conf = write_configuration(folder / "odoo.conf", installation, options)
    verb = "-u" if tests.is_update else "-i"
    words = ["-c", conf, "-d", database, verb, ",".join(tests.addons)]
    words += ["--stop-after-init", "--test-tags", tests.tags, "--without-demo=True"]
    variables = {**installation.variables(), "TMPDIR": str(this.temporary)}
    if tests.python_path:
        variables["PYTHONPATH"] += os.pathsep + tests.python_path
    databases.create(installation.server, database, template)
    try:
        command = installation.command(*words)
        status = _watch(name, command, log, variables, _ODOO_TEST, this.timeout)
    finally:
        databases.drop(installation.server, database)
    if status is None:
        return broken(f"{name}: not finished after {this.timeout:.0f} s (log: {log})")
    return _told(name, of_odoo(log, status), log)


def demo(this: Round) -> Result:
    """The demo as a newcomer starts it: a prefork server, jobs of every kind."""
    log = this.folder / "demo.log"
    command = [cache.CHECKOUT / "script" / "demo", "--exit", "--jobs", DEMO_JOBS]
    status = _watch("demo", command, log, os.environ, re.compile("ended as intended"))
    if status == 0:
        return Result(passed=1)
    return _told("demo", broken(processes.culprit(log)), log)


def _watch(
    name: str,
    command: list[object],
    log: Path,
    variables: Mapping[str, str],
    mark: re.Pattern[str],
    timeout: float = TIMEOUT,
) -> int | None:
    """Run to the end, saying how many tests were met; None if it took too long."""
    begun = time.monotonic()
    pulse = Pulse(10.0)
    # pytest ends the servers of its tests when it is interrupted.
    child = processes.start(
        command, log, variables, cwd=cache.CHECKOUT, ask=signal.SIGINT
    )
    try:
        while (status := processes.wait(child, 0.1)) is None:
            if time.monotonic() - begun > timeout:
                return None
            if pulse.due():
                seen = len(mark.findall(log.read_text(errors="replace")))
                say(f"  {name}: {seen} tests, {time.monotonic() - begun:.0f} s")
    finally:
        processes.stop(child)
    return status


def _told(name: str, result: Result, log: Path) -> Result:
    failures = tuple(f"{name}: {failure}" for failure in result.failures)
    if result.failed:
        failures += (f"{name}: whole output in {log}",)
    return result._replace(failures=failures)


Suite = Callable[[], Result]
