# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``queue_job_delay()``: what it stores, and what it refuses with the cure."""

from datetime import datetime, timedelta

import psycopg2
import pytest

from odoo.addons.queue_job.store import delay_in_sql, expiry

FUNCTION = "<queue.job>._test_job"
CALL = (
    "SELECT queue_job_delay('queue.job', '_test_job', %s, %s, args => %s, kwargs => %s)"
)
ADMIN = 2


@pytest.fixture
def allowed(cr):
    """Lets the function take the test job."""
    delay_in_sql.declare(cr, [FUNCTION])
    yield
    delay_in_sql.declare(cr, [])


def delay(cr, ids=(), user=ADMIN, args="[]", kwargs="{}"):
    cr.execute(CALL, (list(ids), user, args, kwargs))
    return cr.fetchone()[0]


def refused(cr, *args, **kwargs):
    """The error of a call, with its hint; nothing is stored."""
    with pytest.raises(psycopg2.Error) as caught:
        delay(cr, *args, **kwargs)
    cr.execute("SELECT count(*) FROM queue_job")
    assert cr.fetchone() == (0,)
    return str(caught.value)


@pytest.mark.usefixtures("allowed")
def test_it_stores_what_a_delaying_call_stores(cr, table):
    uuid = delay(cr, [7, 8], args='[1, "a"]', kwargs='{"b": [true, null]}')

    cr.execute("SELECT id FROM queue_job")
    [(row_id,)] = cr.fetchall()
    row = table.row(row_id)
    cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
    now = cr.fetchone()[0]
    assert row["uuid"] == uuid
    assert now - timedelta(minutes=5) < row["date_created"] <= now
    stored = {
        "state": "pending", "retry": 0, "attempt": 0, "priority": 10, "max_retries": 5,
        "channel": "root", "name": "queue.job._test_job", "user_id": ADMIN,
        "company_id": 1, "model_name": "queue.job", "method_name": "_test_job",
        "channel_method_name": FUNCTION, "eta": None, "expires_at": None,
        "args": [1, "a"], "kwargs": {"b": [True, None]},
    }  # fmt: skip
    assert {name: row[name] for name in stored} == stored
    assert row["func_string"] == (
        'queue.job(7, 8)._test_job(*[1, "a"], **{"b": [true, null]})'
    )
    assert {**row["records"], "context": None} == {
        "_type": "odoo_recordset", "model": "queue.job", "ids": [7, 8], "uid": ADMIN,
        "su": False, "context": None,
    }  # fmt: skip
    assert row["records"]["context"]["allowed_company_ids"] == [1]


@pytest.mark.usefixtures("allowed")
def test_options_are_named(cr, table):
    cr.execute(
        "SELECT queue_job_delay('queue.job', '_test_job', NULL, 2, priority => 3,"
        " eta => '2040-01-01', max_retries => 0, description => 'Said',"
        " expires => '2041-01-01')"
    )
    cr.execute("SELECT id FROM queue_job")
    row = table.row(cr.fetchone()[0])
    assert (row["priority"], row["max_retries"], row["name"]) == (3, 0, "Said")
    assert (row["eta"], row["expires_at"]) == (
        datetime(2040, 1, 1),
        datetime(2041, 1, 1),
    )
    assert row["records"]["ids"] == []


@pytest.mark.usefixtures("allowed")
def test_the_record_of_the_function_says_channel_and_expiry(cr, table):
    cr.execute(
        "UPDATE queue_job_function SET channel = 'root.sql', expires = 60"
        " WHERE name = %s RETURNING id",
        (FUNCTION,),
    )
    function = cr.fetchone()[0]
    try:
        delay(cr)
        cr.execute("SELECT id FROM queue_job")
        row = table.row(cr.fetchone()[0])
    finally:
        cr.execute("UPDATE queue_job_function SET channel = 'root', expires = NULL")
    assert (row["channel"], row["job_function_id"]) == ("root.sql", function)
    assert row["expires_at"] - row["date_created"] == timedelta(seconds=60)
    assert expiry.expire_some(cr) == []


def test_only_what_code_declares_can_be_delayed(cr):
    told = refused(cr)
    assert f"{FUNCTION} cannot be delayed in SQL" in told
    assert "@job(sql=True)" in told


@pytest.mark.usefixtures("allowed")
def test_what_has_no_function_cannot_be_delayed(cr):
    for model, method in (("res.users", "unlink"), ("queue.job", None), (None, "x")):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cr.execute("SELECT queue_job_delay(%s, %s, '{}', 2)", (model, method))


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("user", [None, 1, 2**30])  # 1 is Odoo itself: archived
def test_it_runs_as_an_active_user_only(cr, user):
    assert "there is no active user" in refused(cr, user=user)


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"ids": [1, None]}, "no id"),
        ({"ids": [0]}, "no id"),
        ({"args": "{}"}, "JSON array"),
        ({"args": None}, "JSON array"),
        ({"kwargs": "[]"}, "JSON object"),
        ({"args": '[{"_type": "odoo_recordset"}]'}, "_type"),
        ({"args": '[[[{"a": [{"_type": 1}]}]]]'}, "_type"),
        ({"kwargs": '{"a": {"b": {"_type": "x"}}}'}, "_type"),
        ({"kwargs": '{"_type": "x"}'}, "_type"),
    ],
)
def test_what_makes_no_call_is_refused(cr, wrong, told):
    assert told in refused(cr, **wrong)


