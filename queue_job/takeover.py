"""Taking over the tables of earlier versions of the addon.

Called while the tables are brought up to date; does nothing to tables that are.
"""

from .sql import load

_SQL = load("takeover")
#: Columns of JSON that earlier versions kept as text.
_JSON = {
    "queue_job": ("records", "args", "kwargs"),
    "queue_job_function": ("retry_pattern", "related_action"),
}


def before_columns(cr, table: str) -> None:
    """Before the ORM looks at the columns: it would put aside those of another
    type."""
    columns = columns_of(cr, table)
    if not columns:  # a new table
        return
    if table == "queue_job_function":
        cr.execute(_SQL.merge_functions)
        _read_json(cr, table, columns)
    elif "attempt" not in columns:  # not ours yet
        cr.execute(_SQL.drop_leftovers)
        _read_json(cr, table, columns)
        if "record_ids" in columns:
            cr.execute(_SQL.add_records)
            cr.execute(_SQL.fill_records)
            cr.execute(_SQL.drop_record_ids)


def _read_json(cr, table, columns):
    """Earlier versions kept JSON as text, later ones that text as a value of JSON."""
    found = [column for column in _JSON[table] if column in columns]
    cr.execute(_SQL.reader)
    for column in found:
        if columns[column] != "jsonb":
            cr.execute(_SQL.to_jsonb.format(table=table, column=column))
    unwrapped = ", ".join(_SQL.unwrapped.format(column=column) for column in found)
    types = ", ".join(f"jsonb_typeof({column})" for column in found)
    cr.execute(_SQL.unwrap.format(table=table, columns=unwrapped, types=types))


def links(cr) -> None:
    """Once the table of links is there."""
    if "dependencies" in columns_of(cr, "queue_job"):
        cr.execute(_SQL.link_by_uuid)
        cr.execute(_SQL.drop_dependencies)


def functions(cr) -> None:
    """Once functions have their columns."""
    cr.execute(_SQL.name_functions)


def date_failures(cr) -> None:
    """Once failed jobs have a time of failure: those of before get that of their last
    attempt, where one was kept."""
    if columns_of(cr, "queue_job_attempt"):
        cr.execute(_SQL.date_failures)


def columns_of(cr, table: str) -> dict[str, str]:
    """By name, the types of a table's columns; none where there is no table."""
    cr.execute(_SQL.columns, {"table": table})
    return dict(cr.fetchall())
