# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A pipe that ends the loop's wait, from any thread or signal handler."""

import contextlib
import os


class Wakeup:
    """Set by a thread that has news, waited for and cleared by the loop."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def fileno(self) -> int:
        """Return the end to wait on."""
        return self._read

    def set(self) -> None:
        # A full pipe wakes as well as one byte more; a closed one wakes no loop.
        with contextlib.suppress(OSError):
            os.write(self._write, b".")

    def clear(self) -> None:
        with contextlib.suppress(OSError):
            while os.read(self._read, 4096):
                pass

    def __del__(self) -> None:
        # Not sooner: a thread might still write to a number that is in use anew.
        for end in (self._read, self._write):
            os.close(end)
