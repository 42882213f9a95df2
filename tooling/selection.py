"""Which tests a pattern means."""

import ast
from collections.abc import Iterator
from pathlib import Path

from .bootstrap import cache

ADDONS = ("queue_job", "queue_job_demo", "queue_job_prometheus")


def odoo_tags(pattern: str) -> str:
    """What to hand to Odoo's ``--test-tags``; empty if nothing matches.

    The pattern is looked for in the names of files, classes and methods.
    """
    addons = [name for name in ADDONS if _has_tests(cache.CHECKOUT / name)]
    if not pattern:
        return ",".join(f"/{name}" for name in addons)
    return ",".join(
        tag for name in addons for tag in _matching(cache.CHECKOUT / name, pattern)
    )


def may_match(folder: Path, pattern: str) -> bool:
    """Whether a test that pytest finds below a folder may bear the pattern.

    Expressions of several words are left to pytest.
    """
    word = pattern.lower()
    return " " in word or any(
        word in str(path.relative_to(folder.parent)).lower()
        or word in path.read_text().lower()
        for path in folder.rglob("test_*.py")
    )


def _has_tests(addon: Path) -> bool:
    return (addon / "tests" / "__init__.py").exists()


def _matching(addon: Path, pattern: str) -> Iterator[str]:
    word = pattern.lower()
    for path in sorted((addon / "tests").rglob("*.py")):
        if not is_for_odoo(path):
            continue
        whole = word in str(path.relative_to(addon.parent)).lower()
        for name, methods in _classes(path):
            if whole or word in name.lower():
                yield f"/{addon.name}:{name}"
            else:
                chosen = [method for method in methods if word in method.lower()]
                yield from (f"/{addon.name}:{name}.{method}" for method in chosen)


def is_for_odoo(path: Path) -> bool:
    """The folders of pytest have no ``__init__``; those of Odoo do."""
    return path.name.startswith("test_") and (path.parent / "__init__.py").exists()


def _classes(path: Path) -> Iterator[tuple[str, list[str]]]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef):
            functions = (n for n in node.body if isinstance(n, ast.FunctionDef))
            methods = [n.name for n in functions if n.name.startswith("test_")]
            if methods:
                yield node.name, methods
