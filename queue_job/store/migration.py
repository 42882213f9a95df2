# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tables of earlier versions of the add-on become those of this one.

Called by the scripts in ``migrations``, and by the models; does nothing to tables that
are up to date.
"""

import logging
from typing import Any

import psycopg2.errors

from ..core.channels.name import served_name
from .sql import load
from .transitions import Cursor

_logger = logging.getLogger(__name__)
_SQL = load("migration")
#: Columns of JSON that earlier versions kept as text, or as ``jsonb``, which forgets
#: the order of keys.
_JSON = {
    "queue_job": ("records", "args", "kwargs"),
    "queue_job_function": ("retry_pattern", "related_action"),
}
#: The value of such a column, as JSON: of the latter kind, and of either.
_AS_IT_IS = "%s::text::json"
_FROM_TEXT = "pg_temp.queue_job_json(%s::text)"


def prepare(cr: Cursor) -> None:
    """Before the ORM looks at the columns: it would convert each by itself."""
    if _columns_of(cr, "queue_job"):  # else the tables are new
        _prepare_functions(cr)
        _prepare_jobs(cr)


def prepare_foreign(cr: Cursor) -> None:
    """The same where no script has run, because the version before was the higher one:
    the add-on that this one replaces has versions of its own."""
    if "attempt" not in _columns_of(cr, "queue_job"):
        prepare(cr)


def _prepare_functions(cr: Cursor) -> None:
    """Each function once, by model and method."""
    table = "queue_job_function"
    cr.execute(_SQL.merge_functions)
    _keep_as_json(cr, table, _columns_of(cr, table), _FROM_TEXT)
    cr.execute(_SQL.add_function_columns)
    cr.execute(_SQL.name_functions)


def _prepare_jobs(cr: Cursor) -> None:
    """Calls as JSON, letter by letter."""
    table = "queue_job"
    columns = _columns_of(cr, table)
    if "attempt" in columns:  # ours
        _keep_as_json(cr, table, columns, _AS_IT_IS)
    else:
        cr.execute(_SQL.drop_leftovers)
        _keep_as_json(cr, table, columns, _FROM_TEXT)


def _keep_as_json(cr: Cursor, table: str, columns: dict[str, str], value: str) -> None:
    """Earlier versions kept JSON as text, later ones that text as a value of JSON."""
    changes = [
        f"ALTER COLUMN {column} TYPE json USING {value % column}"
        for column in _JSON[table]
        if columns.get(column, "json") != "json"
    ]
    has_bare_ids = table == "queue_job" and "record_ids" in columns
    renames_ids = has_bare_ids and "records" not in columns
    if renames_ids:
        changes.append(
            f"ALTER COLUMN record_ids TYPE json USING {_SQL.records_from_ids}"
        )
    if not changes and not has_bare_ids:
        return
    cr.execute(_SQL.reader)
    if changes:
        # all columns at once: the table is written anew once
        # pylint: disable-next=sql-injection
        cr.execute(f"ALTER TABLE {table} {', '.join(changes)}")
    if renames_ids:
        cr.execute(_SQL.rename_record_ids)
    elif has_bare_ids:
        cr.execute(_SQL.fill_records)
        cr.execute(_SQL.drop_record_ids)


def link_jobs(cr: Cursor) -> None:
    """Once the table of links is there."""
    if "dependencies" in _columns_of(cr, "queue_job"):
        cr.execute(_SQL.link_by_uuid)
        cr.execute(_SQL.drop_dependencies)


def date_failures(cr: Cursor) -> None:
    """Once failed jobs have a time of failure: those of before get that of their last
    attempt, where one was kept."""
    cr.execute(_SQL.date_failures)


def respell_channels(cr: Any, page: int = 10_000) -> None:
    """Once jobs have their channels: write those in the one spelling, as later ones
    are. What another transaction changes meanwhile stays; the runner
    understands it all the same.

    :param page: jobs to write at a time
    """
    cr.execute(_SQL.open_channels)
    stored = {spelt: served_name(spelt) for (spelt,) in cr.fetchall()}
    wrong = {spelt: name for spelt, name in stored.items() if spelt != name}
    if not wrong:
        return
    spellings = {"found": list(wrong), "stored": list(wrong.values()), "page": page}
    ids = [0]
    try:
        while ids:
            with cr.savepoint(flush=False):
                page_after = {**spellings, "after": max(ids)}
                cr.execute(_SQL.respell, page_after, log_exceptions=False)
                ids = [id_ for (id_,) in cr.fetchall()]
    except psycopg2.errors.SerializationFailure as error:
        _logger.info("some jobs keep the spelling of their channel: %s", error)


def _columns_of(cr: Cursor, table: str) -> dict[str, str]:
    """By name, the types of a table's columns."""
    cr.execute(_SQL.columns, {"table": table})
    return dict(cr.fetchall())
