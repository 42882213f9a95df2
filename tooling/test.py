"""``script/test``: every test there is, or those that a pattern names."""

import argparse
import functools
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

from . import clients, databases, former, lint, setup, suites, temporary
from .bootstrap import cache, packages, parsers, processes
from .bootstrap.console import Stop, complain, say
from .results import Result, broken
from .suites import Round, Suite

#: Seconds that a suite may take in its long form.
LONG_FORM = 4 * 3600.0

#: Suites with published add-ons of others.
OTHERS = {"clients": clients.suite, "former": former.suite}


def main(words: list[str]) -> int:
    words, further = _split(words)
    options = parsers.parse("test", words)
    begun = time.monotonic()
    environment = packages.get()
    folder = cache.run_folder("tests")
    with temporary.folder() as place:
        this = Round(environment, folder, place, options.pattern, further)
        result = _result(this, options)
    return _verdict(this, result, time.monotonic() - begun)


def _result(this: Round, options: argparse.Namespace) -> Result:
    if options.nightly:
        return _nightly(this)
    if options.faults:
        return _faults(this)
    result = _pure_round(this)
    names = ["odoo", *suites.INTEGRATION, "demo"]
    names += [name for name in OTHERS if options.clients or options.pattern == name]
    names = [name for name in names if suites.is_meant(name, this.pattern)]
    if names and not options.pure:
        result += _whole_round(this, names)
    return result


def _split(words: list[str]) -> tuple[list[str], tuple[str, ...]]:
    if "--" not in words:
        return words, ()
    cut = words.index("--")
    return words[:cut], tuple(words[cut + 1 :])


def _nightly(this: Round) -> Result:
    """Every test that has a long form, in it: properties with many more examples, large
    tables several times as large, faults again and again."""
    os.environ.setdefault("HYPOTHESIS_PROFILE", "thorough")
    os.environ.setdefault("QUEUE_JOB_TEST_SIZE", "5")
    this = this._replace(timeout=max(suites.TIMEOUT, LONG_FORM))
    result = _pure_round(this._replace(pattern="pure"))
    result += _whole_round(this._replace(pattern=""), ["odoo", "store"])
    return result + _faults(this, "faults or large")


def _faults(this: Round, marked: str = "faults") -> Result:
    """The long form of the tests of the runner that are so marked, and what they
    measured."""
    os.environ.setdefault("QUEUE_JOB_FAULTS_JOBS", "10000")
    os.environ.setdefault("QUEUE_JOB_FAULTS_ROUNDS", "5")
    this = this._replace(
        pattern="runner",
        words=("-m", marked, *this.words),
        timeout=max(suites.TIMEOUT, LONG_FORM),
    )
    result = _whole_round(this, ["runner"])
    for line in suites.recoveries(this.folder):
        say(f"  {line}")
    return result


def _pure_round(this: Round) -> Result:
    jobs: dict[str, Suite] = {}
    if suites.is_meant("lint", this.pattern):
        word = "" if this.pattern == "lint" else this.pattern
        jobs["lint"] = functools.partial(lint.run, this.environment, word)
    for name in suites.PURE:
        if suites.is_meant(name, this.pattern):
            jobs[name] = functools.partial(suites.pure, this, name)
    return _run(jobs)


def _whole_round(this: Round, names: list[str]) -> Result:
    """The suites that need Odoo and PostgreSQL: Odoo's own beside all others."""
    with setup.installation(with_browser="odoo" in names) as installation:
        if installation.environment != this.environment:
            raise Stop("the Python packages changed meanwhile: try again")
        template = databases.template(installation)
        given = (installation, template)
        odoo: dict[str, Suite] = {}
        others: dict[str, Suite] = {}
        for name in names:
            if name == "odoo":
                odoo[name] = functools.partial(suites.odoo, this, *given)
            elif name in OTHERS:
                others[name] = functools.partial(OTHERS[name], this, *given)
            elif name == "demo":
                others[name] = functools.partial(suites.demo, this)
            else:
                others[name] = functools.partial(suites.integration, this, name, *given)
        return _side_by_side(odoo, others)


def _side_by_side(*lanes: dict[str, Suite]) -> Result:
    """Each lane runs its suites one after the other, beside the other lanes."""
    with ThreadPoolExecutor(len(lanes)) as pool:
        running = [pool.submit(_run, lane) for lane in lanes]
        try:
            return sum((lane.result() for lane in running), Result())
        except BaseException:
            # The pool waits for its lanes: let them come to their end now.
            for lane in lanes:
                lane.clear()
            processes.stop_all()
            raise


def _run(jobs: dict[str, Suite]) -> Result:
    total = Result()
    while jobs:
        name = next(iter(jobs))
        suite = jobs.pop(name)
        begun = time.monotonic()
        try:
            result = suite()
        except Stop as error:
            result = broken(f"{name}: {error}")
        if result != Result():
            took = time.monotonic() - begun
            result = result._replace(times=((name, took),))
            skipped = f", {result.skipped} skipped" if result.skipped else ""
            counts = f"{result.passed} passed, {result.failed} failed{skipped}"
            say(f"{name}: {counts} ({took:.0f} s)")
        total += result
    return total


def _verdict(this: Round, result: Result, took: float) -> int:
    if result == Result():
        raise Stop(f"nothing matches {this.pattern}")
    for name, seconds in sorted(result.times, key=lambda pair: -pair[1]):
        say(f"  {name:<10} {seconds:5.0f} s")
    for failure in result.failures:
        complain(failure)
    if not result.failed:
        shutil.rmtree(this.folder, ignore_errors=True)
    skipped = f"{result.skipped} skipped, " if result.skipped else ""
    say(f"{skipped}{took:.0f} s")
    say(f"{result.passed} passed, {result.failed} failed")
    return 1 if result.failed else 0
