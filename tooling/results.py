"""What a suite came to, read from what its tools leave behind."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# Odoo's own summary, one line for each time that tests were loaded.
_SUMMARY = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading")
_SKIPPED = re.compile(r"odoo\.\S*tests\S*: skipped ")
_ENTRY = re.compile(r"^\S+ \S+ \d+ (DEBUG|INFO|WARNING|ERROR|CRITICAL) \S+ ([^:]+): ?")

# Warnings that say something about the machine or about Odoo's own files. (On a slow
# one, what was taken back of a run may reach another worker before the first lets go.)
HARMLESS = (
    "Running as user 'root' is a security risk",
    "selfie_segmentation",
    "unaccent",
    "pg_trgm",
    "trigram",
    "Python 3.",
    "was requested to run job",
)


#: A browser on a prefork server wants messages pushed, for which a reverse proxy would
#: have to lead it to another port; without one it asks for them now and then.
HARMLESS_TRACEBACKS = ("Couldn't bind the websocket",)


class Result(NamedTuple):
    """The count of a suite, and what failed.

    :param times: seconds that each suite took, by name
    """

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: tuple[str, ...] = ()
    times: tuple[tuple[str, float], ...] = ()

    def __add__(self, other: object) -> "Result":
        assert isinstance(other, Result)
        return Result(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.failures + other.failures,
            self.times + other.times,
        )


def broken(reason: str) -> Result:
    """A suite that could not even say how it went counts as one failure."""
    return Result(failed=1, failures=(reason,))


def of_pytest(report: Path, status: int) -> Result:
    """Read the XML report of pytest; status is its exit status."""
    if status == 5:  # nothing was selected
        return Result()
    try:
        suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    except (OSError, ElementTree.ParseError):
        return broken(f"pytest ended with status {status} and left no report")
    result = Result()
    for case in (case for suite in suites for case in suite.iter("testcase")):
        result += _of_case(case)
    if status not in (0, 1) and not result.failed:
        result += broken(f"pytest ended with status {status}")
    return result


def _of_case(case: ElementTree.Element) -> Result:
    name = f"{case.get('classname', '')}.{case.get('name', '')}".strip(".")
    for kind in ("failure", "error"):
        if (found := case.find(kind)) is not None:
            reason = (found.get("message") or "").splitlines()[:1]
            return Result(failed=1, failures=(" ".join([name, *reason])[:300],))
    if case.find("skipped") is not None:
        return Result(skipped=1)
    return Result(passed=1)


def of_odoo(log: Path, status: int) -> Result:
    """Read Odoo's log: its own count, and every line that should not be there."""
    text = log.read_text(errors="replace")
    failed = total = 0
    for failures, errors, tests in _SUMMARY.findall(text):
        failed += int(failures) + int(errors)
        total += int(tests)
    skipped = len(_SKIPPED.findall(text))
    names = tuple(re.findall(r": ((?:FAIL|ERROR): .*)", text))
    result = Result(max(total - failed - skipped, 0), failed, skipped, names)
    if not failed:  # a failed test is logged as an error as well
        for line in unexpected(text):
            result += broken(f"unexpected in the log: {line}")
    if status and not result.failed:
        result += broken(f"Odoo ended with status {status}")
    if not total and not result.failed:
        result += broken("Odoo ran no test")
    return result


def unexpected(text: str) -> list[str]:
    """The warnings and errors of a server log that were not expected."""
    found = []
    for line, traceback in _entries(text):
        entry = _ENTRY.match(line)
        if not entry or entry[1] not in ("WARNING", "ERROR", "CRITICAL"):
            continue
        if any(harmless in line for harmless in HARMLESS):
            continue
        if not any(harmless in traceback for harmless in HARMLESS_TRACEBACKS):
            found.append(line[:400])
    return found


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """The lines of a log, each with those that follow it without a date."""
    line = ""
    following: list[str] = []
    for each in text.splitlines():
        if _ENTRY.match(each):
            yield line, "\n".join(following)
            line, following = each, []
        else:
            following.append(each)
    yield line, "\n".join(following)
