"""The add-on that there was before, as it is published: a black box, only put on the
addons path. A database that it made is taken over by ours."""

import os
import zipfile
from pathlib import Path
from typing import NamedTuple

from . import databases, suites
from .bootstrap import cache, packages, processes
from .bootstrap.console import say
from .odoo_server import Installation, run_odoo
from .results import Result
from .suites import Round

REQUIREMENTS = packages.REQUIREMENTS / "former.txt"
#: What it imports besides Odoo.
_LIBRARIES = ("openupgradelib",)
_DELAY = Path(__file__).parent / "scripts" / "delay_by_former.py"


class Former(NamedTuple):
    """Where the add-on is.

    :param libraries: folder of Python packages that only it needs
    """

    addons: Path
    libraries: Path
    version: str


def fetch() -> Former:
    """The add-on, fetched from the package index once.

    :raises Stop: if it cannot be had
    """
    folder = cache.folder() / f"former-{cache.digest([REQUIREMENTS.read_bytes()])}"
    with cache.lock("former"):
        if not folder.exists():
            say("fetching the former add-on from the package index (once)")
            with cache.build(folder) as part:
                _pip("download", "--no-deps", "-d", part, "-r", REQUIREMENTS)
                for wheel in part.glob("*.whl"):
                    with zipfile.ZipFile(wheel) as archive:
                        archive.extractall(part)
                _pip("install", "--target", part / "libraries", *_LIBRARIES)
    wheel = next(folder.glob("*.whl"))
    addons = folder / "odoo" / "addons"
    return Former(addons, folder / "libraries", wheel.name.split("-")[1])


def with_libraries(installation: Installation, folder: Path) -> Installation:
    """The installation with a further folder on Python's path."""
    python_path = f"{installation.odoo.python_path}{os.pathsep}{folder}"
    odoo = installation.odoo._replace(python_path=Path(python_path))
    return installation._replace(odoo=odoo)


def suite(this: Round, installation: Installation, template: str) -> Result:
    """Let the former add-on make a database with jobs, and run the tests of the
    takeover on it."""
    database = f"{databases.prefix()}former_made"
    databases.create(installation.server, database, template)
    try:
        _let_it_delay(this, installation, database)
        tests = suites.OdooTests("former", ("queue_job",), "former", is_update=True)
        return suites.odoo_tests(this, installation, database, tests)
    finally:
        databases.drop(installation.server, database)


def _let_it_delay(this: Round, installation: Installation, database: str) -> None:
    former = fetch()
    odoo = with_libraries(installation, former.libraries)
    addons = ",".join(map(str, [*installation.odoo.addons, former.addons]))
    words = [f"--addons-path={addons}", "--no-http"]
    log = this.folder / "former-before.log"
    install = ["-i", "queue_job", "--stop-after-init", "--without-demo=True"]
    run_odoo(odoo, database, [*install, *words], log, "installing the former add-on")
    run_odoo(odoo, database, words, log, "delaying jobs by it", _DELAY, "shell")


def _pip(*words: object) -> None:
    log = cache.log_file("former-pip")
    command = packages.pip_command(packages.get(), log)
    processes.run([*command, *words], log, "fetching packages")
