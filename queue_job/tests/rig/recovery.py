# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How long it took until all went on, for the person who runs the suite."""

import os
from pathlib import Path


def note_recovery(fault, seconds):
    """Keep a time; ``script/test --faults`` prints them at the end."""
    line = f"{fault}: {seconds:.1f} s"
    print(line)
    folder = os.environ.get("QUEUE_JOB_LOG_DIR")
    if folder:
        with (Path(folder) / "recovery.txt").open("a") as out:
            out.write(line + "\n")
