"""Databases of the tests and the demo: copies of a template, made in a second."""

import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from .bootstrap import cache
from .bootstrap.console import Stop, say
from .odoo_server import Installation, run_odoo
from .postgresql import Server

MODULES = "base,web,mail,base_sparse_field"
# A change of how templates are made makes the existing ones stale.
RECIPE = "4"
KIND = "queue_job_base_"
KEPT_TEMPLATES = 3
_MOVE_FILES = Path(__file__).parent / "scripts" / "move_files.py"


def template(installation: Installation) -> str:
    """The database with the modules that ours depend on; made if need be."""
    name = f"{KIND}{cache.digest([installation.odoo.key(), RECIPE])}"
    with cache.lock("template"):
        if not exists(installation.server, name):
            say("preparing a database with Odoo's base modules (once)")
            make_template(installation, name, None, ["-i", MODULES])
            forget_oldest(installation.server, KIND)
    return name


def make_template(
    installation: Installation, name: str, source: str | None, words: Sequence[str]
) -> None:
    """Let Odoo fill a database; it gets its name only when all went well.

    The files go into the database, too: a copy of it is then complete by itself.
    """
    server = installation.server
    part = f"{name}_part"
    drop(server, part)
    create(server, part, source)
    log = cache.log_file(name)
    try:
        words = [*words, "--stop-after-init", "--without-demo=True", "--no-http"]
        run_odoo(installation, part, words, log, "installing modules")
        if source is None:
            run_odoo(installation, part, [], log, "moving files", _MOVE_FILES, "shell")
            _need_whole(server, part)
        server.query(f'ALTER DATABASE "{part}" RENAME TO "{name}"')
    except BaseException:
        drop(server, part)
        raise


def _need_whole(server: Server, name: str) -> None:
    """Odoo's shell ends with status 0 whatever went wrong in it."""
    outside = "SELECT count(*) FROM ir_attachment WHERE store_fname IS NOT NULL"
    if server.query(outside, name) != [(0,)]:
        raise Stop("the files of the template database could not be moved into it")


def exists(server: Server, name: str) -> bool:
    sql = "SELECT 1 FROM pg_database WHERE datname = %(name)s"
    return bool(server.query(sql, values={"name": name}))


def create(server: Server, name: str, source: str | None) -> None:
    """Make a database, as a copy if a source is named.

    Only one copy can be made of a source at a time: one that meets another waits.
    """
    origin = f'TEMPLATE "{source}"' if source else "TEMPLATE template0 ENCODING 'UTF8'"
    for _attempt in range(100):
        try:
            server.query(f'CREATE DATABASE "{name}" {origin}')
            return
        except Stop as error:
            if "being accessed by other users" not in str(error):
                raise
            time.sleep(0.2)
    raise Stop(f"the database {source} stays in use: end the session on it")


def drop(server: Server, name: str) -> None:
    server.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def drop_all(server: Server, prefix: str) -> None:
    """Drop every database whose name begins with a prefix."""
    sql = "SELECT datname FROM pg_database WHERE starts_with(datname, %(prefix)s)"
    for (name,) in server.query(sql, values={"prefix": prefix}):
        drop(server, name)


def prefix() -> str:
    """A beginning for database names that no other run has."""
    return f"qj_{secrets.token_hex(3)}_"


def forget_oldest(server: Server, kind: str) -> None:
    """Drop templates of a kind but the latest ones, which may still be in use."""
    sql = (
        "SELECT datname FROM pg_database WHERE starts_with(datname, %(kind)s)"
        " ORDER BY oid DESC OFFSET %(kept)s"
    )
    for (name,) in server.query(sql, values={"kind": kind, "kept": KEPT_TEMPLATES}):
        drop(server, name)
