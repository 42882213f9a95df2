# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""No mail leaves the server for work that is rolled back."""

import logging

from odoo import models

from ..db.rehearsal import is_rehearsing

_logger = logging.getLogger(__name__)


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    def _connect__(self, *args, **kwargs):  # noqa: PLW3201
        if is_rehearsing():
            return None
        return super()._connect__(*args, **kwargs)

    def send_email(self, message, *args, **kwargs):
        if is_rehearsing():
            _logger.info("dry run: a mail to %s is not sent", message["To"])
            return message["Message-Id"]
        return super().send_email(message, *args, **kwargs)
