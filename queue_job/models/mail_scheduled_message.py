# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages that a cron sends later, with a context that a client has sent before."""

from odoo import models

from ..utils import SWITCHES


class MailScheduledMessage(models.Model):
    _inherit = "mail.scheduled.message"

    def _post_message(self, raise_exception=True):
        """Send the messages without what switches delaying: by now nothing else tells
        the context of a client from one that code has made."""
        for message in self.sudo():
            context = message.send_context or {}
            if SWITCHES.intersection(context):
                message.send_context = {
                    key: context[key] for key in context.keys() - SWITCHES
                }
        return super()._post_message(raise_exception=raise_exception)
