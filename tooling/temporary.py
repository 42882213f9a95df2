"""A folder for what the programs of a run leave in the system's temporary folder.

It lies in there, and not with the other files of the run: the name of a socket must be
short, and PostgreSQL's unprivileged user has to get into its own folder inside.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .bootstrap import cache

PREFIX = "queue-job-run-"


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A value for ``TMPDIR``, removed at the end with all that is in it.

    What killed runs left goes, too.
    """
    with cache.lock("temporary"):
        _sweep()
        made = Path(tempfile.mkdtemp(prefix=PREFIX))
        made.chmod(0o711)
        cache.hold(made)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _sweep() -> None:
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # another user's
            if not cache.in_use(path):
                shutil.rmtree(path, ignore_errors=True)
