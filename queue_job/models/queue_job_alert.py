# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Alerts: people, or a web service, are told when jobs do not run."""

import json
import logging

import requests
from markupsafe import Markup

from odoo import api, models

from ..config import setting, thresholds
from ..core.alerts import news
from ..core.health import judge
from ..store import health
from .telling import tell

_logger = logging.getLogger(__name__)
_SEEN = "queue_job.alerts_seen"
#: Seconds to wait for the web service.
_TIMEOUT = 10.0


class QueueJobDoctor(models.AbstractModel):
    _inherit = "queue.job.doctor"

    @api.model
    def _alert(self):
        """Tell of what is wrong, once, and when it is over. Called every five minutes,
        by a cron of the database: it needs no runner."""
        self.env.flush_all()
        parameters = self.env["ir.config_parameter"].sudo()
        seen = _read(parameters.get_param(_SEEN))
        told = news(judge(health.read(self.env.cr), thresholds()), seen)
        if told.seen != seen:
            parameters.set_param(_SEEN, json.dumps(told.seen, sort_keys=True))
        if told.begun or told.over:
            self._tell_managers(told)
            self._tell_service(told)

    def _tell_managers(self, told):
        group = self.env.ref("queue_job.group_queue_job_manager", False)
        users = self.env["res.users"].search(
            [("all_group_ids", "in", group.ids if group else [])]
        )
        for lang, readers in users.grouped("lang").items():
            doctor = self.with_context(lang=lang)
            tell(
                self.env,
                readers.partner_id.ids,
                doctor.env._("Job queue of %s", self.env.cr.dbname),
                Markup("<br/>").join(doctor._lines(told)),
            )

    def _lines(self, told):
        for finding in told.begun:
            yield from self._in_words(finding)
        if told.over:
            yield self.env._("Over: %s.", ", ".join(told.over))

    def _tell_service(self, told):
        """Send it to the address in ``alert_webhook``, once all is committed: nobody
        waits for a web service."""
        if url := setting("alert_webhook"):
            body = {
                "database": self.env.cr.dbname,
                "findings": [
                    {
                        "name": finding.name,
                        "severity": finding.severity.value,
                        "words": finding.words,
                        "cure": finding.cure,
                    }
                    for finding in told.begun
                ],
                "over": told.over,
            }
            self.env.cr.postcommit.add(lambda: _post(url, body))


def _read(text):
    """Return what was remembered; what people made of it counts as nothing."""
    try:
        seen = json.loads(text or "{}")
        return {str(name): int(count) for name, count in seen.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _post(url, body):
    try:
        answer = requests.post(url, json=body, timeout=_TIMEOUT)
        answer.raise_for_status()
    except (requests.RequestException, ValueError) as error:
        # not the address: it may hold a secret
        _logger.warning("the alert could not be sent: %s", type(error).__name__)
