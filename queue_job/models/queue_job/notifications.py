# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who hears of a job that failed, and what."""

from odoo import models

from ...core.text import short_name
from ...db import server_clock
from ...marks import UNREVIVABLE
from ..part import ModelPart
from ..telling import hurry_mails

#: Most records that a message names, and most characters of an exception in it.
_MOST_RECORDS = 3
_MOST_CHARACTERS = 300


class JobNotifications(ModelPart):
    """The part of ``queue.job`` that posts failures to its followers."""

    _name = "queue.job"
    _register = False

    # whether a user was told of a failure in this hour
    _failure_idx = models.Index(
        "(channel_method_name, date_failed) WHERE state = 'failed'"
    )

    def _message_post_on_failure(self):
        """Subscribe those who should know, and tell them. Called when a job is
        written as failed."""
        for record in self:
            users = (
                self.env["res.users"].sudo().search(record._subscribe_users_domain())
            )
            if record._subscribe_job_creator():
                # customers on the portal have no use for the errors of the server
                users |= record.sudo().user_id.filtered(lambda user: not user.share)
            record.message_subscribe(partner_ids=users.partner_id.ids)
            message = record._message_failed_job()
            if message:
                record._post_failure(message)

    def _post_failure(self, message):
        """Post on the job; its followers are told of the first failure of a flood.
        The mail is sent by Odoo's cron: a worker does not wait for a mail server."""
        is_told = not self._is_told_of_another()
        self.message_post(
            body=message,
            subtype_xmlid="queue_job.mt_job_failed",
            force_send=False,
            notify_skip_followers=not is_told,
        )
        if is_told:
            hurry_mails(self.env)

    def _is_told_of_another(self):
        """Tell whether those who should know of this failure were told in this clock
        hour of another one, which is still failed: same function, same user, same
        company.

        One that was itself told on its job alone does not count: a flood that lasts
        is told anew every hour."""
        hour = server_clock.now(self.env.cr).replace(minute=0, second=0, microsecond=0)
        subtype_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "queue_job.mt_job_failed"
        )
        told = [
            ("subtype_id", "=", subtype_id),
            ("notification_ids", "!=", False),
        ]
        return bool(
            self.sudo().search_count(
                [
                    ("id", "!=", self.id),
                    ("state", "=", "failed"),
                    ("channel_method_name", "=", self.channel_method_name),
                    ("user_id", "=", self.user_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("date_failed", ">=", hour),
                    ("message_ids", "any", told),
                ],
                limit=1,
            )
        )

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """Give no button to those who may not open the job: it would lead to an
        error."""
        groups = super()._notify_get_recipients_groups(
            message, model_description, msg_vals=msg_vals
        )
        if len(self) != 1:
            return groups

        def may_not_open(recipient):
            user = self.env["res.users"].browse(recipient["uid"])
            return recipient["type"] == "user" and not self.with_user(user).has_access(
                "read"
            )

        options = {"active": True, "has_button_access": False}
        return [["queue_job_reader", may_not_open, options], *groups]

    def _message_failed_job(self):
        """Text of the message; nothing is posted when it is empty."""
        self.ensure_one()
        return self.env._(
            "%(function)s failed for %(records)s: %(exception)s: %(message)s. The"
            " traceback is on job %(uuid)s. Further failures of this function "
            "within this hour are recorded on their jobs only.",
            function=self.channel_method_name or self.name,
            records=self._words_for_records(),
            exception=short_name(self.exc_name),
            message=(self.exc_message or "")[:_MOST_CHARACTERS],
            uuid=self.uuid,
        )

    def _words_for_records(self):
        try:
            records = self.sudo().records.sudo().exists()
            names = [record.display_name for record in records[:_MOST_RECORDS]]
        except UNREVIVABLE:  # the model is not installed any more, or worse
            return self.model_name
        if len(records) > _MOST_RECORDS:
            names.append("…")
        return ", ".join(names) or self.model_name

    def _subscribe_users_domain(self):
        """Tell which users follow a failed job: the queue's managers, those of the
        job's company if it has one.

        :return: a plain list; other add-ons append conditions to it
        """
        group = self.env.ref("queue_job.group_queue_job_manager", False)
        domain = [("all_group_ids", "in", group.ids if group else [])]
        companies = self.mapped("company_id")
        if companies:
            domain.append(("company_ids", "in", companies.ids))
        return domain

    def _subscribe_job_creator(self):
        """Tell whether the user who delayed a job follows it once it failed, unless he
        is of the portal."""
        return True
