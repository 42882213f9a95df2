# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who waits for whom: linked, released, cancelled along, found again."""

import pytest

from odoo.addons.queue_job.core.graph.graph import IfFailed, Join
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import dependencies, dispatch, unreleased

WAITING = State.WAIT_DEPENDENCIES


@pytest.fixture
def add(table):
    """Adds jobs in a state; returns their ids."""

    def add_jobs(count, state=WAITING):
        return [table.add(state) for _ in range(count)]

    return add_jobs


@pytest.fixture
def add_many(cr):
    """Adds thousands of jobs at once; returns their ids, the oldest first."""

    def add_jobs(count, state=WAITING):
        cr.execute(
            "INSERT INTO queue_job (uuid, state, retry, attempt)"
            " SELECT gen_random_uuid()::text, %s, 0, 0 FROM generate_series(1, %s)"
            " RETURNING id",
            (str(state), count),
        )
        return sorted(row[0] for row in cr.fetchall())

    return add_jobs


@pytest.fixture
def end(cr):
    """Puts jobs into a state, past every rule."""

    def end_jobs(ids, state=State.DONE):
        cr.execute(
            "UPDATE queue_job SET state = %s WHERE id = ANY(%s)", (str(state), ids)
        )

    return end_jobs


def link(cr, parents, children, if_failed=IfFailed.WAIT):
    join = Join(tuple(parents), tuple(children), IfFailed(if_failed))
    dependencies.link(cr, [join])


def rows(cr):
    cr.execute("SELECT count(*) FROM queue_job_dependency")
    return cr.fetchall()[0][0]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_children_are_released_with_the_last_parent(cr, table, add, end, count):
    parents, children = add(count, State.PENDING), add(count)
    link(cr, parents, children)
    for parent in parents:
        assert {table.state(child) for child in children} == {WAITING}
        end([parent])
        followed = dependencies.release(cr, [parent])
    assert sorted(followed.released) == children
    assert {table.state(child) for child in children} == {State.PENDING}


def test_two_groups_take_as_many_rows_as_members(cr, add):
    link(cr, add(30), add(40))
    assert rows(cr) == 70


def test_a_link_is_stored_once(cr, add):
    parents, children = add(1), add(2)
    link(cr, parents, children)
    link(cr, parents, children)
    assert rows(cr) == 2


def test_parents_and_children_are_found_through_the_barrier(cr, add):
    parents, children = add(3), add(3)
    link(cr, parents, children)
    [lone] = add(1)
    link(cr, [lone], children[:1])
    found = dependencies.parents_of(cr, children)
    assert found[children[0]] == sorted([*parents, lone])
    assert found[children[1]] == parents
    assert dependencies.children_of(cr, [parents[0]])[parents[0]] == children
    among = dependencies.links_among(cr, [parents[0], *children])
    assert among == [(parents[0], child) for child in children]


def test_who_waits_elsewhere_goes_on_waiting(cr, table, add, end):
    parents, children, [other] = add(3), add(3), add(1, State.PENDING)
    link(cr, parents, children)
    link(cr, [other], children[:1])
    end(parents)
    assert sorted(dependencies.release(cr, parents).released) == children[1:]
    assert table.state(children[0]) == WAITING


def test_a_failed_parent_lets_its_children_wait(cr, table, add, end):
    [parent], [child] = add(1), add(1)
    link(cr, [parent], [child])
    end([parent], State.FAILED)
    assert dependencies.release(cr, [parent]) == ([], [])


@pytest.mark.parametrize("count", [1, 3])
def test_a_cancelled_parent_takes_all_below_along(cr, table, add, end, count):
    top, middle, bottom = add(count), add(count), add(count)
    link(cr, top, middle)
    link(cr, middle, bottom)
    end(top[:1], State.CANCELLED)
    followed = dependencies.release(cr, top[:1])
    assert sorted(followed.cancelled) == [*middle, *bottom]
    row = table.row(bottom[0])
    assert row["state"] == State.CANCELLED
    assert row["result"] == "Cancelled because a job it depends on was cancelled"
    assert row["date_cancelled"]


