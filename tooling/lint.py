"""``script/lint``: style, types, import contracts, XML and JavaScript."""

import os
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

from . import headers, node, readme
from .bootstrap import cache, packages, parsers, processes
from .bootstrap.console import complain, say
from .bootstrap.packages import Environment
from .results import Result, broken

_KEPT = re.compile(r"^(.*\S) (KEPT|BROKEN)$", re.MULTILINE)


def main(words: list[str]) -> int:
    options = parsers.parse("lint", words)
    environment = packages.get()
    if options.fix:
        _fix(environment)
    result = run(environment, "")
    for failure in result.failures:
        complain(failure)
    say(f"{result.passed} passed, {result.failed} failed")
    return 1 if result.failed else 0


def _fix(environment: Environment) -> None:
    headers.add()
    readme.write()
    log = cache.log_file("ruff-fix")
    for words in (["check", "--fix", "--exit-zero"], ["format"]):
        ruff = [environment.python, "-m", "ruff", *words, "--no-cache", cache.CHECKOUT]
        processes.run(ruff, log, "ruff")
    if found := node.get(environment):
        processes.run(found.prettier("--write"), log, "prettier", cwd=cache.CHECKOUT)


def run(environment: Environment, pattern: str) -> Result:
    """Every check whose name holds the pattern; each counts as one test."""
    result = Result()
    for name, check in CHECKS.items():
        if pattern.lower() in name:
            outcome = check(environment)
            say(f"  lint: {name} {'failed' if outcome.failed else 'ok'}")
            result += outcome
    return result


def _tool(environment: Environment, name: str, *words: object) -> Result:
    return _program(name, environment, [environment.python, "-m", *words])


def _program(name: str, environment: Environment, command: list[object]) -> Result:
    status, text = _output(environment, name, command)
    return broken(f"{name}:\n{text}") if status else Result(passed=1)


def _output(
    environment: Environment, name: str, command: list[object]
) -> tuple[int, str]:
    log = cache.log_file(f"lint-{name.replace(' ', '-')}-{os.getpid()}")
    variables = packages.variables(environment, cache.CHECKOUT)
    del variables["PYTHONPATH"]
    child = processes.start(command, log, variables, cwd=cache.CHECKOUT)
    try:
        status = child.wait(timeout=600)
    finally:
        processes.stop(child)
    text = log.read_text(errors="replace").strip()
    cache.forget(log)
    return status, text


def _ruff_check(environment: Environment) -> Result:
    words = ("check", "--output-format=concise", "--no-cache", ".")
    return _tool(environment, "ruff check", "ruff", *words)


def _ruff_format(environment: Environment) -> Result:
    words = ("format", "--check", "--no-cache", "--output-format=concise", ".")
    return _tool(environment, "ruff format", "ruff", *words)


def _pylint(environment: Environment) -> Result:
    """What OCA asks of Odoo modules; ``.pylintrc`` says what of it."""
    return _tool(environment, "pylint", "pylint", *headers.ADDONS)


def _prettier(environment: Environment) -> Result:
    if found := node.get(environment):
        return _program("prettier", environment, found.prettier("--check"))
    return Result()


def _eslint(environment: Environment) -> Result:
    if found := node.get(environment):
        return _program("eslint", environment, found.eslint())
    return Result()


def _mypy(environment: Environment) -> Result:
    place = cache.folder() / "mypy"
    return _tool(environment, "mypy", "mypy", "--cache-dir", place)


def _import_contracts(environment: Environment) -> Result:
    """Every contract counts: a broken one says which import breaks it."""
    program = environment.folder / "bin" / "lint-imports"
    words = ["--no-logo", "--no-cache"]
    status, text = _output(environment, "imports", [program, *words])
    verdicts = [verdict for _name, verdict in _KEPT.findall(text)]
    kept, lost = verdicts.count("KEPT"), verdicts.count("BROKEN")
    if status and not lost:
        return broken(f"import contracts:\n{text}")
    failures = (f"import contracts:\n{text}",) if lost else ()
    return Result(passed=kept, failed=lost, failures=failures)


def _relative(_environment: Environment) -> Result:
    """The import contracts do not see the addon's name inside ``odoo.addons``."""
    absolute = re.compile(r"^\s*(from|import) odoo\.addons\.queue_job\b", re.MULTILINE)
    addon = cache.CHECKOUT / "queue_job"
    failures = tuple(
        f"relative imports: {path.relative_to(cache.CHECKOUT)} imports its own addon"
        " by its whole name: begin with a dot"
        for path in sorted(addon.rglob("*.py"))
        # scripts of migrations are in no package
        if path.relative_to(addon).parts[0] not in ("migrations", "tests")
        and absolute.search(path.read_text())
    )
    return Result(failed=1, failures=failures) if failures else Result(passed=1)


def _xml(_environment: Environment) -> Result:
    failures = []
    for path in sorted(cache.CHECKOUT.glob("queue_job*/**/*.xml")):
        try:
            ElementTree.parse(path)
        except ElementTree.ParseError as error:
            failures.append(f"xml: {path.relative_to(cache.CHECKOUT)}: {error}")
    if failures:
        return Result(failed=1, failures=tuple(failures))
    return Result(passed=1)


def _headers(_environment: Environment) -> Result:
    files = [str(path.relative_to(cache.CHECKOUT)) for path in headers.lacking()]
    if files:
        named = ", ".join(files)
        return broken(f"headers: script/lint --fix writes those that miss in {named}")
    return Result(passed=1)


def _readme(_environment: Environment) -> Result:
    files = [str(path.relative_to(cache.CHECKOUT)) for path in readme.stale()]
    if files:
        named = ", ".join(files)
        return broken(
            f"readme: the fragments say otherwise, script/lint --fix: {named}"
        )
    return Result(passed=1)


def _shell(_environment: Environment) -> Result:
    """Every command of a developer's day can be run."""
    for path in sorted(Path(cache.CHECKOUT).glob("script/*")):
        if path.is_file() and not os.access(path, os.X_OK):
            return broken(f"scripts: {path.name} is not executable")
    return Result(passed=1)


CHECKS: dict[str, Callable[[Environment], Result]] = {
    "ruff check": _ruff_check,
    "ruff format": _ruff_format,
    "pylint": _pylint,
    "prettier": _prettier,
    "eslint": _eslint,
    "mypy": _mypy,
    "import contracts": _import_contracts,
    "relative imports": _relative,
    "headers": _headers,
    "readme": _readme,
    "xml": _xml,
    "scripts": _shell,
}
