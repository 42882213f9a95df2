"""What stands behind ``script/setup``, ``test``, ``lint``, ``demo`` and ``bench``.

A command begins in :mod:`tooling.bootstrap`, with the bare ``python3`` of a fresh
Debian 12, and goes on here under the Python that has every pinned package.

Variables it obeys
    ``QUEUE_JOB_CACHE``   where everything fetched is kept
    ``ODOO_PATH``         an Odoo 19 checkout or installation to use
    ``ODOO_GIT_URL``      where to clone Odoo from if nothing else serves
    ``PGHOST`` …          a PostgreSQL server to use instead of the embedded one
    ``QUEUE_JOB_SUITE_TIMEOUT``  seconds a suite may last (default 2400)

Variables that the pytest suites receive are listed in :mod:`tooling.suite_env`.
"""