@pytest.mark.parametrize("count", [1, 3])
def test_who_goes_down_with_a_failed_parent_says_so(cr, table, add, end, count):
    top, middle, bottom = add(count), add(count), add(count)
    link(cr, top, middle, IfFailed.CANCEL)
    link(cr, middle, bottom)
    end(top[:1], State.FAILED)
    followed = dependencies.release(cr, top[:1])
    assert sorted(followed.cancelled) == [*middle, *bottom]
    for job_id in (middle[0], bottom[0]):
        reason = "Cancelled because a job it depends on failed"
        assert table.row(job_id)["result"] == reason


def test_nobody_waits_for_who_is_changing_a_job_that_goes_down_with_its_parent(
    session, cr, table, add, end
):
    [parent] = add(1, State.PENDING)
    busy, other = add(2)
    link(cr, [parent], [busy, other])
    end([parent], State.CANCELLED)
    # Given another transaction that changes one of the children in a long transaction
    connection = session(autocommit=False)
    with connection.cursor() as side:
        side.execute("UPDATE queue_job SET priority = 3 WHERE id = %s", (busy,))
        cr.execute("SET lock_timeout = '1s'")
        assert unreleased.release_all(cr).cancelled == [other]
    # then that one goes down at the next look
    connection.commit()
    assert unreleased.release_all(cr).cancelled == [busy]
    assert table.state(busy) == State.CANCELLED


@pytest.mark.parametrize("count", [1, 3])
def test_what_asked_for_it_is_cancelled_by_a_failure(cr, table, add, end, count):
    parents, children = add(count), add(count)
    link(cr, parents, children, "cancel")
    end(parents[:1], State.FAILED)
    assert sorted(dependencies.release(cr, parents[:1]).cancelled) == children


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.CANCELLED])
@pytest.mark.parametrize("count", [1, 3])
def test_what_runs_anyway_is_released_by_any_end(cr, table, add, end, state, count):
    parents, children = add(count), add(count)
    link(cr, parents, children, "run")
    end(parents[1:])
    end(parents[:1], state)
    assert sorted(dependencies.release(cr, parents[:1]).released) == children


def test_a_callback_runs_when_what_it_follows_went_down_with_another(cr, add, end):
    [top], [middle], [callback] = add(1), add(1), add(1)
    link(cr, [top], [middle])
    link(cr, [middle], [callback], "run")
    end([top], State.CANCELLED)
    assert dependencies.release(cr, [top]) == ([callback], [middle])


def test_a_job_whose_parents_are_gone_is_found(cr, table, add):
    parents, children = add(3, State.PENDING), add(3)
    link(cr, parents, children)
    assert unreleased.release_all(cr) == ([], [])
    cr.execute("DELETE FROM queue_job WHERE id = ANY(%s)", (parents,))
    assert sorted(unreleased.release_all(cr).released) == children


def test_what_a_dying_worker_left_is_found(cr, add, end):
    [done, failed], [after_done], [after_failed] = add(2), add(1), add(1)
    link(cr, [done], [after_done])
    link(cr, [failed], [after_failed], "cancel")
    end([done])
    end([failed], State.FAILED)
    assert unreleased.release_all(cr) == ([after_done], [after_failed])


def test_a_row_that_somebody_works_with_keeps_nobody_waiting(cr, session, add, end):
    [parent], children = add(1), add(2)
    link(cr, [parent], children)
    end([parent])
    other = session(autocommit=False)
    with other.cursor() as busy:
        busy.execute("UPDATE queue_job SET priority = 1 WHERE id = %s", (children[0],))
        assert dependencies.release(cr, [parent]).released == children[1:]
        other.commit()
    assert unreleased.release_all(cr).released == children[:1]


def test_a_pending_job_waits_again_for_an_unfinished_parent(cr, table, add):
    parents, children = add(3, State.PENDING), add(3, State.PENDING)
    link(cr, parents, children)
    waiting = dependencies.wait_again(cr, [*parents, *children])
    assert (sorted(waiting.waiting), waiting.cancelled) == (children, [])


@pytest.mark.parametrize("count", [1, 3])
def test_a_job_that_would_wait_for_a_cancelled_one_is_cancelled(cr, table, add, count):
    parents, children, [last] = add(count), add(count, State.PENDING), add(1)
    link(cr, parents, children)
    link(cr, children, [last])
    dispatch.move(cr, "cancel", parents[:1])
    assert sorted(dependencies.wait_again(cr, children).cancelled) == [*children, last]
    assert table.state(children[0]) == State.CANCELLED