def nested(depth):
    return "[" * depth + "]" * depth


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    ("option", "value", "cure"),
    [
        ("args", nested(101), "one text"),
        ("args", nested(1_500), "one text"),
        ("kwargs", f'{{"a": {nested(100)}}}', "one text"),
        ("args", "[1e5000]", "as text"),
        ("args", '[[{"a": [-1e300]}]]', "as text"),
        ("args", f"[{'9' * 400}.5]", "as text"),
        ("kwargs", '{"a": 1e5000}', "as text"),
        ("eta", "0044-03-15 BC", "years 1 to 9999"),
        ("eta", "10000-01-01", "years 1 to 9999"),
        ("eta", "infinity", "years 1 to 9999"),
        ("eta", "-infinity", "years 1 to 9999"),
        ("expires", "20000-01-01", "years 1 to 9999"),
        ("expires", "infinity", "years 1 to 9999"),
        ("max_retries", "-1", "0 means endless"),
        ("priority", "-2147483648", "-2147483647 to 2147483647"),
    ],
)
def test_what_python_would_not_take_is_refused_by_name(cr, option, value, cure):
    with pytest.raises(psycopg2.errors.InvalidParameterValue) as caught:
        cr.execute(
            "SELECT queue_job_delay('queue.job', '_test_job', '{}', 2,"
            f" {option} => '{value}')"
        )
    told = str(caught.value)
    assert f"{FUNCTION} cannot be delayed: {option} " in told
    assert cure in told


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("args", nested(100)),
        ("args", "[" * 100 + "1" + "]" * 100),
        ("kwargs", f'{{"a": {nested(99)}}}'),
        ("args", f'[{"9" * 300}, -{"9" * 300}, 1e-400, "{"9" * 5_000}"]'),
        ("eta", "0001-01-01"),
        ("eta", "9999-12-31 23:59:59.999999"),
        ("expires", "9999-12-31 23:59:59.999999"),
        ("max_retries", "0"),
        ("priority", "-2147483647"),
        ("priority", "2147483647"),
    ],
)
def test_what_python_takes_is_taken_and_read(cr, table, option, value):
    cr.execute(
        "SELECT queue_job_delay('queue.job', '_test_job', '{}', 2,"
        f" {option} => '{value}')"
    )
    cr.execute("SELECT id FROM queue_job")
    assert table.row(cr.fetchone()[0])["state"] == "pending"


@pytest.fixture
def function(cr, allowed):
    """Sets a column of the function's record."""
    columns = []

    def choose(column, value):
        columns.append(column)
        cr.execute(
            f"UPDATE queue_job_function SET {column} = %s WHERE name = %s",
            (value, FUNCTION),
        )

    yield choose
    for column in columns:
        cr.execute(f"UPDATE queue_job_function SET {column} = NULL")


@pytest.mark.parametrize(
    ("column", "value", "cure"),
    [
        ("is_encrypted", True, 'take "Encrypt Arguments" from its job function'),
        ("lock_key", "partner-{self.id}", "take the lock key from its job function"),
    ],
)
def test_what_needs_python_is_refused(cr, function, column, value, cure):
    function(column, value)
    assert cure in refused(cr)


def test_the_record_of_the_function_says_how_long_it_may_take(cr, table, function):
    function("timeout", 90)
    delay(cr)
    function("timeout", 0)
    delay(cr)
    cr.execute("SELECT timeout FROM queue_job ORDER BY id")
    assert cr.fetchall() == [(90,), (None,)]


def test_a_job_that_could_not_begin_by_then_is_refused(cr, function):
    function("expires", 2**31 - 1)
    with pytest.raises(psycopg2.errors.InvalidParameterValue, match="expires is "):
        cr.execute(
            "SELECT queue_job_delay('queue.job', '_test_job', '{}', 2,"
            " eta => '9999-12-01')"
        )


@pytest.mark.usefixtures("allowed")
def test_it_is_of_the_transaction_of_the_caller(session, cr):
    other = session(autocommit=False)
    delay(other.cursor())
    other.rollback()
    cr.execute("SELECT count(*) FROM queue_job")
    assert cr.fetchone() == (0,)


@pytest.mark.usefixtures("allowed")
def test_the_runner_is_told(session, cr):
    runner = session()
    runner.cursor().execute("LISTEN queue_job")
    delay(cr)
    runner.cursor().execute("SELECT 1")
    assert [note.payload for note in runner.notifies] == [""]


def test_it_gives_nobody_a_right(cr):
    cr.execute(
        "SELECT prosecdef, proacl::text FROM pg_proc WHERE proname = 'queue_job_delay'"
    )
    [(is_definer, granted)] = cr.fetchall()
    assert is_definer is False
    assert "{=X" not in granted and ",=X" not in granted


@pytest.mark.usefixtures("allowed")
def test_a_role_that_may_not_write_jobs_cannot_call_it(session, cr, database):
    role = f"{database}_reader"
    cr.execute(f'CREATE ROLE "{role}"')
    try:
        other = session(autocommit=False)
        cursor = other.cursor()
        cursor.execute(f'SET ROLE "{role}"')
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="function"):
            delay(cursor)
        other.rollback()
        other.close()
    finally:
        cr.execute(f'DROP ROLE "{role}"')


def test_to_make_it_anew_keeps_one(cr):
    delay_in_sql.make_function(cr)
    cr.execute("SELECT count(*) FROM pg_proc WHERE proname = 'queue_job_delay'")
    assert cr.fetchone() == (1,)


def test_what_is_declared_no_more_is_taken_no_more(cr):
    assert len(delay_in_sql.declare(cr, [FUNCTION])) == 1
    assert delay_in_sql.declare(cr, [FUNCTION]) == []
    assert len(delay_in_sql.declare(cr, [])) == 1
    assert delay_in_sql.declare(cr, []) == []
