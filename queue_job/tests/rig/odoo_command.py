# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One command of Odoo, run to its end."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
#: Seconds after which a command is taken for one that hangs.
_HANGS = 300


def run_odoo(command, database, *words, script=None, python=sys.executable, env=None):
    """Run ``odoo server`` or ``odoo shell``; return what it printed.

    :param script: file that the shell runs
    :param python: interpreter to run Odoo with
    :param env: environment of the process, if not this one's
    :raises AssertionError: if it ends with another status than 0, or tells of an error
    """
    run = [python, os.environ["ODOO_BIN"], command]
    run += ["-c", os.environ["QUEUE_JOB_SERVER_RC"], "-d", database, "--no-http"]
    text = (SCRIPTS / script).read_text() if script else ""
    done = subprocess.run(
        [*map(str, run), "--log-level=warn", *words],
        input=text, text=True, capture_output=True, timeout=_HANGS, env=env,
    )  # fmt: skip
    if done.returncode or "Traceback" in done.stderr:
        said = f"{done.stdout[-500:]}{done.stderr[-3000:]}"
        raise AssertionError(f"{run} {words}: {said}")
    return done.stdout
