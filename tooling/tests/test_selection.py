"""A pattern finds Odoo's tests by file, class and method."""

import pytest

from tooling import selection
from tooling.bootstrap import cache


@pytest.fixture(autouse=True)
def checkout(tmp_path, monkeypatch):
    tests = tmp_path / "queue_job" / "tests"
    for folder in (tests, tests / "model", tests / "pure"):
        folder.mkdir(parents=True)
    (tests / "__init__.py").write_text("")
    (tests / "model" / "__init__.py").write_text("")
    body = "class TestMove(X):\n def test_back(self): ...\n def test_on(self): ...\n"
    (tests / "model" / "test_job.py").write_text(body)
    (tests / "pure" / "test_pure.py").write_text(body)
    monkeypatch.setattr(cache, "CHECKOUT", tmp_path)


@pytest.mark.parametrize(
    ("pattern", "tags"),
    [
        ("", "/queue_job"),
        ("test_job", "/queue_job:TestMove"),
        ("move", "/queue_job:TestMove"),
        ("back", "/queue_job:TestMove.test_back"),
        ("nothing", ""),
        ("test_pure", ""),
    ],
)
def test_tags(pattern, tags):
    assert selection.odoo_tags(pattern) == tags


@pytest.mark.parametrize(
    ("pattern", "may"),
    [("", True), ("back", True), ("test_pure", True), ("no", False), ("no or x", True)],
)
def test_a_suite_without_a_match_is_not_begun(checkout, tmp_path, pattern, may):
    folder = tmp_path / "queue_job" / "tests" / "pure"
    assert selection.may_match(folder, pattern) is may
