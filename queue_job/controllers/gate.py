# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Requests of monitors: who may know how the queue is, and of which database."""

import logging

from odoo import http
from odoo.tools import config

from ..config import setting
from ..core.gate import LOOPBACK, is_token, is_within, networks

_logger = logging.getLogger(__name__)
_BEARER = "Bearer "
#: Value of ``health_addresses`` that lets nobody in by his address, not even this host.
NOBODY = "none"
#: Headers of proxies, beside all that begin like the last one.
_FORWARDED = ("forwarded", "via", "x-real-ip", "x-forwarded-")
#: Settings already complained about: a monitor asks every few seconds.
_complained: set[str] = set()


class MonitorDispatcher(http.HttpDispatcher):
    """Calls a route without parameters, whatever the query holds, and for those who may
    know; all others get the answer of a page that is not there."""

    routing_type = "queue_job_monitor"

    def dispatch(self, endpoint, args):
        request = self.request
        request.params = {}
        response = None
        if is_admitted(request):
            if request.db:
                return request.registry["ir.http"]._dispatch(endpoint)
            response = _serve_database_of_query(request)
        return response or request.make_response("Not Found", status=404)


def is_admitted(request):
    """Tell whether a request may know: by the token ``health_token``, or by its address
    (``health_addresses``; where neither is set, this host's)."""
    token = (setting("health_token") or "").strip()
    if is_token(token, _given_token(request.httprequest)):
        return True
    addresses = setting("health_addresses")
    if addresses is None:
        addresses = "" if token else LOOPBACK
    address = request.httprequest.remote_addr or ""
    return not _hides_client(request.httprequest) and is_within(
        address, _networks(addresses)
    )


def _serve_database_of_query(request):
    """Serve a request that Odoo found no database for in the one it names (``?db=``).

    :return: the response; ``None`` where this host serves no such database
    """
    db_name = request.httprequest.args.get("db", "")
    if db_name not in http.db_list(force=True):
        return None
    request.db = request.session.db = db_name
    return request._serve_db()  # the gate is asked again there


def _given_token(httprequest):
    header = httprequest.headers.get("Authorization", "")
    if header.startswith(_BEARER):
        return header[len(_BEARER) :].strip()
    return httprequest.args.get("token", "")


def _hides_client(httprequest):
    """Tell whether a proxy passed the request on, and Odoo did not take the client's
    address from it: then the address is the proxy's, which is often this host."""
    headers = httprequest.headers
    # empty ones Odoo does not read
    clients = headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    if config["proxy_mode"] and headers.get("X-Forwarded-Host") and clients:
        return False
    *names, prefix = _FORWARDED
    sent = [name.lower() for name in headers.keys()]
    return any(name in names or name.startswith(prefix) for name in sent)


def _networks(text):
    if text.strip().lower() == NOBODY:
        return []
    try:
        return networks(text)
    except ValueError as error:
        if text not in _complained:
            _complained.add(text)
            _logger.error("setting health_addresses: %s; nobody is let in by it", error)
        return []
