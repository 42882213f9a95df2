# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The wheel: what is in it, and that an Odoo runs jobs with nothing else."""

import ast
import zipfile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

_ADDON = "odoo/addons/queue_job/"


@pytest.fixture(scope="session")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_is_named_after_the_addon_and_its_version(wheel, checkout):
    manifest = (checkout / "queue_job" / "__manifest__.py").read_text()
    version = ast.literal_eval(manifest)["version"]
    assert wheel.name == f"odoo_addon_queue_job-{version}-py3-none-any.whl"


def test_pip_sees_an_upgrade_of_the_distribution_that_it_replaces(wheel, checkout):
    folder = checkout / "tooling" / "bootstrap" / "requirements"
    _comment, pinned = (folder / "former.txt").read_text().splitlines()
    [published] = Requirement(pinned).specifier
    name, version, _build, _tags = parse_wheel_filename(wheel.name)
    assert name == canonicalize_name(Requirement(pinned).name)
    assert version > Version(published.version)


def test_it_holds_every_file_of_the_addon_but_the_suites(names, checkout):
    addon = checkout / "queue_job"
    inside = [p.relative_to(addon) for p in addon.rglob("*") if p.is_file()]
    expected = {
        _ADDON + path.as_posix()
        for path in inside
        if path.parts[0] != "tests" and "__pycache__" not in path.parts
    }
    assert expected - names == set()


@pytest.mark.parametrize(
    "path",
    [
        "README.rst",
        "__manifest__.py",
        "core/states.py",
        "data/queue_job_channel_data.xml",
        "i18n/de.po",
        "i18n/es.po",
        "i18n/fr.po",
        "i18n/queue_job.pot",
        "readme/DESCRIPTION.rst",
        "security/ir.model.access.csv",
        "store/sql/candidates.sql",
        "static/description/icon.png",
        "static/description/index.html",
        "views/queue_job_form.xml",
    ],
)
def test_it_holds(names, path):
    assert _ADDON + path in names


def test_its_readme_is_the_addons_own(wheel, checkout):
    with zipfile.ZipFile(wheel) as archive:
        inside = archive.read(f"{_ADDON}README.rst")
    assert inside == (checkout / "queue_job" / "README.rst").read_bytes()


def test_it_leaves_the_namespace_to_odoo_and_the_suites_at_home(names):
    assert "odoo/__init__.py" not in names
    assert "odoo/addons/__init__.py" not in names
    suites = [
        f"{_ADDON}tests/{name}/"
        for name in ("pure", "store", "runner", "rig", "packaging")
    ]
    assert [n for n in names if n.startswith(tuple(suites))] == []
    assert [n for n in names if "__pycache__" in n] == []


def test_it_asks_for_requests_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (path,) = [n for n in archive.namelist() if n.endswith("/METADATA")]
        metadata = archive.read(path).decode()
    asked = [w for w in metadata.splitlines() if w.startswith("Requires-Dist")]
    assert asked == ["Requires-Dist: requests"]
    assert "Name: odoo-addon-queue-job" in metadata


def test_a_server_runs_a_job_with_nothing_but_the_wheel(installed):
    installed.create_database()
    printed = installed.run("shell", script="delay_from_wheel.py").split()
    assert printed[printed.index("ADDON") + 1] == str(installed.folder)
    uuid = printed[printed.index("JOB") + 1]

    with installed.serving() as log:
        query = "SELECT state FROM queue_job WHERE uuid = %s"
        installed.wait_for(query, uuid, expected="done")
        icon = "static/description/icon.png"
        answer = installed.fetch(f"/queue_job/{icon}")
        assert answer == (200, (installed.folder / icon).read_bytes())
    assert "odoo.addons.queue_job.jobrunner" in log.read_text()
