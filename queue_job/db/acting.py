# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who acts: the one user whom everything in a job is told that asks.

Odoo asks in more places than ``self.env``: what is recomputed at a flush is recomputed
by the transaction's default environment; guards against commands under ``sudo()`` ask
it for the user who stands behind; the request and the thread have an answer of their
own. In a job all of them answer as they would in the direct call, else delaying a call
would give it other rights (see ``odoo/orm/environments.py``, ``odoo/http.py``).
"""

import threading
from typing import Any

from odoo import SUPERUSER_ID
from odoo.http import _request_stack

_MISSING = object()


class acting_as:
    """Let the user of an environment act, with its context and the rights he has by
    himself, in its transaction, the request and the thread, as long as the block runs.

    :param env: its superuser flag does not count: behind ``sudo()`` the user stays
        who he is
    """

    __slots__ = ("_actor", "_before")  # made for each job, twice: no generator

    def __init__(self, env: Any) -> None:
        is_behind_sudo = env.su and env.uid != SUPERUSER_ID  # whose flag is always on
        self._actor = env(su=False) if is_behind_sudo else env
        self._before: Any = None  # who acted before, if it is another one

    def __enter__(self) -> Any:
        actor = self._actor
        transaction = actor.transaction
        thread: Any = threading.current_thread()
        default_env, uid = transaction.default_env, getattr(thread, "uid", _MISSING)
        request = _request_stack.top  # sooner than through its proxy
        request_env = None if request is None else request.env
        if (
            default_env is actor
            and uid == actor.uid
            and (request_env is None or request_env is actor)
        ):
            return actor
        self._before = transaction, default_env, thread, uid, request, request_env
        transaction.default_env = actor
        thread.uid = actor.uid
        if request_env is not None:
            request.env = _like(actor, request_env)
        return actor

    def __exit__(self, *_error: Any) -> None:
        if self._before is None:
            return
        transaction, default_env, thread, uid, request, request_env = self._before
        transaction.default_env = default_env
        if request_env is not None:
            request.env = request_env
        if uid is _MISSING:
            del thread.uid
        else:
            thread.uid = uid


def _like(actor: Any, env: Any) -> Any:
    """Return the environment of the actor in the transaction of another one. To look
    one up is dear where there are many."""
    if env.transaction is actor.transaction:
        return actor
    return env(user=actor.uid, context=actor.context, su=False)
