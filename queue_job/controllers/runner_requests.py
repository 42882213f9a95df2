# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How requests of runners are read: not at all, before their signature."""

from odoo import http

from .host_routing import serve_named_database


class RunnerDispatcher(http.HttpDispatcher):
    """Calls the route without parameters, whatever the query and the body hold.

    Odoo passes what strangers send as keyword arguments: a parameter called ``self``,
    or a body that is none, would be answered with an error that tells them apart.
    """

    routing_type = "queue_job"

    def dispatch(self, endpoint, args):
        self.request.params = {}
        if self.request.db:
            return self.request.registry["ir.http"]._dispatch(endpoint)
        return serve_named_database(self.request) or endpoint()
