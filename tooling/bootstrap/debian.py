"""Packages from the machine's own Debian mirror, without touching its set-up.

A private list of sources, with another suite, is handed to ``apt-get`` for its
``update`` and ``download``. That needs no root, and apt checks the signatures.
"""

import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from . import cache, processes
from .console import Stop, megabytes

ETC_APT = Path("/etc/apt")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Third-party archives live beside Debian's own in the same folder.
_DEBIAN_URI = re.compile(r"/debian/?$")


class Mirror(NamedTuple):
    """Where this machine gets Debian from."""

    uri: str
    signed_by: str


def is_debian() -> bool:
    """Whether the tools of Debian are there."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg"))


def mirror(etc_apt: Path = ETC_APT) -> Mirror | None:
    """The first Debian archive among the machine's sources."""
    for path in sorted((etc_apt / "sources.list.d").glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", path.read_text(errors="replace")):
            if found := _from_stanza(stanza):
                return found
    lists = [etc_apt / "sources.list", *(etc_apt / "sources.list.d").glob("*.list")]
    for path in lists:
        if path.exists() and (found := _from_lines(path.read_text(errors="replace"))):
            return found
    return None


def _from_stanza(stanza: str) -> Mirror | None:
    fields = dict(
        re.findall(r"^(URIs|Signed-By|Enabled):[ \t]*(.+)$", stanza, re.MULTILINE)
    )
    if fields.get("Enabled", "yes").strip().lower() in ("no", "false"):
        return None
    for uri in fields.get("URIs", "").split():
        if _is_debian_archive(uri):
            return Mirror(uri, fields.get("Signed-By", KEYRING).strip())
    return None


def _from_lines(text: str) -> Mirror | None:
    for line in text.splitlines():
        words = re.match(r"deb\s+(?:\[(.*?)\]\s+)?(\S+)\s", line)
        if words and _is_debian_archive(words[2]):
            signed = re.search(r"signed-by=(\S+)", words[1] or "")
            return Mirror(words[2], signed[1] if signed else KEYRING)
    return None


def _is_debian_archive(uri: str) -> bool:
    if uri.startswith("mirror+file:"):
        return uri.endswith("/debian.list")
    return bool(_DEBIAN_URI.search(uri))


def download(packages: Sequence[str], suite: str, into: Path, log: Path) -> list[Path]:
    """Fetch packages of a suite into a folder; return the files.

    :raises Stop: if there is no mirror, no network, no such package.
    """
    source = mirror()
    if source is None:
        raise Stop("no Debian mirror found in /etc/apt")
    into.mkdir(parents=True, exist_ok=True)
    options = _private_options(source, suite, into)
    log_mark = f"reading the package list of {suite}"
    processes.run(["apt-get", *options, "update"], log, log_mark)
    _need_all_known(packages, options, suite)
    processes.run(
        ["apt-get", *options, "download", *packages],
        log,
        f"downloading {packages[0]}",
        cwd=into,
        progress=lambda: megabytes(_size(into)),
    )
    return sorted(into.glob("*.deb"))


def _private_options(source: Mirror, suite: str, into: Path) -> list[str]:
    state = into / f"apt-{suite}"
    for name in ("lists/partial", "archives/partial"):
        (state / name).mkdir(parents=True, exist_ok=True)
    listing = state / "debian.sources"
    listing.write_text(
        f"Types: deb\nURIs: {source.uri}\nSuites: {suite}\nComponents: main\n"
        f"Signed-By: {source.signed_by}\n"
    )
    settings = {
        "Dir::Etc::SourceList": listing,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State": state,
        "Dir::State::Lists": state / "lists",
        "Dir::Cache": state,
        "Dir::Cache::Archives": state / "archives",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "APT::Update::Error-Mode": "any",
        "APT::Sandbox::User": "root",
    }
    return [f"-o{name}={value}" for name, value in settings.items()]


def _need_all_known(packages: Iterable[str], options: list[str], suite: str) -> None:
    known = processes.output(["apt-cache", *options, "pkgnames"]).split()
    for package in packages:
        if package not in known:
            raise Stop(f"the mirror's suite {suite} has no package {package}")


def _size(folder: Path) -> int:
    files = [*folder.glob("*.deb"), *folder.glob("**/partial/*")]
    return sum(path.stat().st_size for path in files if path.is_file())


def unpack(archives: Iterable[Path], prefix: Path, log: Path) -> None:
    """Lay the files of packages under a prefix; nothing gets installed."""
    for archive in archives:
        name = archive.name.split("_")[0]
        processes.run(["dpkg", "-x", archive, prefix], log, f"unpacking {name}")


def install(package: str) -> None:
    """Install a package of the machine's own suite; only root can.

    :raises Stop: if it does not work.
    """
    log = cache.log_file(f"install-{package}")
    command = ["apt-get", "install", "-y", "--no-install-recommends", package]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
    environment["DEBIAN_FRONTEND"] = "noninteractive"
    processes.run(["apt-get", "update"], log, "reading the package lists")
    processes.run(command, log, f"installing {package}", env=environment)
