# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``/queue_job/health``: whether jobs run, for monitors and load balancers."""

from odoo import http
from odoo.http import request

from ..config import thresholds
from ..core.health import Severity, judge, worst
from ..store import health
from .gate import MonitorDispatcher


class HealthController(http.Controller):
    """Answers 200 or 503 to who may know, 404 to all others."""

    @http.route(
        "/queue_job/health",
        type=MonitorDispatcher.routing_type,
        auth="none",
        methods=["GET"],
        save_session=False,
        readonly=False,  # a replica has no locks to tell of
    )
    def health(self):
        """Tell how the queue of the request's database is."""
        facts = health.read(request.env.cr)
        findings = judge(facts, thresholds())
        bad = worst(findings)
        status = 503 if bad is Severity.CRITICAL else 200
        return request.make_json_response(_told(facts, findings, bad), status=status)


def _told(facts, findings, bad):
    """Numbers and names only: nothing of what jobs are about."""
    return {
        "status": bad.value if bad else "ok",
        "findings": [finding.name for finding in findings],
        "leader_seen_seconds": facts.leader_age,
        "oldest_due_seconds": facts.oldest_due or 0.0,
        "jobs": {
            state: min(count, health.MOST_COUNTED)
            for state, count in facts.counts.items()
        },
        "counted_up_to": health.MOST_COUNTED,
    }
