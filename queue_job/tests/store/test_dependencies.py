"""Who waits for whom: linked, released, cancelled along, found again."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.queue_job import dependencies, store
from odoo.addons.queue_job.core.graph import IfFailed, Join
from odoo.addons.queue_job.core.states import State

WAITING = State.WAIT_DEPENDENCIES


@pytest.fixture
def add(table):
    """Adds jobs in a state; returns their ids."""

    def add_jobs(count, state=WAITING):
        return [table.add(state) for _ in range(count)]

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
        settled = dependencies.settle(cr, [parent])
    assert sorted(settled.released) == children
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
    assert sorted(dependencies.settle(cr, parents).released) == children[1:]
    assert table.state(children[0]) == WAITING


def test_a_failed_parent_lets_its_children_wait(cr, table, add, end):
    [parent], [child] = add(1), add(1)
    link(cr, [parent], [child])
    end([parent], State.FAILED)
    assert dependencies.settle(cr, [parent]) == ([], [])


@pytest.mark.parametrize("count", [1, 3])
def test_a_cancelled_parent_takes_all_below_along(cr, table, add, end, count):
    top, middle, bottom = add(count), add(count), add(count)
    link(cr, top, middle)
    link(cr, middle, bottom)
    end(top[:1], State.CANCELLED)
    settled = dependencies.settle(cr, top[:1])
    assert sorted(settled.cancelled) == [*middle, *bottom]
    row = table.row(bottom[0])
    assert row["state"] == State.CANCELLED
    assert row["result"] == dependencies.CANCELLED_ALONG
    assert row["date_cancelled"]


@pytest.mark.parametrize("count", [1, 3])
def test_what_asked_for_it_is_cancelled_by_a_failure(cr, table, add, end, count):
    parents, children = add(count), add(count)
    link(cr, parents, children, "cancel")
    end(parents[:1], State.FAILED)
    assert sorted(dependencies.settle(cr, parents[:1]).cancelled) == children


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.CANCELLED])
@pytest.mark.parametrize("count", [1, 3])
def test_what_runs_anyway_is_released_by_any_end(cr, table, add, end, state, count):
    parents, children = add(count), add(count)
    link(cr, parents, children, "run")
    end(parents[1:])
    end(parents[:1], state)
    assert sorted(dependencies.settle(cr, parents[:1]).released) == children


def test_a_callback_runs_when_what_it_follows_went_down_with_another(cr, add, end):
    [top], [middle], [callback] = add(1), add(1), add(1)
    link(cr, [top], [middle])
    link(cr, [middle], [callback], "run")
    end([top], State.CANCELLED)
    assert dependencies.settle(cr, [top]) == ([callback], [middle])


def test_a_job_whose_parents_are_gone_is_found(cr, table, add):
    parents, children = add(3, State.PENDING), add(3)
    link(cr, parents, children)
    assert dependencies.settle_all(cr) == ([], [])
    cr.execute("DELETE FROM queue_job WHERE id = ANY(%s)", (parents,))
    assert sorted(dependencies.settle_all(cr).released) == children


def test_what_a_dying_worker_left_is_found(cr, add, end):
    [done, failed], [after_done], [after_failed] = add(2), add(1), add(1)
    link(cr, [done], [after_done])
    link(cr, [failed], [after_failed], "cancel")
    end([done])
    end([failed], State.FAILED)
    assert dependencies.settle_all(cr) == ([after_done], [after_failed])


def test_a_row_that_somebody_works_with_keeps_nobody_waiting(cr, session, add, end):
    [parent], children = add(1), add(2)
    link(cr, [parent], children)
    end([parent])
    other = session(autocommit=False)
    with other.cursor() as busy:
        busy.execute("UPDATE queue_job SET priority = 1 WHERE id = %s", (children[0],))
        assert dependencies.settle(cr, [parent]).released == children[1:]
        other.commit()
    assert dependencies.settle_all(cr).released == children[:1]


def test_a_pending_job_waits_again_for_an_unfinished_parent(cr, table, add):
    parents, children = add(3, State.PENDING), add(3, State.PENDING)
    link(cr, parents, children)
    assert sorted(dependencies.hold(cr, [*parents, *children])) == children


def test_a_deleted_job_takes_its_links_along(cr, add):
    parents, children = add(3), add(3)
    link(cr, parents, children)
    cr.execute("DELETE FROM queue_job")
    assert rows(cr) == 0


def test_large_groups_are_released_at_once(cr, add, end):
    cr.execute(
        "INSERT INTO queue_job (uuid, state, retry, attempt)"
        " SELECT gen_random_uuid()::text, CASE WHEN n <= 5000 THEN 'pending'"
        " ELSE 'wait_dependencies' END, 0, 0 FROM generate_series(1, 10000) n"
        " RETURNING id"
    )
    ids = sorted(row[0] for row in cr.fetchall())
    link(cr, ids[:5000], ids[5000:])
    for parent in ids[:20]:
        end([parent])
        assert dependencies.settle(cr, [parent]).released == []
    end(ids[:5000])
    assert len(dependencies.settle(cr, ids[4999:5000]).released) == 5000


# --- whatever happens, in whatever order -------------------------------------------

JOBS = 8
subsets = st.sets(st.integers(0, JOBS - 1), min_size=2, max_size=JOBS)


@st.composite
def joins(draw):
    made = []
    for numbers in draw(st.lists(subsets, min_size=1, max_size=5)):
        ordered = sorted(numbers)
        cut = draw(st.integers(1, len(ordered) - 1))
        policy = draw(st.sampled_from(IfFailed))
        made.append(Join(tuple(ordered[:cut]), tuple(ordered[cut:]), policy))
    return made


happenings = st.lists(
    st.tuples(
        st.sampled_from(["done", "failed", "cancel", "set_done", "requeue", "delete"]),
        st.integers(0, JOBS - 1),
        st.booleans(),
    ),
    max_size=25,
)


class Story:
    """A graph to which things happen."""

    def __init__(self, cr, table, drawn):
        self.cr, self.table = cr, table
        children = {child for join in drawn for child in join.children}
        self.ids = [
            table.add(WAITING if number in children else State.PENDING)
            for number in range(JOBS)
        ]
        self.edges = [
            (self.ids[parent], self.ids[child], join.if_failed)
            for join in drawn
            for parent, child in join.edges()
        ]
        dependencies.link(
            cr,
            [
                Join(
                    tuple(self.ids[number] for number in join.parents),
                    tuple(self.ids[number] for number in join.children),
                    join.if_failed,
                )
                for join in drawn
            ],
        )

    def happen(self, what, job_id, dies):
        """``dies``: the process ends before it could look after the others."""
        if what in ("done", "failed"):
            self.cr.execute(
                "UPDATE queue_job SET state = %s WHERE id = %s AND state = 'pending'"
                " RETURNING id",
                (what, job_id),
            )
            if self.cr.fetchall() and not dies:
                dependencies.settle(self.cr, [job_id])
        elif what == "delete":
            self.cr.execute("DELETE FROM queue_job WHERE id = %s", (job_id,))
        elif moved := store.move(self.cr, what, [job_id]):
            if what == "requeue":
                dependencies.hold(self.cr, moved)
            else:
                dependencies.settle(self.cr, moved)

    def states(self):
        self.cr.execute("SELECT id, state FROM queue_job")
        return dict(self.cr.fetchall())

    def waiting_for_nobody(self):
        states = self.states()
        return [
            job_id
            for job_id, state in states.items()
            if state == WAITING and not self._keepers(job_id, states)
        ]

    def _keepers(self, job_id, states):
        return [
            parent
            for parent, child, policy in self.edges
            if child == job_id
            and parent in states
            and states[parent] != State.DONE
            and not (
                policy == IfFailed.RUN
                and states[parent] in (State.FAILED, State.CANCELLED)
            )
        ]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(joins(), happenings)
def test_nobody_waits_for_nobody(cr, table, drawn, happened):
    cr.execute("DELETE FROM queue_job")
    story = Story(cr, table, drawn)
    for what, number, dies in happened:
        story.happen(what, story.ids[number], dies)
        before = story.states()
        dependencies.settle_all(cr)
        if not dies and what not in ("delete", "requeue"):
            assert story.states() == before  # whoever ended the job left nothing over
        assert story.waiting_for_nobody() == []