@pytest.mark.parametrize("count", [1, 3])
def test_who_waits_in_vain_is_found(cr, add, end, count):
    parents, children = add(count, State.PENDING), add(count)
    link(cr, parents, children)
    end(parents[:1], State.CANCELLED)  # while the children were being made
    assert unreleased.release_all(cr) == ([], children)


def test_a_deleted_job_takes_its_links_along(cr, add):
    parents, children = add(3), add(3)
    link(cr, parents, children)
    cr.execute("DELETE FROM queue_job")
    assert rows(cr) == 0


def test_large_groups_are_released_at_once(cr, add_many, end):
    parents, children = add_many(5000, State.PENDING), add_many(5000)
    link(cr, parents, children)
    cr.execute("ANALYZE queue_job, queue_job_dependency")  # as autovacuum does
    for parent in parents[:20]:
        end([parent])
        assert dependencies.release(cr, [parent]).released == []
    end(parents)
    assert sorted(dependencies.release(cr, parents[-1:]).released) == children


ORDERS = {
    "from the oldest on": lambda ids: ids,
    "from the youngest on": lambda ids: ids[::-1],
    "those in the middle last": lambda ids: ids[:400] + ids[-400:] + ids[400:-400],
    "one of them late": lambda ids: ids[:1000] + ids[1001:] + ids[1000:1001],
}


def rows_read(cr):
    """How many rows this transaction has read so far."""
    cr.execute(
        "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))"
        " FROM pg_stat_xact_user_tables"
        " WHERE relname IN ('queue_job', 'queue_job_dependency')"
    )
    return cr.fetchall()[0][0]


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("count", [1, 500], ids=lambda n: f"{n} children")
def test_an_end_costs_the_same_in_a_large_group(cr, add_many, end, count, order):
    parents, children = add_many(2000, State.PENDING), add_many(count)
    link(cr, parents, children)
    cr.execute("VACUUM ANALYZE queue_job, queue_job_dependency")
    ended = order(parents)
    for earlier, share in ((0, 0), (0, 500), (500, 1000), (1000, 1900)):
        end(ended[earlier:share])
        end([ended[share]])
        cr.execute("BEGIN")
        before = rows_read(cr)
        assert dependencies.release(cr, [ended[share]]).released == []
        assert rows_read(cr) - before < 200
        cr.execute("COMMIT")


@pytest.mark.parametrize("is_older", [True, False])
def test_an_end_costs_the_same_beside_a_much_larger_group(
    cr, add, add_many, end, is_older
):
    if not is_older:
        link(cr, add_many(20_000, State.PENDING), add(1))
    parents, [child] = add_many(20, State.PENDING), add(1)
    link(cr, parents, [child])
    if is_older:
        link(cr, add_many(20_000, State.PENDING), add(1))
    cr.execute("VACUUM ANALYZE queue_job, queue_job_dependency")
    for place in (0, 10, 19, 5):
        end(parents[place : place + 1])
        cr.execute("BEGIN")
        before = rows_read(cr)
        assert dependencies.release(cr, parents[place : place + 1]).released == []
        assert rows_read(cr) - before < 200
        cr.execute("COMMIT")


def test_many_parents_of_one_job_are_asked_through_a_barrier(cr, add):
    link(cr, add(20), add(1))
    cr.execute("SELECT count(DISTINCT barrier_id) FROM queue_job_dependency")
    assert cr.fetchall()[0][0] == 1


def search_all(cr, most):
    """A search through all who wait, in parts; what became of them, in lists."""
    released, cancelled, search = [], [], unreleased.Search()
    while not search.is_over:
        followed = unreleased.release_some(cr, search, most)
        released += followed.released
        cancelled += followed.cancelled
    return sorted(released), sorted(cancelled)


def test_a_search_in_parts_asks_a_large_group_once(cr, add_many):
    parents, children = add_many(20_000, State.PENDING), add_many(20_000)
    link(cr, parents, children)
    cr.execute("VACUUM ANALYZE queue_job, queue_job_dependency")
    cr.execute("BEGIN")
    before = rows_read(cr)
    assert search_all(cr, most=1000) == ([], [])
    assert rows_read(cr) - before < 8 * len(parents + children)
    cr.execute("COMMIT")


