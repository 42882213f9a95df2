# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What each move of each job pays for, whether it concerns the job or not: PostgreSQL
opens every index of the table, and judges every foreign key to it. Another one is to be
a decision: docs/performance.md says what they cost."""

#: Who adds one looks first which of the others can serve.
MOST_INDEXES = 25

#: Tables whose rows go with the job, by how many columns they name it.
_GO_WITH_THE_JOB = {
    "queue_job_attempt": 1,
    "queue_job_checkpoint": 1,
    "queue_job_dependency": 2,
    "queue_job_log": 1,
    "queue_job_progress": 1,
    "queue_job_record": 1,
    "queue_job_stop": 1,
}


def test_there_are_no_more_indexes(cr):
    cr.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'queue_job'")
    names = sorted(name for (name,) in cr.fetchall())
    assert len(names) <= MOST_INDEXES, names


def test_no_other_tables_have_foreign_keys_to_jobs(cr):
    cr.execute(
        "SELECT conrelid::regclass::text, count(*)::int FROM pg_constraint"
        " WHERE contype = 'f' AND confrelid = 'queue_job'::regclass GROUP BY 1"
    )
    assert dict(cr.fetchall()) == _GO_WITH_THE_JOB
