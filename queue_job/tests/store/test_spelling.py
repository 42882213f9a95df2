# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""States are named in ``core.states``; wherever else one is spelt, it is spelt so."""

import ast
import re
from itertools import chain
from pathlib import Path

import pytest

from odoo.addons.queue_job.core.states import (
    DISPATCHED,
    FINAL,
    UNDER_WAY,
    WAITING,
    State,
)
from odoo.addons.queue_job.store import deduplication, delay_in_sql, expiry
from odoo.addons.queue_job.store.sql import load

ADDON = Path(__file__).resolve().parents[2]
NEUTRALIZE = ADDON / "data" / "neutralize.sql"
SQL_FILES = sorted(path.stem for path in (ADDON / "store" / "sql").glob("*.sql"))
#: ``state = 'x'``, ``state IN ('x', 'y')``, ``state NOT IN (OLD.state, 'x')`` …
_COMPARISON = re.compile(
    r"\bstate\s*(?:=|<>|!=|(?:NOT\s+)?IN)\s*(\([^)]*\)|'[^']*')", re.IGNORECASE
)
_WORD = re.compile(r"'([^']*)'")


def spelt_states(text):
    """The words that SQL compares the column ``state`` with."""
    return {
        word
        for compared in _COMPARISON.findall(text)
        for word in _WORD.findall(compared)
    }


def index_conditions():
    """Name and SQL of each index of the table of jobs, as its model defines it."""
    parts = sorted((ADDON / "models" / "queue_job").glob("*.py"))
    trees = [ast.parse(part.read_text(encoding="utf-8")) for part in parts]
    for node in chain.from_iterable(map(ast.walk, trees)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if ast.unparse(node.value.func).endswith("Index"):
                yield ast.unparse(node.targets[0]), ast.literal_eval(node.value.args[0])


def test_the_reader_of_spellings_finds_them():
    text = "WHERE state = 'a' AND NEW.state NOT IN (OLD.state, 'b') OR state IN ('c')"
    assert spelt_states(text) == {"a", "b", "c"}


@pytest.mark.parametrize("name", SQL_FILES)
def test_sql_files_spell_states_as_the_core_does(name):
    text = (ADDON / "store" / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    assert spelt_states(text) <= set(State)


@pytest.mark.parametrize("name", SQL_FILES)
def test_sql_files_load_as_named_statements(name):
    given = {
        "deduplication": deduplication.MOVES,
        "delay": delay_in_sql.DEFAULTS,
        "expiry": expiry.MOVES,
    }.get(name, {})
    statements = vars(load(name, **given))
    assert statements
    for text in statements.values():
        assert text and "-- name:" not in text
        assert not re.search(r"\{\w+\}", text), "every part is filled in"


def test_indexes_spell_states_as_the_core_does():
    conditions = dict(index_conditions())
    assert conditions
    for condition in conditions.values():
        assert spelt_states(condition) <= set(State)


def test_the_identity_index_covers_exactly_the_states_in_which_a_job_may_count():
    conditions = dict(index_conditions())
    condition = conditions["_identity_key_state_partial_index"]
    assert spelt_states(condition) == UNDER_WAY


def test_the_index_of_dispatched_jobs_covers_exactly_these():
    assert spelt_states(dict(index_conditions())["_dispatched_idx"]) == DISPATCHED


def test_the_database_has_the_indexes_with_these_conditions(cr):
    cr.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename='queue_job'")
    definitions = dict(cr.fetchall())
    for name, condition in index_conditions():
        definition = definitions[f"queue_job_{name.lstrip('_')}"]
        spelt = set(_WORD.findall(definition))
        assert spelt == spelt_states(condition), name


def test_ended_and_dispatched_jobs_are_told_apart():
    assert not FINAL & DISPATCHED
    assert not FINAL & WAITING


def test_one_module_moves_jobs_in_sql():
    update = re.compile(
        r"\bUPDATE\s+queue_job\s+SET\b(.*?)(?:\bWHERE\b|$)", re.S | re.I
    )
    sets_state = re.compile(r"\bstate\s*=", re.I)
    code = [path for path in ADDON.rglob("*.py") if "tests" not in path.parts]
    assert [p.name for p in code if update.search(p.read_text("utf-8"))] == [
        "transitions.py"
    ]
    for path in set(ADDON.rglob("*.sql")) - {NEUTRALIZE}:
        for assigned in update.findall(path.read_text("utf-8")):
            assert not sets_state.search(assigned), path.name


def test_neutralizing_cancels_exactly_what_could_run():
    """Odoo executes the file as it is, in a copy that no runner serves."""
    statements = NEUTRALIZE.read_text(encoding="utf-8")
    [target] = re.findall(r"SET state = '(\w+)'", statements)
    assert spelt_states(statements) == set(State) - FINAL | {State.CANCELLED}
    assert target == State.CANCELLED
