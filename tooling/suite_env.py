"""The variables that the pytest suites get from ``script/test``.

``PGHOST`` ``PGPORT`` ``PGUSER`` ``PGPASSWORD``
    a running PostgreSQL whose role may create databases; ``PGHOST`` may be the
    folder of a socket
``PGBIN``
    the folder with its client programs
``QUEUE_JOB_TEMPLATE_DB``
    a database with base, web, mail and base_sparse_field, to be copied
``QUEUE_JOB_TEST_DB_PREFIX``
    how every database a suite makes begins; what is left of them gets dropped
``QUEUE_JOB_PORT_BASE``
    the first of 40 ports on loopback that only this suite uses
``QUEUE_JOB_LOG_DIR``
    a folder for server logs
``QUEUE_JOB_BALANCERS`` ``QUEUE_JOB_BALANCERS_LIBRARIES``
    folders of ``nginx``, ``haproxy``, ``pgbouncer`` and of their libraries, for the
    suite ``runner``; not set where the system has all of them
``ODOO_BIN``
    Odoo's own start script, to be run with ``sys.executable``
``ODOO_ADDONS_PATH``
    Odoo's addons, then the checkout
``ODOO_RC`` ``QUEUE_JOB_SERVER_RC``
    an ``odoo.conf`` that names the server and the addons
``PYTHONPATH``
    holds Odoo
``TMPDIR``
    the run's own, removed at its end; of every suite but ``demo``
"""

from pathlib import Path

from . import ports
from .odoo_server import Installation, write_configuration

PORTS = 40


def variables(
    installation: Installation, template: str, prefix: str, folder: Path
) -> dict[str, str]:
    """The process environment of one suite; ``folder`` takes its files."""
    folder.mkdir(parents=True, exist_ok=True)
    conf = str(write_configuration(folder / "odoo.conf", installation))
    return {
        **installation.variables(),
        "QUEUE_JOB_TEMPLATE_DB": template,
        "QUEUE_JOB_TEST_DB_PREFIX": prefix,
        "QUEUE_JOB_PORT_BASE": str(ports.free_range(PORTS)),
        "QUEUE_JOB_LOG_DIR": str(folder),
        "ODOO_BIN": str(installation.odoo.script),
        "ODOO_ADDONS_PATH": installation.addons_path(),
        "ODOO_RC": conf,
        "QUEUE_JOB_SERVER_RC": conf,
    }
