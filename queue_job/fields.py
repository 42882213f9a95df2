# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How the call of a job is stored: JSON, with what JSON has not marked.

The format is shared with rows that older versions wrote, see :mod:`.marks`.
"""

import copy
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from psycopg2.extras import Json as PsycopgJson

from odoo import fields, models
from odoo.tools import SQL

from .core.limits import MOST_NESTED
from .core.stored_json import UNREADABLE, is_unreadable, read_to_show
from .encryption import Encrypted, decrypt, is_encrypted
from .marks import KINDS_OF_DICT, Unfaithful, is_mark, mark, revive

BASE_TYPES = (dict, list, tuple, models.BaseModel)
#: A NUL in JSON; a backslash before ``u0000`` is one only if it is not itself escaped.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
#: What in a JSON text calls for a closer look; most texts have none of it.
_SUSPECT = re.compile("\\\\u0000|[\ud800-\udfff]")
_CONTAINERS = (list, tuple, dict, *KINDS_OF_DICT)
#: ... of plain data.
_NESTED = {dict, list}
_LISTS = (list, tuple)
_EMPTY = {list: "[]", dict: "{}"}
_AS_STORED = object()
_DECRYPTED = object()
#: What is shown in the place of encrypted arguments.
HIDDEN = "encrypted"


class JobEncoder(json.JSONEncoder):
    """Encode the arguments of a job. A subclass may add types in ``default``.

    :raise TypeError: for a value that would not come back as it is
    """

    def iterencode(self, o: Any, _one_shot: bool = False) -> Iterator[str]:
        return super().iterencode(mark(o), _one_shot)

    def default(self, o: Any) -> Any:
        marked = mark(o)
        return super().default(o) if marked is o else marked


class JobDecoder(json.JSONDecoder):
    """Decode the arguments of a job in an environment.

    :param env: needed keyword; records are bound to its cursor, under the user, the
        superuser flag and the context they were stored with. Rows without user are
        read as ``env``'s user, rows without flag as an ordinary user.
    """

    def __init__(self, *args, **kwargs):
        self.env = kwargs.pop("env")
        super().__init__(*args, object_hook=self.object_hook, **kwargs)

    def object_hook(self, obj: dict) -> Any:  # pylint: disable=method-hidden
        return revive(obj, self.env)


#: The JSON text of a value, as it is stored. Raises as ``JobEncoder``.
encode = JobEncoder(allow_nan=False, ensure_ascii=False).encode
_mark_unknown = JobEncoder().default


def to_marked(value: Any) -> Any:
    """``value`` as the plain JSON data that is stored of a call.

    :raise TypeError, ValueError: when a part of it cannot be stored
    """
    # what is written out has a tuple of arguments as a list
    return json.loads(encode(list(value) if type(value) is tuple else value))


def to_plain(value: Any) -> Any:
    """``value`` as plain JSON data in which tuples are lists, and keys are text.

    :raise TypeError, ValueError: when a part of it cannot be stored
    """
    return json.loads(json.dumps(value, default=_mark_unknown, allow_nan=False))


def storable_text(value: Any, path: str) -> str:
    """``value`` as the JSON text that is stored, made once.

    :param path: how the value is called in errors
    :raise TypeError: when a part of it cannot be stored; the message says which, and
        what could
    """
    if not value and type(value) in _EMPTY:  # so are most
        return _EMPTY[type(value)]
    try:
        text = encode(value)
    except (TypeError, ValueError):
        text = None
    if text is None or _SUSPECT.search(text):
        for culprit in find_unstorable(value, path):
            raise TypeError(culprit)
    return encode(value) if text is None else text


def from_plain(data: Any, env) -> Any:
    """Return the value that ``data``, as read from the database, stands for; a copy."""
    if isinstance(data, dict):
        if data.get("_type") == "odoo_recordset":  # marks stand in its context alone
            context = from_plain(data.get("context"), env)
            return revive({**data, "context": context}, env)
        return revive(
            {
                key: from_plain(item, env) if type(item) in _NESTED else item
                for key, item in data.items()
            },
            env,
        )
    if isinstance(data, list):
        return [from_plain(item, env) for item in data]
    return data


def holds_marks(data: Any) -> bool:
    """Tell whether plain data would be read back as something else."""
    if isinstance(data, dict):
        return is_mark(data) or any(map(holds_marks, data.values()))
    return isinstance(data, list) and any(map(holds_marks, data))


def as_stored(records: models.BaseModel) -> models.BaseModel:
    """``records``, whose fields of this type give what is stored, whether or not what
    that stands for can be made."""
    return records.with_context(queue_job__as_stored=_AS_STORED)


def decrypted(records: models.BaseModel) -> models.BaseModel:
    """``records``, whose fields of this type give arguments that are encrypted as they
    were: for the code that runs them, and for nobody to look at."""
    return records.with_context(queue_job__decrypted=_DECRYPTED)


def _is_as_stored(records: models.BaseModel) -> bool:
    # clients cannot send this very object
    return records.env.context.get("queue_job__as_stored") is _AS_STORED


def find_unstorable(value: Any, path: str, around: tuple = ()) -> Iterator[str]:
    """Return what in ``value`` cannot be stored, where it stands, and the cure, for the
    error message of the delaying call: ``args[1]['lines'][0] (set) cannot be stored.
    …``

    :param around: the containers in which ``value`` stands
    """
    kind = type(value)
    if any(value is outer for outer in around):
        yield f"{path} (a {kind.__name__} that holds itself) cannot be stored"
    elif kind not in _CONTAINERS or len(around) >= MOST_NESTED:
        if reason := _refusal(value, len(around)):
            shown = f": {value!r:.80}" if isinstance(value, str | float) else ""
            yield f"{path:.200} ({kind.__name__}{shown}) {reason}"
    else:
        for key, item in _items_of(value):
            if isinstance(value, dict) and _refusal({key: None}):
                yield f"{path}, key {key!r:.80} ({type(key).__name__}) {_NO_KEY}"
            yield from find_unstorable(item, f"{path}[{key!r:.80}]", (*around, value))


def _items_of(container: Any) -> Iterable[tuple]:
    return container.items() if isinstance(container, dict) else enumerate(container)


_NO_KEY = "cannot be stored: keys are text, numbers, dates, or tuples of those"
_NOTHING_KNOWN = (
    "cannot be stored. Pass text, numbers, dates, records, XML elements, or lists,"
    " tuples and dictionaries of them"
)


def _refusal(value: Any, depth: int = 0) -> str | None:
    """Tell why a value cannot be stored, with the cure."""
    try:
        text = encode(mark(value, depth))
        text.encode()  # lone surrogates have no place in UTF-8
    except Unfaithful as error:
        return str(error)
    except (TypeError, ValueError):
        return _NOTHING_KNOWN
    return _NOTHING_KNOWN if _NUL.search(text) else None  # no text of PostgreSQL's


class JobSerialized(fields.Field):
    """A field that holds JSON, with records, dates and XML marked.

    :param base_type: ``dict`` (default), ``list``, ``tuple`` or ``BaseModel``; what an
        empty column reads as. A tuple reads back as a list.
    :param keeps_types: whether what is inside reads back as the type it was written
        as: a tuple, a dictionary with numbers as keys
    :raise ValueError: at model set-up, for another base type

    The column is ``json``, which keeps the order of keys and the form of numbers.
    """

    type = "job_serialized"
    _column_type = ("json", "json")
    base_type: type = dict
    keeps_types: bool = False
    prefetch = False  # a call may be megabytes: who needs it reads it

    def setup_nonrelated(self, model):
        super().setup_nonrelated(model)
        if self.base_type not in BASE_TYPES:
            names = ", ".join(kind.__name__ for kind in BASE_TYPES)
            raise ValueError(
                f"Field {self}: base_type {self.base_type!r} is not one of {names}"
            )

    def to_sql(self, model, alias):
        """Read text: what psycopg2 cannot decode would fail the whole page."""
        return SQL("%s::text", super().to_sql(model, alias))

    def _insert_cache(self, records, values):
        super()._insert_cache(
            records, [None if text is None else read_to_show(text) for text in values]
        )

    def convert_to_column(self, value, record, values=None, validate=True):
        data = self.convert_to_cache(value, record, validate)
        return None if data is None else PsycopgJson(data)

    def get_column_update(self, record):
        """Write at the flush what stands in the cache, as data already."""
        data = record.env.transaction.field_data[self][record.id]
        return None if data is None else PsycopgJson(data)

    def convert_to_cache(self, value, record, validate=True):
        """Keep plain data in the cache, as psycopg2 reads it: free of environments."""
        if type(value) is Encrypted:
            return dict(value)
        return None if value is None or value is False else self._to_data(value)

    def _to_data(self, value):
        return to_marked(value) if self.keeps_types else to_plain(value)

    def convert_to_record(self, value, record):
        if is_encrypted(value):
            if record.env.context.get("queue_job__decrypted") is not _DECRYPTED:
                return [HIDDEN] if self.base_type in _LISTS else {HIDDEN: True}
            value = decrypt(value)
        if _is_as_stored(record):
            return self._as_stored(value)
        if value is not None:
            return from_plain(value, record.env)
        if self.base_type is models.BaseModel:
            return record.env["base"].browse()
        return [] if self.base_type in _LISTS else {}

    def _as_stored(self, value):
        """Return a copy of what is stored in the form of the field. What has another
        one, or cannot be read, stands in it: kept so, it cannot be read, either."""
        is_list = self.base_type in _LISTS
        if value is None:
            return [] if is_list else {}
        is_odd = is_unreadable(value) or type(value) is not (list if is_list else dict)
        if not is_odd or self.base_type is models.BaseModel and type(value) is dict:
            return copy.deepcopy(value)
        return [copy.deepcopy(value)] if is_list else {UNREADABLE: copy.deepcopy(value)}

    def convert_to_read(self, value, record, use_display_name=True):
        """Clients get the stored data: they have no use for live records."""
        return value if _is_as_stored(record) else self._to_data(value)

    def _condition_to_sql(self, field_expr, operator, value, model, alias, query):
        """``json`` has no equality: two are equal when they mean the same."""
        if operator not in ("in", "not in"):
            return super()._condition_to_sql(
                field_expr, operator, value, model, alias, query
            )
        column = model._field_to_sql(alias, field_expr, query)
        given = [v for v in value if v is not None and v is not False]
        data = [json.dumps(self._to_data(item)) for item in given]
        found = SQL("coalesce(%s::jsonb = ANY(%s::jsonb[]), FALSE)", column, data)
        if len(given) < len(value):
            found = SQL("(%s OR %s IS NULL)", found, column)
        return found if operator == "in" else SQL("NOT %s", found)

    def convert_to_export(self, value, record):
        return json.dumps(self.convert_to_read(value, record)) if value else ""
