"""Every file of tests is run: those of Odoo are found, not listed."""

import ast
import importlib
import shutil
import sys
from types import ModuleType

import pytest

from tooling import selection, suites
from tooling.bootstrap import cache

TESTS = cache.CHECKOUT / "queue_job" / "tests"
DEMO = cache.CHECKOUT / "queue_job_demo" / "tests"


def folders_for_odoo(package):
    """The folders that a package of tests names when it is imported."""
    calls = (n for n in ast.walk(ast.parse(package.read_text())) if is_load(n))
    [call] = calls
    return ast.literal_eval(call.args[1]) if len(call.args) > 1 else ("",)


def is_load(node):
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "load_tests"


def files_of_tests(folder):
    """Every file that holds a test, whatever it is named."""
    for path in sorted(folder.rglob("*.py")):
        if any(is_test(node) for node in inside(ast.parse(path.read_text()))):
            yield path


def inside(module):
    for node in module.body:
        yield node
        if isinstance(node, ast.ClassDef):
            yield from node.body


def is_test(node):
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test_")


@pytest.fixture
def imported(tmp_path, monkeypatch):
    """Imports a copy of a package of tests with files of our own, as Odoo does."""

    def load(test_enable, *files):
        package = tmp_path / "copied_tests"
        for file in ("__init__.py", *files):
            (package / file).parent.mkdir(parents=True, exist_ok=True)
            (package / file).touch()
        for folder in folders_for_odoo(TESTS / "__init__.py"):
            (package / folder).mkdir(exist_ok=True)
            (package / folder / "__init__.py").touch()
        for name in ("__init__.py", "found.py"):
            shutil.copy(TESTS / name, package / name)
        tools = ModuleType("odoo.tools")
        tools.config = {"test_enable": test_enable}
        for name in [n for n in sys.modules if n.startswith("copied_tests")]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, "odoo", ModuleType("odoo"))
        monkeypatch.setitem(sys.modules, "odoo.tools", tools)
        monkeypatch.syspath_prepend(tmp_path)
        return importlib.import_module("copied_tests")

    yield load
    for name in [n for n in sys.modules if n.startswith("copied_tests")]:
        del sys.modules[name]


def modules_for_odoo(package):
    """What Odoo's loader takes for modules of tests."""
    found = {k: v for k, v in vars(package).items() if isinstance(v, ModuleType)}
    return {v.__name__ for k, v in found.items() if k.startswith("test_")}


def test_a_new_file_is_run_without_a_list(imported):
    package = imported(True, "model/test_new.py", "ui/test_more.py", "model/case.py")
    expected = {"copied_tests.model.test_new", "copied_tests.ui.test_more"}
    assert modules_for_odoo(package) == expected


def test_of_two_files_of_one_name_both_are_run(imported):
    package = imported(True, "http/test_same.py", "model/test_same.py")
    expected = {"copied_tests.http.test_same", "copied_tests.model.test_same"}
    assert modules_for_odoo(package) == expected


def test_a_server_that_runs_no_tests_loads_none(imported):
    package = imported(False, "model/test_new.py")
    assert modules_for_odoo(package) == set()
    assert [n for n in sys.modules if n.startswith("copied_tests.")] == []


def test_the_demo_has_its_tests_found_in_the_same_way():
    assert folders_for_odoo(DEMO / "__init__.py") == ("",)
    assert {path.parent for path in files_of_tests(DEMO)} == {DEMO}


def test_no_file_of_tests_lies_where_no_suite_looks():
    """Pytest walks whole folders, Odoo only those that are named; both only take
    files whose name says that they hold tests."""
    odoo = [TESTS / name for name in folders_for_odoo(TESTS / "__init__.py")]
    pytests = [cache.CHECKOUT / f for f in (suites.PURE | suites.INTEGRATION).values()]
    files = list(files_of_tests(TESTS))
    assert len(files) > 100
    for path in files:
        assert path.name.startswith("test_"), path
        is_found_by = [path.parent in odoo, any(f in path.parents for f in pytests)]
        assert is_found_by.count(True) == 1, path
        assert selection.is_for_odoo(path) is is_found_by[0], path
