# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The digest of failures: what has failed since the last one, for managers who ask for
it in their preferences."""

from odoo import SUPERUSER_ID, api, fields, models

from ..core.digest import period
from ..db import server_clock
from .telling import tell

MANAGERS = "queue_job.group_queue_job_manager"
#: Until when failures were told of.
UNTIL = "queue_job.failure_digest_until"
#: Failures that a digest names.
MOST_NAMED = 20


class ResUsers(models.Model):
    _inherit = "res.users"

    queue_job_digest = fields.Boolean(
        string="Daily Digest of Failed Jobs",
        help="Get a message each day on which jobs of your companies have failed: what"
        " is new, what came back, and what failed most.",
    )
    is_queue_job_manager = fields.Boolean(
        compute="_compute_is_queue_job_manager",
        help="Whether the user may ask for it. Other modules show preferences as the"
        " superuser, to whom groups in views mean nothing.",
    )

    @api.depends("all_group_ids")
    def _compute_is_queue_job_manager(self):
        for user in self:
            user.is_queue_job_manager = user.has_group(MANAGERS)

    @property
    def SELF_READABLE_FIELDS(self):
        own = ["queue_job_digest", "is_queue_job_manager"]
        return [*super().SELF_READABLE_FIELDS, *own]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "queue_job_digest"]


class QueueJobFailure(models.Model):
    _inherit = "queue.job.failure"

    @api.model
    def _send_digests(self):
        """Tell managers who want it what has failed since the last time, in whole
        hours. Called by a cron, once a day."""
        self.env.flush_all()
        parameters = self.env["ir.config_parameter"].sudo()
        now = server_clock.now(self.env.cr)
        since, until = period(parameters.get_param(UNTIL), now)
        for user in self._digest_readers():
            own = self.with_user(user).with_context(
                lang=user.lang, tz=user.tz, allowed_company_ids=user.company_ids.ids
            )
            if digest := own._digest(since, until):
                own._send_digest(digest)
        parameters.set_param(UNTIL, fields.Datetime.to_string(until))

    def _digest_readers(self):
        group = self.env.ref(MANAGERS, False)
        wanted = [
            ("queue_job_digest", "=", True),
            ("all_group_ids", "in", group.ids if group else []),
        ]
        return self.env["res.users"].sudo().search(wanted)

    def _digest(self, since, until):
        """Return what a user is told of; nothing where nothing has failed that he may
        see, and that is not ignored.

        :param since: begin of the first hour, naive UTC
        :param until: end of the last one
        """
        met = self._met(since, until)
        if not met:
            return None
        shown = met[:MOST_NAMED]
        kinds = {"new": [], "back": [], "known": []}
        for failure, times in shown:
            kinds[failure._kind(since)].append((failure, times))
        return {
            "since": since,
            "until": until,
            "kinds": kinds,
            "has_more": len(met) > MOST_NAMED,
        }

    def _met(self, since, until):
        """Return failures and how often each was met, the most frequent first; those
        that are new or came back come before the others."""
        hours = [("hour", ">=", since), ("hour", "<", until)]
        heeded = [("failure_id.status", "!=", "ignored")]
        news = [
            "|", ("failure_id.first_seen", ">=", since),
            ("failure_id.back_seen", ">=", since),
        ]  # fmt: skip

        def most(domain):
            return self.env["queue.job.failure.hour"]._read_group(
                hours + heeded + domain,
                ["failure_id"],
                ["times:sum"],
                order="times:sum DESC",
                limit=MOST_NAMED + 1,
            )

        found = dict(most(news))
        for failure, times in most([]):
            found.setdefault(failure, times)
        return list(found.items())

    def _kind(self, since):
        if self.first_seen >= since:
            return "new"
        return "back" if self.back_seen and self.back_seen >= since else "known"

    def _send_digest(self, digest):
        user = self.env.user
        body = self.env["ir.qweb"]._render(
            "queue_job.failure_digest", self._digest_values(digest), lang=user.lang
        )
        subject = self.env._("Failed jobs of %s", self.env.cr.dbname)
        tell(self.env(user=SUPERUSER_ID), user.partner_id.ids, subject, body)

    def _digest_values(self, digest):
        titles = {
            "new": self.env._("New"),
            "back": self.env._("Came back after they were fixed"),
            "known": self.env._("Most frequent of the others"),
        }
        return {
            **digest,
            "kinds": [
                (titles[kind], met) for kind, met in digest["kinds"].items() if met
            ],
            "since": _local(self, digest["since"]),
            "until": _local(self, digest["until"]),
            "base_url": self.get_base_url(),
        }


def _local(records, moment):
    shown = fields.Datetime.context_timestamp(records, moment)
    return shown.strftime("%Y-%m-%d %H:%M %Z")
