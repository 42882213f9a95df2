# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Connections to PostgreSQL past Odoo's pool: the runner's, and those on which the
workers lock their jobs."""

from typing import Any

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

from odoo.sql_db import connection_info_for
from odoo.tools import config

from ..config import database_overrides
from ..store.sql import load
from .children import keep_from_children

_SQL = load("connection")

#: A vanished server is noticed in seconds, also while a statement is under way.
_KEEPALIVES = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 15000,  # milliseconds
}


def connection_parameters(db_name: str) -> dict[str, Any]:
    """Return what psycopg2 needs to reach a database, past any pooler.

    :raise SettingError: when an override cannot be used
    """
    _name, parameters = connection_info_for(db_name)
    return {**parameters, **database_overrides()}


def databases() -> list[str]:
    """Return the databases of Odoo's user, as Odoo lists them, asked with deadlines.

    :raise psycopg2.Error: when the server cannot be reached
    """
    connection = connect("postgres")
    try:
        with connection.cursor() as cr:
            cr.execute(
                _SQL.databases, {"templates": ["postgres", config["db_template"]]}
            )
            return [name for (name,) in cr.fetchall()]
    finally:
        connection.close()


class SharedSessionError(psycopg2.OperationalError):
    """Sessions are shared between transactions: neither locks nor LISTEN would last."""

    def __str__(self) -> str:
        return (
            "a connection pooler shares its sessions between transactions; set"
            " jobrunner_db_host and jobrunner_db_port to PostgreSQL itself"
        )


def _is_shared(connection: Any, asked: dict[str, Any]) -> bool:
    """Tell whether another connection gets the session of this one while it is open."""
    backend = _backend(connection)
    if connection.info.backend_pid == backend:
        return False  # PostgreSQL itself answers
    other = psycopg2.connect(**asked)
    try:
        # not committed: the session that it gets is its own meanwhile
        is_taken = _backend(other) == backend
        return is_taken or _backend(connection) != backend
    finally:
        other.close()


def _backend(connection: Any) -> int:
    """Return the process of PostgreSQL that answers just now."""
    with connection.cursor() as cr:
        cr.execute(_SQL.backend)
        return int(cr.fetchone()[0])


def connect(db_name: str, **parameters: Any) -> Any:
    """Return a connection without transactions, whose statements cannot last for long.

    :param parameters: further ones of ``psycopg2.connect``, these win
    :raise SharedSessionError: when a pooler gives its session to others
    :raise psycopg2.Error: when the database cannot be reached
    """
    asked = {**_KEEPALIVES, **connection_parameters(db_name), **parameters}
    connection = psycopg2.connect(**asked)
    keep_from_children(connection)
    try:
        connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        # first: what is set on a pooler's session stays there, for Odoo to find
        if _is_shared(connection, asked):
            raise SharedSessionError()
        with connection.cursor() as cr:
            cr.execute(_SQL.limits)
            cr.execute(_SQL.not_ended)
            cr.execute(_SQL.kept_plans)
    except BaseException:
        connection.close()
        raise
    return connection
