"""How the call of a job is stored: JSON, with records, dates and XML marked.

Marked values are objects with a ``_type`` key; the format is shared with rows that
older versions wrote (see ``JobDecoder``).
"""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from lxml import etree
from psycopg2.extras import Json as PsycopgJson

from odoo import fields, models
from odoo.tools.func import lazy

BASE_TYPES = (dict, list, tuple, models.BaseModel)
#: What ``_type`` says of the values that JSON itself has not.
MARKS = ("odoo_recordset", "datetime_isoformat", "date_isoformat", "etree_element")
#: A NUL in JSON; a backslash before ``u0000`` is one only if it is not itself escaped.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
#: What in a JSON text calls for a closer look; most texts have none of it.
_SUSPECT = re.compile('"_type"|\\\\u0000|[\ud800-\udfff]')


class JobEncoder(json.JSONEncoder):
    """Encode the arguments of a job.

    :raise TypeError: for a value that JSON and the types below cannot hold
    """

    def default(self, o: Any) -> Any:
        if isinstance(o, models.BaseModel):
            return {
                "_type": "odoo_recordset",
                "model": o._name,
                "ids": o.ids,
                "uid": o.env.uid,
                "su": o.env.su,
                "context": o._job_prepare_context_before_enqueue(),
            }
        if isinstance(o, datetime):
            return {"_type": "datetime_isoformat", "value": o.isoformat()}
        if isinstance(o, date):
            return {"_type": "date_isoformat", "value": o.isoformat()}
        if isinstance(o, etree._Element):
            if not isinstance(o.tag, str):  # comments and the like stand in elements
                return super().default(o)
            text = etree.tostring(o, encoding="unicode", with_tail=False)
            return {"_type": "etree_element", "value": text}
        if isinstance(o, lazy):
            return o._value
        return super().default(o)


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
        return _revive(obj, self.env)


#: The JSON text of a value, as it is stored. Raises as ``JobEncoder``.
encode = JobEncoder(allow_nan=False, ensure_ascii=False).encode


def _revive(obj: dict, env) -> Any:
    """What a marked object stands for; any other object as it is."""
    match obj.get("_type"):
        case "odoo_recordset":
            uid = obj.get("uid") or env.uid
            model = env(user=uid, su=bool(obj.get("su")))[obj["model"]]
            return model.with_context(**(obj.get("context") or {})).browse(obj["ids"])
        case "datetime_isoformat":
            return datetime.fromisoformat(obj["value"])
        case "date_isoformat":
            return date.fromisoformat(obj["value"])
        case "etree_element":
            return etree.fromstring(obj["value"])
        case _:
            return obj


def to_plain(value: Any) -> Any:
    """``value`` as the plain JSON data that is stored.

    :raise TypeError, ValueError: when a part of it cannot be stored
    """
    return json.loads(json.dumps(value, cls=JobEncoder, allow_nan=False))


def storable_text(value: Any, path: str) -> str:
    """``value`` as the JSON text that is stored, made once.

    :param path: how the value is called in errors
    :raise TypeError: when a part of it cannot be stored; the message says which, and
        what could
    """
    try:
        text = encode(value)
    except (TypeError, ValueError):
        text = None
    if text is None or _SUSPECT.search(text):
        for culprit in find_unstorable(value, path):
            raise TypeError(
                f"{culprit} cannot be stored. Pass text, numbers, dates, records, XML"
                " elements, or lists and dictionaries of them"
            )
    return encode(value) if text is None else text


def from_plain(data: Any, env) -> Any:
    """The value that ``data``, as read from the database, stands for; a copy."""
    if isinstance(data, dict):
        return _revive({key: from_plain(item, env) for key, item in data.items()}, env)
    if isinstance(data, list):
        return [from_plain(item, env) for item in data]
    return data


def find_unstorable(value: Any, path: str, around: tuple = ()) -> Iterator[str]:
    """Where in ``value`` something stands that cannot be stored, for the error
    message of the delaying call: ``args[1]['lines'][0] (set)``.

    :param around: the containers in which ``value`` stands
    """
    if not isinstance(value, dict | list | tuple):
        if not _is_storable(value):
            shown = f": {value!r:.80}" if isinstance(value, str | float) else ""
            yield f"{path} ({type(value).__name__}{shown})"
    elif any(value is outer for outer in around):
        yield f"{path} (a {type(value).__name__} that holds itself)"
    elif isinstance(value, dict):
        yield from _unstorable_keys(value, path)
        for key, item in value.items():
            yield from find_unstorable(item, f"{path}[{key!r}]", (*around, value))
    else:
        for index, item in enumerate(value):
            yield from find_unstorable(item, f"{path}[{index}]", (*around, value))


def _unstorable_keys(value: dict, path: str) -> Iterator[str]:
    for key in value:
        if not _is_storable({key: None}):
            yield f"{path}, key {key!r:.80} ({type(key).__name__})"
    # it would be read back as what it imitates: a record, under any user, say
    if value.get("_type") in MARKS:
        yield f"{path} (dictionary with the reserved '_type' {value['_type']!r})"


def _is_storable(value: Any) -> bool:
    try:
        text = json.dumps(value, cls=JobEncoder, allow_nan=False, ensure_ascii=False)
        text.encode()  # lone surrogates have no place in UTF-8
    except (TypeError, ValueError):
        return False
    return not _NUL.search(text)  # PostgreSQL's jsonb cannot hold it


class JobSerialized(fields.Field):
    """A field that holds the call of a job, as JSON in a ``jsonb`` column.

    :param base_type: ``dict`` (default), ``list``, ``tuple`` or ``BaseModel``; what an
        empty column reads as. A tuple reads back as a list.
    :raise ValueError: at model set-up, for another base type
    """

    type = "job_serialized"
    _column_type = ("jsonb", "jsonb")
    base_type: type = dict

    def setup_nonrelated(self, model):
        super().setup_nonrelated(model)
        if self.base_type not in BASE_TYPES:
            names = ", ".join(kind.__name__ for kind in BASE_TYPES)
            raise ValueError(
                f"Field {self}: base_type {self.base_type!r} is not one of {names}"
            )

    def convert_to_column(self, value, record, values=None, validate=True):
        data = self.convert_to_cache(value, record, validate)
        return None if data is None else PsycopgJson(data)

    def convert_to_cache(self, value, record, validate=True):
        """The cache holds plain data, as psycopg2 reads it: free of environments."""
        return None if value is None or value is False else to_plain(value)

    def convert_to_record(self, value, record):
        if value is not None:
            return from_plain(value, record.env)
        if self.base_type is models.BaseModel:
            return record.env["base"].browse()
        return {} if self.base_type is dict else []

    def convert_to_read(self, value, record, use_display_name=True):
        """Clients get the stored data: they have no use for live records."""
        return to_plain(value)

    def convert_to_export(self, value, record):
        return json.dumps(to_plain(value)) if value else ""
