"""Who hears of a job that failed, and what."""


class FailureMessages:
    """The part of ``queue.job`` that posts failures to its followers."""

    __slots__ = ()  # like every model: another layout could not be extended

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
                record.message_post(
                    body=message, subtype_xmlid="queue_job.mt_job_failed"
                )

    def _message_failed_job(self):
        """Text of the message; nothing is posted when it is empty."""
        self.ensure_one()
        return self.env._(
            "Something bad happened during the execution of job %s."
            " More details in the 'Exception Information' section.",
            self.uuid,
        )

    def _subscribe_users_domain(self):
        """Which users follow a failed job: the queue's managers, those of the job's
        company if it has one.

        :return: a plain list; other add-ons append conditions to it
        """
        group = self.env.ref("queue_job.group_queue_job_manager", False)
        domain = [("all_group_ids", "in", group.ids if group else [])]
        companies = self.mapped("company_id")
        if companies:
            domain.append(("company_ids", "in", companies.ids))
        return domain

    def _subscribe_job_creator(self):
        """Whether the user who delayed a job follows it once it failed, unless he is of
        the portal."""
        return True
