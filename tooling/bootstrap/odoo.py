"""Odoo 19: found where the user has it, or fetched into the cache."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from . import cache, debian, processes
from .console import Stop, say

SERIES = "19.0"
GIT_URL = "https://github.com/odoo/odoo.git"
NEEDED_SPACE = 3_500_000_000
# Debian's odoo-19 links to the fonts and scripts of these by relative paths.
FROM_SID = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-montserrat",
    "fonts-roboto-unhinted",
    "fonts-ocr-b",
    "fonts-glyphicons-halflings",
)
# The files these links mean are called otherwise in later suites.
FROM_BOOKWORM = ("fonts-font-awesome", "fonts-inconsolata")

# Named in a bundle of the web client, and left out of Debian's package because it is
# not free. The file is not missed, but the web client reports an error.
LEFT_OUT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


class Odoo(NamedTuple):
    """An Odoo that can be started."""

    script: Path
    python_path: Path
    addons: tuple[Path, ...]
    origin: str

    @property
    def release(self) -> Path:
        return self.python_path / "odoo" / "release.py"

    def key(self) -> str:
        """Names this very Odoo: databases made by another one do not fit it."""
        stamp = self.release.stat()
        head = processes.output(["git", "-C", self.python_path, "rev-parse", "HEAD"])
        return cache.digest(
            [str(self.script), str(stamp.st_size), str(int(stamp.st_mtime)), head]
        )


def get() -> Odoo:
    """The Odoo to use: named, on the path, in the cache, or fetched now.

    :raises Stop: if there is none to be had.
    """
    if named := os.environ.get("ODOO_PATH"):
        return _named(Path(named).expanduser().resolve())
    if found := _on_path():
        return found
    with cache.lock("odoo"):
        return _cached() or _fetch()


def _named(path: Path) -> Odoo:
    odoo = _at(path, f"ODOO_PATH={path}")
    if odoo is None:
        raise Stop(f"ODOO_PATH={path} holds no Odoo: name its checkout or its program")
    if (version := _series(odoo)) != SERIES:
        raise Stop(f"ODOO_PATH={path} holds Odoo {version}, not {SERIES}")
    return odoo


def _at(path: Path, origin: str) -> Odoo | None:
    """What a path means: a checkout, an installation, or its start script."""
    for script, python_path in _layouts(path):
        if script.is_file() and (python_path / "odoo" / "release.py").is_file():
            places = (python_path / "odoo" / "addons", python_path / "addons")
            addons = tuple(place for place in places if place.is_dir())
            return Odoo(script, python_path, addons, origin)
    return None


def _layouts(path: Path) -> Iterator[tuple[Path, Path]]:
    if path.is_file():
        yield path, path.parent
        yield path, path.parent.parent / "lib/python3/dist-packages"
    yield path / "odoo-bin", path
    yield path / "usr/bin/odoo", path / "usr/lib/python3/dist-packages"
    if path.name == "odoo":  # the package itself
        path = path.parent
    yield path.parent.parent.parent / "bin/odoo", path
    yield path / "setup/odoo", path


def _series(odoo: Odoo) -> str:
    text = odoo.release.read_text(errors="replace")
    info = re.search(r"version_info\s*=\s*\((\d+),\s*(\d+)", text)
    return f"{info[1]}.{info[2]}" if info else "of unknown version"


def _on_path() -> Odoo | None:
    program = shutil.which("odoo") or shutil.which("odoo-bin")
    if program is None:
        return None
    odoo = _at(Path(program).resolve(), f"{program}, found on the PATH")
    if odoo is None or _series(odoo) != SERIES:
        say(f"{program} is not an Odoo {SERIES} that can be used here; looking further")
        return None
    return odoo._replace(python_path=_alone(odoo))


def _alone(odoo: Odoo) -> Path:
    """A folder with nothing but Odoo in it.

    Beside a Debian installation lie all the system's Python packages; they must
    not get in the way of the pinned ones.
    """
    target = cache.folder() / f"odoo-{cache.digest([str(odoo.python_path)])}"
    if not (target / "odoo").exists():
        with cache.build(target) as part:
            (part / "odoo").symlink_to(odoo.python_path / "odoo")
    return target


def _cached() -> Odoo | None:
    for name, origin in (("odoo", "Debian sid, from the cache"), ("odoo-git", "git")):
        if (place := cache.folder() / name).is_dir() and (odoo := _at(place, origin)):
            _fill_gap(odoo)
            return odoo
    return None


def _fetch() -> Odoo:
    cache.need_space(cache.folder(), NEEDED_SPACE, "Odoo with its packages")
    reasons = []
    for name, way in (("Debian sid", _from_debian), ("git", _from_git)):
        say(f"fetching Odoo {SERIES} from {name} (once; it is kept in the cache)")
        try:
            return way()
        except Stop as error:
            say(f"  that did not work: {error}")
            reasons.append(f"{name}: {error}")
    raise Stop(
        f"Odoo {SERIES} could not be fetched ({'; '.join(reasons)}):"
        " name a checkout or an installation of it in ODOO_PATH"
    )


def _from_debian() -> Odoo:
    if not debian.is_debian():
        raise Stop("this is not a Debian system")
    target = cache.folder() / "odoo"
    log = cache.log_file("odoo-debian")
    with cache.build(cache.folder() / "odoo-archives") as archives:
        files = debian.download(FROM_BOOKWORM, "bookworm", archives / "stable", log)
        files += debian.download(FROM_SID, "sid", archives / "sid", log)
        with cache.build(target) as prefix:
            debian.unpack(files, prefix, log)
            _need_whole(prefix)
    cache.forget(cache.folder() / "odoo-archives")
    odoo = _at(target, "Debian sid")
    assert odoo is not None
    _fill_gap(odoo)
    return odoo


def _fill_gap(odoo: Odoo) -> None:
    path = odoo.addons[0] / LEFT_OUT
    if odoo.addons[0].is_dir() and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("/* not part of Debian's package */\n")


def _need_whole(prefix: Path) -> None:
    """Refuse what would answer the login page with an error."""
    if _at(prefix, "") is None:
        raise Stop("the package does not look as expected (no usr/bin/odoo)")
    missing = [path for path in prefix.rglob("*") if path.is_symlink()]
    missing = [path for path in missing if not path.exists()]
    if missing:
        raise Stop(f"the package links to files that are not there: {missing[0].name}")


def _from_git() -> Odoo:
    if not shutil.which("git"):
        raise Stop("git is missing")
    target = cache.folder() / "odoo-git"
    url = os.environ.get("ODOO_GIT_URL", GIT_URL)
    with cache.build(target) as part:
        processes.run(
            ["git", "clone", "--depth", "1", "-b", SERIES, url, part / "checkout"],
            cache.log_file("odoo-git"),
            "cloning Odoo",
        )
        for path in (part / "checkout").iterdir():
            path.rename(part / path.name)
        (part / "checkout").rmdir()
    odoo = _at(target, "git")
    if odoo is None:
        raise Stop(f"{url} holds no Odoo")
    return odoo
