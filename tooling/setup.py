"""``script/setup``: fetch and prepare everything, once."""

import argparse
import contextlib
import os
import shlex
from collections.abc import Iterator

from . import balancers, browser, cache, databases, odoo, postgresql, python_packages
from .console import say
from .odoo_server import Installation

EPILOG = """\
Everything goes into a cache outside the checkout ($QUEUE_JOB_CACHE, else
$XDG_CACHE_HOME or ~/.cache; as root with a closed home: /var/cache).
Odoo 19 is taken from ODOO_PATH, else the odoo on the PATH, else the cache, else
Debian's unstable suite (unpacked, not installed), else a git clone.
PostgreSQL is the server that PGHOST names (with PGPORT, PGUSER, PGPASSWORD), else
an embedded one. Templates stay there: databases named queue_job_base_… and
queue_job_demo_…

On other systems than Debian: install python3 (3.10 or later, with venv and pip) and
git; Odoo is then cloned. Or name your own in ODOO_PATH. On systems for which there
is no embedded PostgreSQL, name a server in PGHOST.
"""


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="script/setup",
        description="Fetch and prepare what the demo and the tests need.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="do not look for a browser"
    )
    options = parser.parse_args(words)
    with installation(with_browser=not options.no_browser) as found:
        databases.template(found)
        balancers.get()
        say(f"cache       {cache.folder()}")
        say(f"Odoo        {found.odoo.script} ({found.odoo.origin})")
        say(f"Python      {found.environment.python}")
        where = "yours" if os.environ.get("PGHOST") else "embedded"
        say(f"PostgreSQL  {found.server.programs} ({where})")
        if not options.no_browser:
            say(f"browser     {shlex.quote(browser.find() or 'none')}")
    say("ready: script/demo, script/test")
    return 0


@contextlib.contextmanager
def installation(with_browser: bool = False) -> Iterator[Installation]:
    """Everything fetched and PostgreSQL running, for as long as the block lasts."""
    environment = python_packages.get()
    found = odoo.get()
    if with_browser:
        browser.get()
    with postgresql.server(environment) as server:
        yield Installation(found, environment, server)
