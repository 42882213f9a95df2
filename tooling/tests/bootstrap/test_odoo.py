"""Odoo is found in the layouts that people have, and another version is refused."""

import shutil
import subprocess

import pytest

from tooling.bootstrap import odoo
from tooling.bootstrap.console import Stop


def _odoo(script, package, version="19, 0"):
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text("#!/usr/bin/python3\n")
    (package / "addons").mkdir(parents=True)
    release = f"version_info = ({version}, 0, 'final', 0, '')\n"
    (package / "release.py").write_text(release)


def test_a_checkout(tmp_path, monkeypatch):
    _odoo(tmp_path / "odoo-bin", tmp_path / "odoo")
    (tmp_path / "addons").mkdir()
    monkeypatch.setenv("ODOO_PATH", str(tmp_path))
    found = odoo.get()
    assert found.script == tmp_path / "odoo-bin"
    assert found.python_path == tmp_path
    assert found.addons == (tmp_path / "odoo" / "addons", tmp_path / "addons")


@pytest.mark.parametrize(
    "named", [".", "usr/bin/odoo", "usr/lib/python3/dist-packages/odoo"]
)
def test_an_unpacked_package(tmp_path, monkeypatch, named):
    packages = tmp_path / "usr/lib/python3/dist-packages"
    _odoo(tmp_path / "usr/bin/odoo", packages / "odoo")
    monkeypatch.setenv("ODOO_PATH", str(tmp_path / named))
    found = odoo.get()
    assert found.script == tmp_path / "usr/bin/odoo"
    assert found.python_path == packages


def test_another_version_is_refused(tmp_path, monkeypatch):
    _odoo(tmp_path / "odoo-bin", tmp_path / "odoo", "18, 0")
    monkeypatch.setenv("ODOO_PATH", str(tmp_path))
    with pytest.raises(Stop, match="holds Odoo 18.0, not 19.0"):
        odoo.get()


def test_a_folder_without_odoo_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_PATH", str(tmp_path))
    with pytest.raises(Stop, match="holds no Odoo"):
        odoo.get()


def test_a_download_that_breaks_leaves_nothing(own_cache, monkeypatch):
    def broken(_packages, _suite, into, _log):
        into.mkdir(parents=True)
        (into / "half.deb").write_bytes(b"...")
        raise Stop("connection reset")

    monkeypatch.setattr(odoo.debian, "is_debian", lambda: True)
    monkeypatch.setattr(odoo.debian, "download", broken)
    monkeypatch.setattr(odoo.shutil, "which", lambda _name: None)
    with pytest.raises(Stop, match="connection reset.*git is missing.*ODOO_PATH"):
        odoo.get()
    assert not [path for path in own_cache.iterdir() if "odoo" in path.name]


@pytest.mark.skipif(not shutil.which("git"), reason="git is missing")
def test_a_clone_where_there_is_no_debian(tmp_path, own_cache, monkeypatch):
    origin = tmp_path / "origin"
    _odoo(origin / "odoo-bin", origin / "odoo")
    (origin / "odoo" / "addons" / "base.py").write_text("")
    person = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-b", "19.0"], ["add", "."], ["commit", "-m", "x"]):
        subprocess.run(["git", *person, "-C", origin, *words], check=True)
    monkeypatch.setenv("ODOO_GIT_URL", f"file://{origin}")
    monkeypatch.setattr(odoo.debian, "is_debian", lambda: False)
    monkeypatch.setattr(odoo, "_on_path", lambda: None)
    monkeypatch.setattr(odoo, "NEEDED_SPACE", 1)
    assert odoo.get().script == own_cache / "odoo-git" / "odoo-bin"
    assert odoo.get().origin == "git"  # the second time from the cache


def test_a_package_with_a_dangling_link_is_refused(tmp_path):
    packages = tmp_path / "usr/lib/python3/dist-packages"
    _odoo(tmp_path / "usr/bin/odoo", packages / "odoo")
    (packages / "jquery.js").symlink_to("../nowhere")
    with pytest.raises(Stop, match="not there: jquery.js"):
        odoo._need_whole(tmp_path)
