# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Failed jobs of a key that a later call makes superfluous: they stay to be seen, and
keep no other back."""

import pytest

from odoo.addons.queue_job.store import deduplication, dispatch

SUPERSEDES = {"identity_supersedes": True}
BEGAN = "2030-01-01 10:00:00"


@pytest.fixture
def add(table):
    """Add a job of the key ``k``."""

    def add_job(state="pending", **columns):
        return table.add(state, identity_key="k", **columns)

    return add_job


@pytest.fixture
def failed(add):
    """A job of the key that failed."""
    dates = {"date_started": BEGAN, "date_failed": BEGAN}
    return add("failed", attempt=2, retry=1, exc_name="X", **dates)


def dispatch_one(cr, job_id):
    return [dispatched_job.id for dispatched_job in dispatch.enqueue(cr, [job_id])]


def test_a_failed_job_of_a_key_is_superseded_when_a_later_one_is_dispatched(
    cr, table, add, failed
):
    later = add(**SUPERSEDES)
    assert dispatch_one(cr, later) == [later]
    row, uuid = table.row(failed), table.row(later)["uuid"]
    assert (row["state"], row["same_as"]) == ("cancelled", uuid)
    assert row["result"] == f"superseded by job {uuid}"
    assert row["date_cancelled"]
    # how it failed is still to be read
    assert (row["exc_name"], row["attempt"], row["retry"]) == ("X", 2, 1)
    assert row["date_failed"]


def test_all_that_failed_are_superseded_by_the_one_that_runs(cr, table, add, failed):
    others = [add("failed"), add("failed", identity_supersedes=True)]
    waiting, later = add(eta="2100-01-01", **SUPERSEDES), add(**SUPERSEDES)
    assert dispatch_one(cr, later) == [later]
    for job_id in (failed, *others):
        assert table.row(job_id)["same_as"] == table.row(later)["uuid"]
    assert table.state(waiting) == "done"


def test_without_the_option_it_stays_failed(cr, table, add, failed):
    later = add()
    assert dispatch_one(cr, later) == [later]
    assert deduplication.supersede(cr, [failed]) == []
    assert table.state(failed) == "failed"


def test_jobs_of_other_keys_and_without_one_stay_failed(cr, table, add):
    others = [table.add("failed", identity_key=key) for key in ("other", "", None)]
    dispatch_one(cr, add(**SUPERSEDES))
    assert deduplication.supersede(cr, others) == []
    assert [table.state(other) for other in others] == ["failed"] * 3


def test_an_earlier_call_that_runs_again_supersedes_no_later_one(cr, table, add):
    earlier = add(attempt=1, **SUPERSEDES)
    later = add("failed", **SUPERSEDES)
    assert deduplication.supersede(cr, [later]) == []
    assert dispatch_one(cr, earlier) == [earlier]
    assert table.state(later) == "failed"


def test_a_call_stored_before_it_that_never_ran_supersedes_it(cr, table, add):
    """Its transaction committed after the other job had failed, or its ETA came."""
    waiting, failed = add(**SUPERSEDES), add("failed", date_started=BEGAN)
    assert deduplication.supersede(cr, [failed]) == [failed]
    assert table.row(failed)["same_as"] == table.row(waiting)["uuid"]


def test_a_call_stored_before_it_supersedes_it_when_it_is_dispatched(cr, table, add):
    waiting, failed = add(**SUPERSEDES), add("failed", date_started=BEGAN)
    assert dispatch_one(cr, waiting) == [waiting]
    assert table.row(failed)["same_as"] == table.row(waiting)["uuid"]


def test_a_call_stored_before_it_that_has_begun_does_not_supersede_it(cr, add):
    add("started", attempt=1, date_started="2030-01-01 10:00:01", **SUPERSEDES)
    failed = add("failed", date_started=BEGAN)
    assert deduplication.supersede(cr, [failed]) == []


@pytest.mark.parametrize("with_option", ["earlier and last", "last"])
def test_a_call_that_an_earlier_one_stands_for_supersedes_all_the_same(
    cr, table, add, with_option
):
    earlier = add(attempt=1, **(SUPERSEDES if "earlier" in with_option else {}))
    failed = add("failed", date_started=BEGAN)
    last = add(**SUPERSEDES)
    assert dispatch_one(cr, earlier) == [earlier]
    assert table.row(last)["same_as"] == table.row(earlier)["uuid"]
    assert table.state(failed) == "cancelled"


def test_a_call_that_ends_for_one_that_runs_supersedes_all_the_same(cr, table, add):
    failed = add("failed", date_started=BEGAN)
    add("started", attempt=1, date_started=BEGAN)
    last = add(identity_until="done", **SUPERSEDES)
    assert dispatch_one(cr, last) == []
    assert table.state(last) == "done"
    assert table.state(failed) == "cancelled"


def test_who_shares_its_run_neither_supersedes_nor_is_superseded(cr, table, add):
    """The records of the failed one are in no other run."""
    merging = {"identity_on_duplicate": "merge"}
    failed = add("failed", date_started=BEGAN, records='{"ids": [1]}', **merging)
    plain = add("failed", date_started=BEGAN)
    later = add(records='{"ids": [2]}', **merging, **SUPERSEDES)
    assert deduplication.supersede(cr, [failed, plain]) == []
    assert dispatch_one(cr, later) == [later]
    dispatch_one(cr, add(**SUPERSEDES))
    assert (table.state(failed), table.state(plain)) == ("failed", "cancelled")


def test_who_does_not_run_itself_supersedes_nobody_yet(cr, table, add, failed):
    add("started", attempt=1, date_started=BEGAN)
    rule = {"identity_until": "done", "identity_on_duplicate": "postpone"}
    later = add(**rule, **SUPERSEDES)
    assert dispatch_one(cr, later) == []
    assert table.state(failed) == "failed"


def test_a_job_that_others_wait_for_keeps_its_place(cr, table, add, failed):
    """To cancel it would take those down with it that wait until it is put right."""
    child = table.add("wait_dependencies")
    cr.execute(
        "INSERT INTO queue_job_dependency (parent_id, child_id, if_failed)"
        " VALUES (%s, %s, 'wait')",
        (failed, child),
    )
    dispatch_one(cr, add(**SUPERSEDES))
    assert deduplication.supersede(cr, [failed]) == []
    assert table.state(failed) == "failed"
    assert table.state(child) == "wait_dependencies"


def test_what_somebody_is_changing_is_left_to_him(session, cr, table, add, failed):
    later = add(**SUPERSEDES)
    person = session(autocommit=False)
    with person.cursor() as cursor:
        assert dispatch.move(cursor, "requeue", [failed]) == [failed]
        cr.execute("SET lock_timeout = '1s'")
        assert dispatch_one(cr, later) == [later]
        person.commit()
    assert table.state(failed) == "pending"
    assert table.row(failed)["same_as"] is None


def test_a_call_that_waits_behind_it_supersedes_it(cr, table, add, failed):
    later = add(**SUPERSEDES)
    assert deduplication.supersede(cr, [failed]) == [failed]
    assert table.row(failed)["same_as"] == table.row(later)["uuid"]


@pytest.mark.parametrize("state", ["started", "done", "failed"])
def test_a_later_one_that_began_before_it_failed_supersedes_it(cr, add, failed, state):
    add(state, date_started="2030-01-01 10:00:01", **SUPERSEDES)
    assert deduplication.supersede(cr, [failed]) == [failed]


@pytest.mark.parametrize(
    ("state", "columns"),
    [
        ("done", {"date_started": "2030-01-01 09:59:59"}),
        ("failed", {"date_started": "2030-01-01 09:59:59"}),
        ("done", {}),  # it never ran
        ("cancelled", {"date_started": "2030-01-01 10:00:01"}),
        ("wait_dependencies", {}),
    ],
)
def test_what_a_person_let_run_again_later_stays_failed(
    cr, table, add, failed, state, columns
):
    add(state, **columns, **SUPERSEDES)
    assert deduplication.supersede(cr, [failed]) == []
    assert table.state(failed) == "failed"


def test_a_superseded_job_that_is_requeued_stands_for_itself(cr, table, add, failed):
    add(**SUPERSEDES)
    deduplication.supersede(cr, [failed])
    assert dispatch.move(cr, "requeue", [failed]) == [failed]
    assert table.row(failed)["same_as"] is None


PARAMS = {"text": "", "most": 1000, "few": 10}


def test_failed_and_later_jobs_of_a_key_are_found_by_their_indexes(cr):
    # Given so many jobs that no other way is as good
    cr.execute(
        "INSERT INTO queue_job (uuid, state, attempt, retry, identity_key,"
        " identity_supersedes, date_started)"
        " SELECT 'job ' || n, CASE WHEN n %% 3 = 0 THEN 'failed' ELSE 'done' END,"
        " 0, 0, 'key ' || n %% 10000, n %% 2 = 0, now()"
        " FROM generate_series(1, 40000) AS n",
        (),
    )
    cr.execute("ANALYZE queue_job")
    for statement, which in (
        (deduplication._SQL.supersede_of_keys, {"keys": ["key 1", "key 2"]}),
        (deduplication._SQL.supersede_among, {"ids": [1, 2]}),
    ):
        cr.execute(f"EXPLAIN {statement}", {**PARAMS, **which})
        plan = "\n".join(line for (line,) in cr.fetchall())
        # those that run may be found among all that is dispatched
        number = plan.count("queue_job_identity_superseding_idx")
        assert number >= (3 if "keys" in which else 2)
        assert "Seq Scan on queue_job " not in plan


@pytest.mark.parametrize("began", ["before", "since"])
def test_of_all_that_was_done_for_a_key_few_rows_are_read(cr, add, began):
    # Given a key with a month of jobs done, and many that failed
    date = {"before": "2029-12-31", "since": "2030-01-02"}[began]
    cr.execute(
        "INSERT INTO queue_job (uuid, state, attempt, retry, identity_key,"
        " identity_supersedes, date_started)"
        " SELECT 'failed ' || n, 'failed', 1, 1, 'k', true, timestamp '2030-01-01'"
        " FROM generate_series(1, 20) AS n"
        " UNION ALL"
        " SELECT 'job ' || n, 'done', 1, 1, 'k', true, %s"
        " FROM generate_series(1, 40000) AS n",
        (date,),
    )
    cr.execute("ANALYZE queue_job")
    add(**SUPERSEDES)
    cr.execute("SELECT id FROM queue_job WHERE state = 'failed'")
    ids = [job_id for (job_id,) in cr.fetchall()]
    for statement, which in (
        (deduplication._SQL.supersede_among, {"ids": ids}),
        (deduplication._SQL.supersede_of_keys, {"keys": ["k"]}),
    ):
        cr.execute("BEGIN")
        cr.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", {**PARAMS, **which})
        [[[explained]]] = cr.fetchall()
        cr.execute("ROLLBACK")
        # when those that failed are looked at, then each reads a few others
        assert rows_read(explained["Plan"]) < 100 * len(ids)


def rows_read(plan):
    """Count the rows that the scans of a plan met, those they filtered out as well."""
    rows = sum(rows_read(part) for part in plan.get("Plans", ()))
    if plan["Node Type"] in ("Seq Scan", "Index Scan", "Bitmap Heap Scan"):
        met = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        rows += met * plan["Actual Loops"]
    return rows
