# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where no job may be stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from psycopg2.errors import ReadOnlySqlTransaction

from odoo.exceptions import UserError

#: The cursor of the onchange that runs, if one does. Other transactions that it opens
#: are its own affair.
_ONCHANGE: ContextVar[Any] = ContextVar("queue_job_onchange", default=None)


@contextmanager
def during_onchange(env: Any) -> Iterator[None]:
    """Refuse to store jobs in the transaction meanwhile: a form asks at each change of
    a field, and may never be saved."""
    token = _ONCHANGE.set(env.cr)
    try:
        yield
    finally:
        _ONCHANGE.reset(token)


def check_may_store(env: Any, what: str) -> None:
    """Refuse to store a job, before anything is read or written for it.

    :param what: the call to be delayed
    :raise UserError: in an onchange
    :raise ReadOnlySqlTransaction: in a transaction that only reads; Odoo then makes
        the request again in one that writes
    """
    if _ONCHANGE.get() is env.cr:
        raise UserError(
            env._(
                "%s cannot be delayed while a form is being filled in: each change of a"
                " field would store a job. Delay it in create() or write(), when the"
                " form is saved.",
                what,
            )
        )
    if env.cr.readonly:
        raise ReadOnlySqlTransaction(
            f"{what} is delayed by a method that is marked as read-only"
        )
