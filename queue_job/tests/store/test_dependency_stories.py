# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whatever happens to the jobs of a graph, in whatever order: no job waits for one
that is over."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.queue_job.core.graph.composition import Element, Follower, build
from odoo.addons.queue_job.core.graph.graph import IfFailed, Join
from odoo.addons.queue_job.core.states import FINAL, State
from odoo.addons.queue_job.store import dependencies, dispatch, unreleased

WAITING = State.WAIT_DEPENDENCIES
MOST = 14  # enough for barriers of all kinds


class Call(Element):
    def __init__(self, is_inside=False):
        super().__init__()
        self.is_inside = is_inside


class Group(Element):
    def __init__(self, members, is_sequence):
        super().__init__()
        self._members = members
        self.is_sequence = is_sequence

    @property
    def members(self):
        return self._members


@st.composite
def compositions(draw):
    """A nested group or chain, and calls that follow parts of it, under any policy."""
    parts = []

    def element(room):
        if room == 1 or draw(st.booleans()):
            made = Call(is_inside=True)
        else:
            made = compound(room)
        parts.append(made)
        return made

    def compound(room):
        count = draw(st.integers(1, room))
        share = room // count if count > 1 else 1
        return Group([element(share) for _n in range(count)], draw(st.booleans()))

    top = compound(MOST - 4)
    for _n in range(draw(st.integers(0, 3))):
        part, policy = draw(st.sampled_from(parts)), draw(st.sampled_from(IfFailed))
        part.followers.append(Follower(Call(), policy))
    return top


happenings = st.lists(
    st.tuples(
        st.sampled_from(["done", "failed", "cancel", "set_done", "requeue", "delete"]),
        st.integers(0, MOST - 1),
        st.booleans(),
    ),
    max_size=25,
)
ends = st.lists(st.sampled_from(["done", "failed"]), min_size=1, max_size=10)


class Story:
    """A graph to which things happen."""

    def __init__(self, cr, table, top):
        self.cr = cr
        cr.execute("DELETE FROM queue_job")
        graph = build(top)
        roots = set(graph.root_vertices())
        self.of_call = {
            call: table.add(State.PENDING if call in roots else WAITING)
            for call in graph.vertices()
        }
        self.ids = list(self.of_call.values())
        joins = [self._stored(join) for join in graph.joins()]
        self.edges = [
            (*pair, join.if_failed) for join in joins for pair in join.edges()
        ]
        dependencies.link(cr, joins)

    def _stored(self, join):
        return Join(
            tuple(self.of_call[call] for call in join.parents),
            tuple(self.of_call[call] for call in join.children),
            join.if_failed,
        )

    def happen(self, what, job_id, dies=False):
        """``dies``: the process ends before it could look after the others."""
        if what in ("done", "failed"):
            self.cr.execute(
                "UPDATE queue_job SET state = %s WHERE id = %s AND state = 'pending'"
                " RETURNING id",
                (what, job_id),
            )
            if self.cr.fetchall() and not dies:
                dependencies.release(self.cr, [job_id])
        elif what == "delete":
            self.cr.execute("DELETE FROM queue_job WHERE id = %s", (job_id,))
        elif moved := dispatch.move(self.cr, what, [job_id]):
            if what == "requeue":
                dependencies.wait_again(self.cr, moved)
            else:
                dependencies.release(self.cr, moved)

    def run_out(self, outcomes):
        """Run whatever may run, as long as there is something."""
        ran = 0
        while pending := [i for i, s in self.states().items() if s == State.PENDING]:
            self.happen(outcomes[ran % len(outcomes)], pending[0])
            ran += 1

    def states(self):
        self.cr.execute("SELECT id, state FROM queue_job ORDER BY id")
        return dict(self.cr.fetchall())

    def waiting_for_nobody(self):
        states = self.states()
        return [
            job_id
            for job_id, state in states.items()
            if state == WAITING and not self._kept_back_by(job_id, states)
        ]

    def waiting_for_the_finished(self):
        """Those that wait although each job they wait for has ended, other than by a
        failure that they are to wait for."""
        states = self.states()
        return [
            job_id
            for job_id, state in states.items()
            if state == WAITING
            and not any(
                states[parent] not in FINAL
                or (states[parent] == State.FAILED and policy == IfFailed.WAIT)
                for parent, policy in self._kept_back_by(job_id, states)
            )
        ]

    def _kept_back_by(self, job_id, states):
        return [
            (parent, policy)
            for parent, child, policy in self.edges
            if child == job_id
            and parent in states
            and states[parent] != State.DONE
            and not (
                policy == IfFailed.RUN
                and states[parent] in (State.FAILED, State.CANCELLED)
            )
        ]


thoroughly = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@thoroughly
@given(compositions(), happenings)
def test_nobody_waits_for_nobody(cr, table, top, happened):
    story = Story(cr, table, top)
    for what, number, dies in happened:
        story.happen(what, story.ids[number % len(story.ids)], dies)
        before = story.states()
        unreleased.release_all(cr)
        if not dies and what != "delete":
            assert story.states() == before  # the move left nothing over
        assert story.waiting_for_nobody() == []


@thoroughly
@given(compositions(), happenings, ends)
def test_at_the_end_nobody_waits_for_the_finished(cr, table, top, happened, outcomes):
    story = Story(cr, table, top)
    for what, number, dies in happened:
        story.happen(what, story.ids[number % len(story.ids)], dies)
    story.run_out(outcomes)
    unreleased.release_all(cr)  # after processes that died, deletions and requeues
    story.run_out(outcomes)
    assert story.waiting_for_the_finished() == []


@thoroughly
@given(compositions(), happenings, ends)
def test_what_is_to_come_at_the_end_comes(cr, table, top, happened, outcomes):
    callback = Call()
    top.ends_anyway = True
    top.followers.append(Follower(callback, IfFailed.RUN))
    story = Story(cr, table, top)
    for what, number, dies in happened:
        job_id = story.ids[number % len(story.ids)]
        if job_id != story.of_call[callback]:
            story.happen(what, job_id, dies)
    story.run_out(outcomes)
    unreleased.release_all(cr)
    story.run_out(outcomes)
    states = story.states()
    inside = [story.of_call[call] for call in story.of_call if call.is_inside]
    assert all(states.get(job_id, State.DONE) in FINAL for job_id in inside)
    assert states[story.of_call[callback]] in ("done", "failed")
