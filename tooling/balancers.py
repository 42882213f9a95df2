"""What stands between servers in tests: nginx, haproxy and PgBouncer."""

import platform
import shutil
from pathlib import Path

from .bootstrap import cache, debian
from .bootstrap.console import Stop, say

NAMES = ("nginx", "haproxy", "pgbouncer")
SUITE = "bookworm"
# In the cache: another one whenever the packages change.
FOLDER = "balancers-2"
# Beside the programs the libraries that a small system does not have.
PACKAGES = (
    "nginx",
    "haproxy",
    "pgbouncer",
    "libc-ares2",
    "libevent-2.1-7",
    "liblua5.3-0",
    "libopentracing1",
    "libopentracing-c-wrapper0",
)


def variables() -> dict[str, str]:
    """What the programs of :func:`get` need in their environment to be found and to
    find their libraries; nothing where the system has them."""
    place = get()
    if place is None:
        return {}
    libraries = place / "usr/lib" / f"{platform.machine()}-linux-gnu"
    return {
        "QUEUE_JOB_BALANCERS": str(place / "usr/sbin"),
        "QUEUE_JOB_BALANCERS_LIBRARIES": str(libraries),
    }


def get() -> Path | None:
    """Where the programs were unpacked, in the cache; ``None`` where the system has
    them, or where they cannot be had: then their tests are skipped."""
    if all(shutil.which(name) for name in NAMES):
        return None
    target = cache.folder() / FOLDER
    with cache.lock("balancers"):
        if not target.is_dir():
            try:
                _fetch(target)
            except Stop as error:
                say(f"  no {' and no '.join(NAMES)}, their tests are skipped: {error}")
                return None
    return target


def _fetch(target: Path) -> None:
    if not debian.is_debian():
        raise Stop("this is not a Debian system; install them")
    say("fetching nginx, haproxy and pgbouncer from Debian (once; not installed)")
    log = cache.log_file("balancers")
    with cache.build(cache.folder() / "balancers-archives") as archives:
        files = debian.download(PACKAGES, SUITE, archives, log)
        with cache.build(target) as prefix:
            debian.unpack(files, prefix, log)
    cache.forget(cache.folder() / "balancers-archives")
