# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What each move of each job pays for, whether it concerns the job or not: PostgreSQL
opens every index of the table, and judges every foreign key to it. Another one is to be
a decision: docs/performance.md says what they cost."""

#: Who adds one looks first which of the others can serve.
MOST_INDEXES = 25


def test_there_are_no_more_indexes(cr):
    cr.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'queue_job'")
    names = sorted(name for (name,) in cr.fetchall())
    assert len(names) <= MOST_INDEXES, names


def test_no_other_tables_have_foreign_keys_to_jobs(cr):
    cr.execute(
        "SELECT conrelid::regclass::text, count(*)::int FROM pg_constraint"
        " WHERE contype = 'f' AND confrelid = 'queue_job'::regclass GROUP BY 1"
    )
    assert dict(cr.fetchall()) == {"queue_job_dependency": 2}
