# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which keys of a context a client has sent.

Some keys turn delaying off, or choose whose company a job is of. Code on the server may
set them; a client that calls a method over an interface may not, though what he sends
as context is the method's context, too. Nothing in a context says who set what, so the
data of the call is looked at, and only when such a key is there.
"""

import ast
import json
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from odoo.http import request
from odoo.service.model import call_kw, dispatch

#: Under which key a context carries what a client has sent of it, by key: to where the
#: call is not known any more, as in a thread that the add-on of another starts with it.
SENT = "queue_job_sent_by_client"

_CACHE = "queue_job.client_contexts"
_CALL_KW = call_kw.__code__
#: Which variables of which functions hold what a client has sent. The call is over
#: when the end of its transaction computes, writes, and calls hooks.
_HOLDERS = {call_kw.__code__: ("args", "kwargs"), dispatch.__code__: ("params",)}


def is_set_by_code(env, key: str) -> bool:
    """Tell whether the context has the key from code on the server. Not, where the
    client whose call this is sends the same in a context of its own."""
    if key not in env.context:
        return False
    value = env.context[key]
    return not any(
        key in sent and _may_be_same(sent[key], value) for sent in _sent_contexts(env)
    )


def with_sent_noted(records, keys: frozenset[str]):
    """Return the records; where a client has sent some of the keys of their context,
    with a note of that in it."""
    env = records.env
    sent = {
        key: env.context[key]
        for key in keys.intersection(env.context)
        if not is_set_by_code(env, key)
    }
    if not sent or env.context.get(SENT) == sent:
        return records
    return records.with_env(env(context={**env.context, SENT: sent}))


def _may_be_same(sent: Any, value: Any) -> bool:
    if not isinstance(sent, bool | int | str | None):
        return True  # what code never sets, and not all is equal to itself
    return type(sent) is type(value) and sent == value


def _sent_contexts(env) -> Iterator[dict]:
    """Return all contexts in what the client sends, read once in a transaction; and
    what the context itself says of that."""
    if isinstance(noted := env.context.get(SENT), dict):
        yield noted
    read = env.cr.cache.setdefault(_CACHE, {})
    for data in _sent_data():
        _data, contexts = read.get(id(data), (None, None))
        if _data is not data:
            contexts = list(_contexts_in(data))
            read[id(data)] = data, contexts
        yield from contexts


def _sent_data() -> Iterator[Any]:
    """Return the parameters of the request, and those of calls over an interface:
    XML-RPC and JSON-RPC hide the request meanwhile."""
    params = request.params if request else None
    if isinstance(params, dict):
        yield params
    frame = sys._getframe()
    while frame is not None:
        for name in _HOLDERS.get(frame.f_code, ()):
            yield frame.f_locals.get(name)
        if frame.f_code is _CALL_KW:  # taken out of the keywords meanwhile
            yield {"context": frame.f_locals.get("context")}
        frame = frame.f_back


def _contexts_in(data: Any) -> Iterator[dict]:
    """Return what stands under a key ``context`` somewhere in the data of a request,
    also in texts that are read in turn."""
    todo = [data]
    while todo:
        data = todo.pop()
        if isinstance(data, dict):
            context = data.get("context")
            if isinstance(context, str):
                context = _read(context)
            if isinstance(context, dict):
                yield context
            todo.extend(data.values())
        elif isinstance(data, list | tuple):
            todo.extend(data)
        elif isinstance(data, str) and data.lstrip()[:1] in ("{", "["):
            todo.append(_read(data))
        elif isinstance(data, str) and "?" in data:  # names may be escaped, too
            query = data.partition("?")[2]
            todo.extend({name: value} for name, value in parse_qsl(query))


def _read(text: str) -> Any:
    for reader in (json.loads, ast.literal_eval):
        try:
            return reader(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return None
