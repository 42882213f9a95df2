# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the tests of the wheel share: it is built and installed once.

They need a PostgreSQL and an Odoo, named by environment variables; ``script/test``
sets them.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from rig.installed_addon import InstalledAddon
from rig.surroundings import need

_CHECKOUT = Path(__file__).resolve().parents[3]
_SOURCES = ("setup.py", "LICENSE", "queue_job")


def pytest_sessionstart(session):
    need("packaging", "ODOO_ADDONS_PATH", "QUEUE_JOB_PORT_BASE")


def _pip(*words):
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def checkout():
    return _CHECKOUT


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel, built from a view of the sources that building leaves as they are."""
    sources = tmp_path_factory.mktemp("sources")
    built = tmp_path_factory.mktemp("wheels")
    for name in _SOURCES:
        (sources / name).symlink_to(_CHECKOUT / name)
    words = ["--no-deps", "--no-build-isolation", "--no-index", "-w", str(built)]
    _pip("wheel", *words, str(sources))
    (made,) = built.glob("*.whl")
    return made


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    """The wheel in a virtual environment of its own, beside what Odoo needs."""
    folder = tmp_path_factory.mktemp("venv")
    venv = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(venv, check=True, timeout=120)
    python = folder / "bin" / "python"
    words = ["install", "--no-deps", "--no-index", "--ignore-installed", str(wheel)]
    _pip("--python", str(python), *words)
    (packages,) = folder.glob("lib/python*/site-packages")
    beside = [path for path in sys.path if path.endswith("-packages")]
    (packages / "what_odoo_needs.pth").write_text("\n".join(beside))
    addon = InstalledAddon(python, packages / "odoo" / "addons" / "queue_job")
    yield addon
    addon.drop()
