"""``script/setup``: fetch and prepare everything, once."""

import contextlib
import os
import shlex
from collections.abc import Iterator

from . import balancers, browser, databases, postgresql, promtool
from .bootstrap import cache, odoo, packages, parsers
from .bootstrap.console import say
from .odoo_server import Installation


def main(words: list[str]) -> int:
    options = parsers.parse("setup", words)
    with installation(with_browser=not options.no_browser) as found:
        databases.template(found)
        balancers.get()
        promtool.get()
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
    environment = packages.get()
    found = odoo.get()
    if with_browser:
        browser.get()
    with postgresql.server(environment) as server:
        yield Installation(found, environment, server)
