"""The two addons that are compared: where they are, and databases with them."""

import os
import subprocess
import zipfile
from pathlib import Path
from typing import NamedTuple

from tooling import cache, databases, processes, python_packages
from tooling.console import say
from tooling.odoo_server import Installation

KIND = "queue_job_bench_"
_EXISTING = "odoo-addon-queue-job==19.0.*"
_ITS_LIBRARIES = ("openupgradelib",)
_OWN_ADDONS = cache.CHECKOUT / "bench" / "addons"


class Subject(NamedTuple):
    """An addon called queue_job.

    :param folder: that holds it, for the addons path
    :param version: as its package says
    :param libraries: folder of Python packages that only it needs
    """

    name: str
    folder: Path
    version: str
    libraries: Path | None = None

    def installed(self, installation: Installation) -> Installation:
        """The installation with what the addon needs on Python's path."""
        if self.libraries is None:
            return installation
        python_path = f"{installation.odoo.python_path}{os.pathsep}{self.libraries}"
        odoo = installation.odoo._replace(python_path=Path(python_path))
        return installation._replace(odoo=odoo)

    def addons_path(self, installation: Installation) -> str:
        """Odoo's addons, the bench's own, and this one."""
        found = [*installation.odoo.addons, _OWN_ADDONS, self.folder]
        return ",".join(map(str, found))

    def template(self, installation: Installation) -> str:
        """A database with the addon and the bench's own; made if need be."""
        base = databases.template(installation)
        content = cache.digest_of_tree(self.folder / "queue_job", _OWN_ADDONS)
        name = f"{KIND}{cache.digest([base, self.name, content])}"
        with cache.lock("bench template"):
            if not databases.exists(installation.server, name):
                say(f"installing {self.name} in a database (once per version)")
                path = f"--addons-path={self.addons_path(installation)}"
                words = ["-i", "queue_job,queue_job_bench", path]
                odoo = self.installed(installation)
                databases.make_template(odoo, name, base, words)
                databases.forget_oldest(installation.server, KIND)
        return name


def ours() -> Subject:
    """The addon of this checkout."""
    git = ["git", "-C", str(cache.CHECKOUT), "describe", "--always", "--dirty"]
    said = subprocess.run(git, capture_output=True, text=True, check=False).stdout
    return Subject("ours", cache.CHECKOUT, said.strip() or "unknown")


def existing() -> Subject:
    """The addon that there was before, fetched from the package index once; it is
    only put on the addons path.

    :raises Stop: if it cannot be had
    """
    folder = cache.folder() / "bench" / "existing"
    if not folder.exists():
        folder.parent.mkdir(exist_ok=True)
        say("fetching the existing addon from the package index (once)")
        with cache.build(folder) as part:
            _pip("download", "--no-deps", "-d", part, _EXISTING)
            for wheel in part.glob("*.whl"):
                with zipfile.ZipFile(wheel) as archive:
                    archive.extractall(part)
            _pip("install", "--target", part / "libraries", *_ITS_LIBRARIES)
    wheel = next(folder.glob("*.whl"))
    addons = folder / "odoo" / "addons"
    return Subject("existing", addons, wheel.name.split("-")[1], folder / "libraries")


def _pip(*words: object) -> None:
    log = cache.log_file("bench-pip")
    command = python_packages.pip_command(python_packages.get(), log)
    processes.run([*command, *words], log, "fetching packages")
