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
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import parse_qsl
from weakref import WeakSet

from odoo.http import request
from odoo.service.model import call_kw, dispatch

#: Under which key a context carries what a client has sent of it, by key: to where the
#: call is not known any more, as in a thread that the add-on of another starts with it.
SENT = "queue_job_sent_by_client"

_CACHE = "queue_job.client_contexts"
#: Environments whose context says of the switches in it what is to be said.
_EXAMINED = "queue_job.examined_environments"
_ABSENT = object()
_CALL_KW = call_kw.__code__
_DISPATCH = dispatch.__code__


def is_set_by_code(env, key: str) -> bool:
    """Tell whether code on the server has set the key. Not, where the client
    whose call this is sends the same in a context of its own."""
    return key in env.context and not _sent_of(env, [key])


def with_sent_noted(records, keys: frozenset[str], before):
    """Return the records; where a client has sent keys of their context, with a
    note of that in it.

    Contexts are made often, and mostly hand on what they had: then the answer is that
    for ``before``, the environment they were made from, if that is known.
    """
    env = records.env
    examined = _examined(env)
    is_handed_on = _has_same(env.context, before.context, keys)
    if not is_handed_on or before not in examined:
        sent = _sent_of(env, keys.intersection(env.context))
        if sent and env.context.get(SENT) != sent:
            env = env(context={**env.context, SENT: sent})
            records = records.with_env(env)
        elif is_handed_on:
            examined.add(before)  # others are made from it
    examined.add(env)
    return records


def with_own(env, keys: frozenset[str], **own):
    """Return the environment with keys in its context that the queue itself sets: no
    client can have sent them, so nobody need look.

    :param keys: those that a client may not set
    """
    made = env(context={**env.context, **own})
    if keys.isdisjoint(env.context):
        _examined(made).add(made)
    return made


def _examined(env) -> WeakSet:
    cache = env.cr.cache
    found = cache.get(_EXAMINED)
    if found is None:
        found = cache[_EXAMINED] = WeakSet()
    return found


def _has_same(context: dict, before: dict, keys: frozenset[str]) -> bool:
    """Whether it has the very objects under the keys, and the same note."""
    for key in keys:
        if context.get(key, _ABSENT) is not before.get(key, _ABSENT):
            return False
    return context.get(SENT, _ABSENT) is before.get(SENT, _ABSENT)


def _sent_of(env, keys: Collection[str]) -> dict:
    """Which of the keys, all in the context, a client has sent with the same value."""
    if not keys:
        return {}
    contexts = _sent_contexts(env)
    return {
        key: env.context[key]
        for key in keys
        if any(
            key in sent and _may_be_same(sent[key], env.context[key])
            for sent in contexts
        )
    }


def _may_be_same(sent: Any, value: Any) -> bool:
    """Tell whether a context that a client has sent may be that with the value. Types
    say nothing: Odoo makes one environment of equal contexts, so where code has had
    True in one, it is that which a client gets who sends 1."""
    if not isinstance(sent, int | str | None):
        return True  # what code never sets, and not all is equal to itself
    return isinstance(value, int | float | str | None) and sent == value


def _sent_contexts(env) -> list[dict]:
    """Return all contexts in what the client sends; and what the context says of that.

    What was read before is not read again while its call goes on, and forgotten then:
    one transaction may be that of many calls.
    """
    noted = env.context.get(SENT)
    found = [noted] if isinstance(noted, dict) else []
    cache = env.cr.cache
    read_before, read = cache.get(_CACHE, {}), {}
    for data, is_context in _sent_data():
        key = id(data), is_context
        if (known := read_before.get(key)) is None or known[0] is not data:
            wrapped = {"context": data} if is_context else data
            known = data, list(_contexts_in(wrapped))
        read[key] = known
        found += known[1]
    cache[_CACHE] = read
    return found


def _sent_data() -> Iterator[tuple[Any, bool]]:
    """Return the parameters of the request, and of calls over an interface: XML-RPC and
    JSON-RPC hide the request meanwhile. With each, whether it is a context itself."""
    params = request.params if request else None
    if isinstance(params, dict):
        yield params, False
    frame = sys._getframe()
    while frame is not None:
        code = frame.f_code  # compared by identity: its hash is computed each time
        if code is _CALL_KW:
            variables = frame.f_locals
            yield variables.get("args"), False
            yield variables.get("kwargs"), False
            # What has been taken out of the keywords meanwhile
            yield variables.get("context"), True
        elif code is _DISPATCH:
            # The call is over when the end of its transaction computes, writes, and
            # calls hooks
            yield frame.f_locals.get("params"), False
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
