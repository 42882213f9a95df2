# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``/queue_job/metrics``: numbers about the queue of a database, for Prometheus."""

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from odoo import SUPERUSER_ID, http
from odoo.http import request

from odoo.addons.queue_job.controllers.gate import MonitorDispatcher

from ..collector import QueueCollector


class MetricsController(http.Controller):
    """Answers to who may ask for the queue's health, 404 to all others."""

    @http.route(
        "/queue_job/metrics",
        type=MonitorDispatcher.routing_type,
        auth="none",
        methods=["GET"],
        save_session=False,
        readonly=False,  # a replica has no locks to tell of
    )
    def metrics(self):
        """Tell the metrics of the request's database, in Prometheus' text."""
        request.update_env(user=SUPERUSER_ID, context={})
        # one of this request: what several processes count cannot be added up here
        registry = CollectorRegistry(auto_describe=False)
        registry.register(QueueCollector(request.env))
        headers = [("Content-Type", CONTENT_TYPE_LATEST)]
        return request.make_response(generate_latest(registry), headers)
