# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the documentation says of the code is still so."""

import ast
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

core = pytest.importorskip("docutils.core")
nodes = pytest.importorskip("docutils.nodes")

ADDON = Path(__file__).resolve().parents[2]
ROOT = ADDON.parent
OPERATORS = ROOT / "docs" / "operators.rst"
ARCHITECTURE = ROOT / "docs" / "architecture.rst"
READMES = ROOT.glob("queue_job*/README.rst")
PAGES = sorted([*ROOT.glob("*.rst"), *ROOT.glob("docs/**/*.rst"), *READMES])
MARKDOWN = sorted(ROOT.glob("docs/**/*.md"))
#: Severity, in docutils' terms, of what a reader would stumble over.
WARNING = 2
LEVELS = {"exception": "ERROR"}

_MARKDOWN_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PLACEHOLDER = re.compile(r"%(?:\.\d+)?[a-z]")


def document(path):
    """The page as docutils reads it."""
    settings = {"report_level": 5, "halt_level": 6, "syntax_highlight": "none"}
    return core.publish_doctree(
        path.read_text(), source_path=str(path), settings_overrides=settings
    )


def table_after(path, mark):
    """The rows of the table behind the comment ``.. mark``, cells as text."""
    page = document(path)
    comment = next(n for n in page.findall(nodes.comment) if n.astext() == mark)
    section = comment.parent
    table = next(
        node
        for node in section.children[section.index(comment) :]
        if isinstance(node, nodes.table)
    )
    return [
        [entry.astext() for entry in row.findall(nodes.entry)]
        for body in table.findall(nodes.tbody)
        for row in body.findall(nodes.row)
    ]


@cache
def modules():
    """The addon's modules but its tests, as syntax trees."""
    files = [path for path in ADDON.rglob("*.py") if "tests" not in path.parts]
    return [ast.parse(path.read_text()) for path in files]


def name(path):
    return str(path.relative_to(ROOT))


def test_there_is_something_to_check():
    assert {"README.rst", "docs/operators.rst"} <= {name(path) for path in PAGES}


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_pages_are_well_formed(path):
    found = document(path).findall(nodes.system_message)
    assert [m.astext() for m in found if m["level"] >= WARNING] == []


def links(path):
    if path.suffix == ".md":
        return _MARKDOWN_LINK.findall(path.read_text())
    page = document(path)
    targets = [n["refuri"] for n in page.findall(nodes.reference) if "refuri" in n]
    return [*targets, *(n["uri"] for n in page.findall(nodes.image))]


@pytest.mark.parametrize("path", [*PAGES, *MARKDOWN], ids=name)
def test_links_lead_somewhere(path):
    local = [uri for uri in links(path) if not re.match(r"[a-z]+:|#", uri)]
    targets = [path.parent / unquote(uri.partition("#")[0]) for uri in local]
    assert [str(target) for target in targets if not target.exists()] == []


def test_every_decision_and_page_is_in_the_index():
    index = {(ROOT / "docs" / uri).resolve() for uri in links(ROOT / "docs/README.rst")}
    pages = {*ROOT.glob("docs/adr/*.md"), *ROOT.glob("docs/*.rst")}
    assert pages - index == {ROOT / "docs" / "README.rst"}


def settings_read():
    """Names of the settings that the code asks for."""
    for call in (n for tree in modules() for n in ast.walk(tree)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            if call.func.id in ("setting", "_is_on"):
                yield from (a.value for a in call.args if isinstance(a, ast.Constant))


def test_the_settings_are_those_of_the_code():
    rows = table_after(OPERATORS, "settings-table")
    pairs = {f"jobrunner_db_{key}" for key in ("host", "port", "user", "password")}
    assert {row[0] for row in rows} == {*settings_read(), *pairs}
    assert [row[1] for row in rows] == [f"ODOO_QUEUE_JOB_{r[0].upper()}" for r in rows]


def log_calls():
    """(level, text) of every line that the code logs, ``…`` for what varies."""
    for tree in modules():
        texts = {
            node.targets[0].id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if _is_log_call(node):
                level = LEVELS.get(node.func.attr, node.func.attr.upper())
                for argument in node.args[:2]:
                    text = texts.get(getattr(argument, "id", None))
                    text = getattr(argument, "value", None) or text
                    if isinstance(text, str):
                        yield level, _PLACEHOLDER.sub("…", text)


@cache
def logged_lines():
    return set(log_calls())


def _is_log_call(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and getattr(node.func.value, "id", "") == "_logger"
    )


@pytest.mark.parametrize(("level", "line"), table_after(OPERATORS, "log-lines"))
def test_every_log_line_is_in_the_code(level, line):
    logged = logged_lines()
    assert (level, line) in logged or ("LOG", line) in logged


def test_the_rules_name_tests_that_exist():
    text = ARCHITECTURE.read_text().partition(".. rules")[2]
    named = re.findall(r"``(\w+/\w+\.py)``", text)
    assert len(named) > 20
    assert [n for n in named if not (ADDON / "tests" / n).exists()] == []


def test_the_house_names_modules_that_exist():
    text = ARCHITECTURE.read_text().partition("The way of one job")[0]
    named = re.findall(r"^ +(\w+\*?\.py)\s", text, re.MULTILINE)
    assert len(named) > 20
    assert [n for n in named if not list(ADDON.rglob(n))] == []