def test_a_search_in_parts_finds_whoever_can_go_on_or_is_lost(cr, add, end):
    parents, children = add(3, State.PENDING), add(4)
    link(cr, parents, children)
    others, behind = add(3, State.PENDING), add(4)
    link(cr, others, behind)
    [lone] = add(1, State.PENDING)
    link(cr, [lone], children[3:])
    assert search_all(cr, most=1) == ([], [])
    end([lone], State.CANCELLED)
    end(others)
    assert search_all(cr, most=1) == (behind, children[3:])
    end(parents[:1], State.CANCELLED)
    assert search_all(cr, most=1) == ([], children[:3])


LARGE = 20_000


@pytest.mark.parametrize("kept_by", [None, 0, LARGE // 2, LARGE - 1])
def test_a_part_of_a_search_reads_few_rows_however_many_stand_before_a_job(
    cr, add, add_many, end, kept_by
):
    parents, [child] = add_many(LARGE, State.DONE), add(1)
    link(cr, parents, [child])
    others = add_many(20, State.PENDING), add(1)
    link(cr, *others)
    if kept_by is not None:
        end(parents[kept_by : kept_by + 1], State.PENDING)
    cr.execute("VACUUM ANALYZE queue_job, queue_job_dependency")
    search, released = unreleased.Search(), []
    while not search.is_over:
        cr.execute("BEGIN")
        before = rows_read(cr)
        released += unreleased.release_some(cr, search, most=1000).released
        if not released:
            assert rows_read(cr) - before < 5000
        cr.execute("COMMIT")
    assert released == ([] if kept_by is not None else [child])


@pytest.mark.parametrize("place", [0, LARGE // 2, LARGE - 1])
def test_a_part_of_a_search_finds_the_one_of_many_that_was_cancelled(
    cr, add, add_many, end, place
):
    parents, [child] = add_many(LARGE, State.PENDING), add(1)
    link(cr, parents, [child])
    end(parents[place : place + 1], State.CANCELLED)
    assert search_all(cr, most=1000) == ([], [child])


def test_a_large_group_does_not_keep_a_small_one_waiting(cr, add, add_many, end):
    many, [last] = add_many(LARGE, State.PENDING), add(1)
    link(cr, many, [last])
    parents, children = add(3, State.DONE), add(2)
    link(cr, parents, children)
    search = unreleased.Search()
    released = []
    for _part in range(3):
        released += unreleased.release_some(cr, search, most=1000).released
    assert sorted(released) == children


def test_those_behind_a_large_open_group_go_on_though_they_were_looked_at_before(
    cr, add, add_many
):
    parents, children = add_many(3000, State.DONE), add_many(2500)
    [unfinished] = add(1, State.PENDING)
    link(cr, parents, children)
    link(cr, [unfinished], children[:1])
    assert search_all(cr, most=1000) == (children[1:], [])


NEIGHBOURS = 20_000


@pytest.mark.parametrize("side", ["parents", "children"])
@pytest.mark.parametrize("is_direct", [True, False], ids=["directly", "by a barrier"])
def test_the_nearest_of_many_neighbours_are_found_by_few_rows(
    cr, add, add_many, end, side, is_direct
):
    [job], others = add(1), add_many(NEIGHBOURS, State.DONE)
    failed, waiting = others[9_000], others[12_000]
    cr.execute("UPDATE queue_job SET graph_uuid = 'large'")
    end([failed], State.FAILED)
    end([waiting], State.PENDING)
    group, alone = (others, [job]) if side == "parents" else ([job], others)
    if is_direct and side == "parents":
        for start in range(0, NEIGHBOURS, 5):
            link(cr, group[start : start + 5], alone)
    elif is_direct:
        link(cr, group, alone)
    else:
        second = add(1)  # with two on the other side there is a barrier
        sides = (group, [job, *second]) if side == "parents" else (
            [job, *second], others
        )  # fmt: skip
        link(cr, *sides)
    cr.execute("VACUUM ANALYZE queue_job, queue_job_dependency")
    # an index that other tests have left large and empty would look dear
    cr.execute("SET enable_seqscan = off")
    cr.execute("BEGIN")
    before = rows_read(cr)
    found, may_be_more = dependencies.nearest(cr, job, "large", side, most=200)
    assert rows_read(cr) - before < 5000
    cr.execute("COMMIT")
    assert {failed, waiting} < found
    assert found < set(others)
    assert len(found) >= 200
    assert may_be_more
