# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the row of a started job says, and how it is fetched."""

from datetime import datetime
from typing import Any, NamedTuple

from ..core.stored_json import read as read_json
from ..core.stored_json import unreadable


class Row(NamedTuple):
    """A started job as its row says. ``records``, ``args`` and ``kwargs`` are plain
    data still; ``None`` where they are empty, a mark where they cannot be read.
    Columns of a type stand together."""

    uuid: str
    graph_uuid: str | None
    state: str
    channel: str | None
    name: str | None
    identity_key: str | None
    lock_key: str | None
    model_name: str
    method_name: str
    result: str | None
    exc_name: str | None
    exc_message: str | None
    exc_info: str | None
    records: Any
    args: Any
    kwargs: Any

    id: int
    attempt: int
    retry: int
    repeats: int
    max_retries: int
    priority: int
    user_id: int | None
    company_id: int | None
    worker_pid: int | None
    lock_limit: int | None
    timeout: int | None
    is_user_active: int | None

    eta: datetime | None
    date_created: datetime
    date_enqueued: datetime | None
    date_started: datetime | None
    date_done: datetime | None
    date_cancelled: datetime | None
    date_failed: datetime | None
    expires_at: datetime | None

    exec_time: float | None


_JSON = ("records", "args", "kwargs")
_EMPTY = (None, "[]", "{}")
_MOMENTS = Row._fields[Row._fields.index("eta") : Row._fields.index("exec_time")]
#: Empty numbers, of rows that others made, count as Odoo reads them: as 0.
_NUMBERS = ("attempt", "retry", "repeats", "max_retries", "priority")
_SPECIAL = {
    **{name: f"{name}::text" for name in _JSON},
    **{name: f"coalesce({name}, 0)" for name in _NUMBERS},
    # user 1 is Odoo itself: never active, always allowed
    "is_user_active": "(SELECT (active OR id = 1)::integer FROM res_users"
    " WHERE res_users.id = queue_job.user_id)",
}


def _array(first: str, last: str, kind: str) -> str:
    """Return the columns of one type as an array: for each column that it fetches,
    psycopg2 makes more of the name than of the value."""
    names = Row._fields
    some = names[names.index(first) : names.index(last) + 1]
    return f"ARRAY[{', '.join(_SPECIAL.get(n, n) for n in some)}]::{kind}[]"


def _columns(kind_of_moments: str) -> str:
    return ", ".join(
        (
            _array("uuid", "kwargs", "text"),
            _array("id", "is_user_active", "integer"),
            _array("eta", "expires_at", kind_of_moments),
            "exec_time",
        )
    )


#: ... as a statement returns them.
COLUMNS = _columns("timestamp")
#: ... with the moments as text: PostgreSQL has more years than Python.
TEXT_COLUMNS = _columns("timestamp(0)[]::text")


def read(
    texts: list[Any], numbers: list[Any], moments: list[Any], exec_time: float | None
) -> Row:
    """Return the row of these values of :data:`COLUMNS`."""
    data = [None if t in _EMPTY else read_json(t) for t in texts[-len(_JSON) :]]
    return Row._make((*texts[: -len(_JSON)], *data, *numbers, *moments, exec_time))


def read_unreadable(
    texts: list[Any], numbers: list[Any], moments: list[str], exec_time: float | None
) -> Row:
    """Return the row of these values of :data:`TEXT_COLUMNS`, which has a moment that
    Python cannot read: nor can its call be read, then, and the mark says why."""
    row = read(texts, numbers, [None] * len(moments), exec_time)
    named = zip(_MOMENTS, moments, strict=True)
    why = ", ".join(f"{name} is {text}" for name, text in named if _is_odd(text))
    return row._replace(records=unreadable(f"{why}: years are 1 to 9999"))


def _is_odd(text: str | None) -> bool:
    try:
        datetime.fromisoformat(text or "2000-01-01")
    except ValueError:
        return True
    return False
