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
    _sweep()
    hidden = Path(tempfile.mkdtemp(prefix=f".{PREFIX}"))
    hidden.chmod(0o711)
    cache.hold(hidden)  # before another run can take it for what a killed one left
    made = hidden.rename(hidden.with_name(hidden.name[1:]))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _sweep() -> None:
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # another user's
            if not cache.in_use(path):
                shutil.rmtree(path, ignore_errors=True)
