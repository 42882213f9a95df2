# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What people change, kept whatever a client says of that."""

from ..utils import is_on

#: Keys of a context that have Odoo keep no changes.
_SILENCING = ("tracking_disable", "mail_notrack")


def with_tracking(records):
    """Return records whose changes are kept, unless code on the server has said that
    they are not: who sends a context decides nothing about what is known of him."""
    context = records.env.context
    sent = [
        key for key in _SILENCING if context.get(key) and not is_on(records.env, key)
    ]
    return records.with_context(**dict.fromkeys(sent, False)) if sent else records
