# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages to people whose mails wait in Odoo's queue of mails: neither a worker nor a
cron waits for a mail server."""


def tell(env, partner_ids, subject, body):
    """Notify partners, in their inboxes or by mail, as they like it.

    :param body: HTML
    """
    env["mail.thread"].message_notify(
        partner_ids=partner_ids, subject=subject, body=body, force_send=False
    )
    hurry_mails(env)


def hurry_mails(env):
    """Let Odoo's cron send the mails that wait, once this transaction is committed."""
    cron = env.ref("mail.ir_cron_mail_scheduler_action", False)
    if cron:
        cron.sudo()._trigger()
