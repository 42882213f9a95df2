"""``promtool``, by which tests check the rules for Prometheus."""

import shutil
from pathlib import Path

from .bootstrap import cache, debian
from .bootstrap.console import Stop, say

SUITE = "bookworm"
# In the cache: another one whenever the package changes.
FOLDER = "promtool-1"
#: Its programs need nothing else.
PACKAGE = "prometheus"


def variables() -> dict[str, str]:
    """What tests need in their environment to find it; nothing where the system has
    it, or where it cannot be had: then their check is skipped."""
    place = get()
    return {} if place is None else {"QUEUE_JOB_PROMTOOL": str(place)}


def get() -> Path | None:
    """Where it was unpacked, in the cache; ``None`` where the system has it, or where
    it cannot be had."""
    if shutil.which("promtool"):
        return None
    target = cache.folder() / FOLDER
    with cache.lock("promtool"):
        if not target.is_dir():
            try:
                _fetch(target)
            except Stop as error:
                say(f"  no promtool, its check is skipped: {error}")
                return None
    return target / "usr/bin/promtool"


def _fetch(target: Path) -> None:
    if not debian.is_debian():
        raise Stop("this is not a Debian system; install it")
    say("fetching promtool from Debian (once; not installed)")
    log = cache.log_file("promtool")
    with cache.build(cache.folder() / "promtool-archives") as archives:
        files = debian.download((PACKAGE,), SUITE, archives, log)
        with cache.build(target) as prefix:
            debian.unpack(files, prefix, log)
    cache.forget(cache.folder() / "promtool-archives")
