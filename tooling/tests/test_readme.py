"""The README of an add-on is what its fragments say."""

import pytest

from tooling import lint, readme

MANIFEST = {
    "name": "Small Thing",
    "author": "somebody",
    "license": "LGPL-3",
    "development_status": "Beta",
}


@pytest.fixture
def addon(tmp_path, monkeypatch):
    monkeypatch.setattr(readme.cache, "CHECKOUT", tmp_path)
    monkeypatch.setattr(readme, "ADDONS", ("small",))
    fragments = tmp_path / "small" / "readme"
    fragments.mkdir(parents=True)
    (fragments.parent / "__manifest__.py").write_text(repr(MANIFEST))
    (fragments / "DESCRIPTION.rst").write_text("What it is.\n")
    (fragments / "USAGE.rst").write_text("How it is used.\n")
    (fragments / "CONTRIBUTORS.rst").write_text("* Some Body\n")
    return fragments.parent


def test_a_missing_readme_is_named_and_made(addon):
    assert "small/README.rst" in lint.run(None, "readme").failures[0]
    readme.write()
    assert lint.run(None, "readme").failed == 0


def test_a_changed_fragment_makes_the_readme_stale(addon):
    readme.write()
    (addon / "readme" / "USAGE.rst").write_text("How it is used now.\n")
    assert lint.run(None, "readme").failed == 1


def test_a_changed_manifest_makes_the_readme_stale(addon):
    readme.write()
    (addon / "__manifest__.py").write_text(repr({**MANIFEST, "author": "others"}))
    assert lint.run(None, "readme").failed == 1


def test_the_fragments_come_in_order_and_those_that_miss_leave_no_title(addon):
    made = readme.text(addon)
    places = [
        made.index(word)
        for word in ("Small Thing", "What it is.", "Usage\n=====", "Contributors\n")
    ]
    assert places == sorted(places)
    assert "Changelog" not in made
