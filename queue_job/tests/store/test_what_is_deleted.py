# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""No other transaction writes the row of a started job, not even by a foreign key; and
what lies beside a job goes with it."""

import pytest
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from odoo.addons.queue_job.store import retention

#: What a job names, and how the least possible one of it is made.
_NAMED = {
    "job_function_id": (
        "queue_job_function",
        "INSERT INTO queue_job_function (name, channel_id)"
        " SELECT '<gone>.soon', min(id) FROM queue_job_channel RETURNING id",
    ),
    "company_id": (
        "res_company",
        "INSERT INTO res_company SELECT (jsonb_populate_record(company,"
        " jsonb_build_object('id', nextval('res_company_id_seq'), 'name', 'Gone')"
        " )).* FROM res_company company LIMIT 1 RETURNING id",
    ),
    "user_id": (
        "res_users",
        "INSERT INTO res_users (login, partner_id, company_id, notification_type)"
        " SELECT 'gone soon', partner_id, company_id, 'email' FROM res_users"
        " WHERE id = 1 RETURNING id",
    ),
}


@pytest.fixture(params=_NAMED)
def named(request, cr):
    """Column, table and id of something that a job may name."""
    table, statement = _NAMED[request.param]
    cr.execute(statement)
    return request.param, table, cr.fetchone()[0]


def test_what_a_started_job_names_may_be_deleted(session, cr, table, named):
    column, named_table, named_id = named
    job = table.add("started", attempt=1, **{column: named_id})
    worker = session(autocommit=False)
    worker.set_isolation_level(ISOLATION_LEVEL_REPEATABLE_READ)
    with worker.cursor() as work:
        work.execute("SELECT state FROM queue_job WHERE id = %s", (job,))
        before = table.row(job)
        statement = sql.SQL("DELETE FROM {} WHERE id = %s")
        cr.execute(statement.format(sql.Identifier(named_table)), (named_id,))
        assert table.row(job) == before
        work.execute("UPDATE queue_job SET state = 'done' WHERE id = %s", (job,))
        worker.commit()
    assert table.state(job) == "done"


def test_no_deletion_writes_a_job(cr):
    cr.execute(
        "SELECT conname FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid = 'queue_job'::regclass"
    )
    assert cr.fetchall() == []


_BESIDE = {
    "queue_job_attempt": "job_id",
    "queue_job_checkpoint": "job_id, attempt",
    "queue_job_log": "job_id, attempt",
    "queue_job_progress": "job_id, attempt",
    "queue_job_record": "job_id, res_id, model",
    "queue_job_stop": "job_id, attempt",
}
#: ... of them, those that no other transaction can write.
_WRITTEN_WITH_THE_JOB = {"queue_job_attempt", "queue_job_record"}


def add_beside(cr, beside):
    """Put a row beside each job."""
    columns = sql.SQL(_BESIDE[beside])
    others = sql.SQL(", 1" * _BESIDE[beside].count(","))
    add = sql.SQL("INSERT INTO {} ({}) SELECT id{} FROM queue_job")
    cr.execute(add.format(sql.Identifier(beside), columns, others))


def jobs_beside(cr, beside):
    """Return the jobs that rows lie beside of."""
    find = sql.SQL("SELECT job_id FROM {} ORDER BY job_id")
    cr.execute(find.format(sql.Identifier(beside)))
    return [job_id for (job_id,) in cr.fetchall()]


@pytest.mark.parametrize("beside", _BESIDE)
def test_what_lies_beside_jobs_goes_with_them_and_only_with_them(cr, table, beside):
    gone, also_gone, kept = (table.add("done") for _number in range(3))
    add_beside(cr, beside)
    cr.execute("DELETE FROM queue_job WHERE id = ANY(%s)", ([gone, also_gone],))
    assert jobs_beside(cr, beside) == [kept]


def test_every_table_that_names_jobs_is_known(cr):
    cr.execute(
        "SELECT DISTINCT replace(field.model, '.', '_')"
        " FROM ir_model_fields field JOIN ir_model ON ir_model.id = model_id"
        " WHERE relation = 'queue.job' AND ttype = 'many2one' AND required"
        " AND NOT transient"
    )
    assert {name for (name,) in cr.fetchall()} == _BESIDE.keys()


@pytest.mark.parametrize("beside", _BESIDE)
def test_what_lies_beside_jobs_goes_when_their_table_is_emptied(cr, table, beside):
    job = table.add("done")
    add_beside(cr, beside)
    cr.execute("TRUNCATE queue_job CASCADE")
    assert jobs_beside(cr, beside) == []
    assert table.add("done") != job  # and none of the ids comes back


@pytest.mark.parametrize("beside", sorted(_BESIDE.keys() - _WRITTEN_WITH_THE_JOB))
def test_what_is_left_over_is_dropped(cr, table, beside):
    gone, kept = table.add("done"), table.add("done")
    add_beside(cr, beside)
    cr.execute("ALTER TABLE queue_job DISABLE TRIGGER queue_job_delete_beside")
    cr.execute("DELETE FROM queue_job WHERE id = %s", (gone,))
    cr.execute("ALTER TABLE queue_job ENABLE TRIGGER queue_job_delete_beside")
    assert jobs_beside(cr, beside) == [gone, kept]
    assert retention.drop_left_over(cr, 100) == 1
    assert jobs_beside(cr, beside) == [kept]
