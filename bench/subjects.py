"""The two addons that are compared: where they are, and databases with them."""

import subprocess
from pathlib import Path
from typing import NamedTuple

from tooling import databases, former
from tooling.bootstrap import cache
from tooling.bootstrap.console import Stop, say
from tooling.odoo_server import Installation

KIND = "queue_job_bench_"
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
        return former.with_libraries(installation, self.libraries)

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
    return _of_checkout("ours", cache.CHECKOUT)


def beside(folder: Path) -> Subject:
    """The addon of another checkout of this project, called as its folder is.

    :raises Stop: if there is none
    """
    folder = folder.resolve()
    if not (folder / "queue_job" / "__manifest__.py").is_file():
        raise Stop(f"{folder} is no checkout of this project")
    return _of_checkout(folder.name, folder)


def _of_checkout(name: str, folder: Path) -> Subject:
    git = ["git", "-C", str(folder), "describe", "--always", "--dirty"]
    said = subprocess.run(git, capture_output=True, text=True, check=False).stdout
    return Subject(name, folder, said.strip() or "unknown")


def existing() -> Subject:
    """The addon that there was before.

    :raises Stop: if it cannot be had
    """
    found = former.fetch()
    return Subject("existing", found.addons, found.version, found.libraries)
