"""Every Python file of the add-ons says whose it is, and under which licence."""

import pytest

from tooling import headers, lint


@pytest.fixture
def addon(tmp_path, monkeypatch):
    monkeypatch.setattr(headers.cache, "CHECKOUT", tmp_path)
    folder = tmp_path / "queue_job"
    folder.mkdir()
    return folder


def test_a_file_without_a_header_is_named(addon):
    (addon / "mine.py").write_text("x = 1\n")
    (addon / "theirs.py").write_text(headers.HEADER + "x = 1\n")
    result = lint.run(None, "headers")
    assert result.failed == 1
    assert "queue_job/mine.py" in result.failures[0]
    assert "theirs.py" not in result.failures[0]


def test_an_empty_file_needs_no_header(addon):
    (addon / "__init__.py").write_text("")
    assert lint.run(None, "headers").failed == 0


def test_the_header_comes_before_the_docstring_and_only_once(addon):
    path = addon / "mine.py"
    path.write_text('"""What it is."""\n')
    headers.add()
    headers.add()
    assert path.read_text() == headers.HEADER + '"""What it is."""\n'
