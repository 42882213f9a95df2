# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whether this process was told to end: then it begins no further job.

The job it is at goes on, for as long as the server lets it. The rest of its batch stays
dispatched, and is returned to pending by the runner.
"""

_is_stopping = False


def begin() -> None:
    """Note that the process is to end; may be called from a signal."""
    global _is_stopping  # noqa: PLW0603  # there is one process
    _is_stopping = True


def is_stopping() -> bool:
    return _is_stopping
