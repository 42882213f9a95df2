# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Run requests whose database Odoo does not find by the host name.

The runner names it. Behind a ``dbfilter`` of ``%d`` or ``%h`` Odoo refuses that name,
and a name that no header can hold does not reach it; it serves the request without a
database. Here it is found after all, once the signature has proved that a runner of
that database asks.
"""

import time
from contextlib import closing
from functools import cache

import psycopg2

from odoo import http
from odoo.service.db import list_dbs
from odoo.tools import config

from ..config import SettingError
from ..core.admission import Admission, accepts_for_some_host, is_header_text
from ..db.connection import connect
from ..store.sql import load


def serve_named_database(request):
    """Serve a request in the database that it names, as if Odoo had found it.

    :return: the response; ``None`` for any client but a runner of that database
    """
    query = request.httprequest.args
    names = ("db", "job_uuid", "attempt", "signature")
    db_name, *signed = (query.get(name, "") for name in names)
    fits_header = is_header_text(db_name)
    if fits_header and not config["dbfilter"]:
        return None
    if not _admission().is_signed(db_name, *signed):
        return None
    if fits_header and http.db_filter([db_name]):
        return None  # the host is not why Odoo could not serve it
    request.db = request.session.db = db_name
    return request._serve_db()  # the signature is checked again there


@cache
def _admission():
    """Return that of this process; it holds no connection that a fork could share."""
    return Admission(_served_databases, _secret, time.monotonic)


def _served_databases():
    try:
        names = config["db_name"] or list_dbs(True)
    except psycopg2.Error:
        return []
    return [
        name for name in names if accepts_for_some_host(config["dbfilter"] or "", name)
    ]


def _secret(db_name):
    try:
        with closing(connect(db_name, connect_timeout=3)) as connection:
            with connection.cursor() as cr:
                cr.execute(load("connection").runner_limits)
                cr.execute(load("candidates").secret)
                found = cr.fetchone()
    except (psycopg2.Error, SettingError):
        return ""
    return found[0] or "" if found else ""
