# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Runs jobs without being an Odoo server: asks one over HTTP.

usage: python -m odoo.addons.queue_job.jobrunner -c FILE [Odoo options]

Takes the options of the Odoo server: the file names the databases and, in its
section [queue_job], how to reach Odoo and what may run:

    [queue_job]
    channels = root:4,root.heavy:1
    scheme = http
    host = localhost
    port = 8069
    http_auth_user = for a proxy that asks for it
    http_auth_password = the same
    jobrunner_db_host = past a connection pooler
    jobrunner_db_port = 5432
    jobrunner_db_user = odoo
    jobrunner_db_password = secret

Each can be given as an environment variable, too, and then wins:
ODOO_QUEUE_JOB_CHANNELS, ODOO_QUEUE_JOB_HOST, ... Ends on SIGTERM or SIGINT; what
runs by then goes on in Odoo.
"""

import logging
import signal
import sys
from typing import Any

_logger = logging.getLogger("odoo.addons.queue_job.jobrunner")


def main(arguments: list[str]) -> int:
    """Run in the foreground until told to stop.

    :return: exit status
    """
    if {"-h", "--help"} & set(arguments):
        print(__doc__)  # pylint: disable=print-used
        return 0
    from odoo.tools import config  # noqa: PLC0415  # help needs no Odoo

    config.parse_config(arguments, setup_logging=True)
    from .runner import QueueJobRunner  # noqa: PLC0415  # options come first

    try:
        runner = QueueJobRunner.from_environ_or_config()
    except ValueError as error:
        _logger.error("the job runner cannot start: %s", error)
        return 2

    def stop(_signal: int, _frame: Any) -> None:
        runner.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    runner.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
