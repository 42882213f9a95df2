# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The graph of a job as the form draws it: large ones folded into few nodes."""

from collections import Counter
from typing import NamedTuple

from odoo import api, fields
from odoo.tools import SQL

from odoo.addons.base_sparse_field.models.fields import Serialized

from ...core.graph.folding import Folded, fold
from ...core.graph.layout import draw
from ...core.states import State
from ...store import dependencies
from ..part import ModelPart

#: The jobs of a graph of more than so many are not read for a drawing.
MOST_FOLDED = 20_000
#: Of ``dependency_graph``: more jobs than that are not drawn.
MOST_DRAWN = 100
_NEAREST = 30
_COLORS = {
    State.WAIT_DEPENDENCIES: "#D2E5FF",
    State.PENDING: "#D2E5FF",
    State.ENQUEUED: "#FFE9B8",
    State.STARTED: "#FFC107",
    State.DONE: "#D4EDDA",
    State.CANCELLED: "#E2E3E5",
    State.FAILED: "#F8D7DA",
}


class Seen(NamedTuple):
    """What is known of a job without loading it."""

    state: str
    channel_method_name: str
    name: str


class JobDrawing(ModelPart):
    """The part of ``queue.job`` that is looked at as a picture."""

    _name = "queue.job"
    _register = False

    graph_drawing = fields.Json(string="Drawing", compute="_compute_graph_drawing")
    dependency_graph = Serialized(compute="_compute_dependency_graph")

    @api.depends("graph_uuid", "state")
    def _compute_graph_drawing(self):
        for record in self:
            record.graph_drawing = record._drawing() if record.graph_uuid else False

    def _drawing(self):
        """Return what the widget ``queue_job_graph`` draws.

        ``nodes``: of each the ``id`` of its first job, ``count``, ``title``, and the
        number of jobs in each of ``states``. ``columns``, ``dots`` and ``lines`` as in
        :class:`~...core.graph.layout.Drawing`; nodes are numbered as listed.
        ``is_part``: the graph is so large that only some neighbours of the job are
        drawn.
        """
        jobs, folded, is_part = self._folded_graph()
        drawing = draw(folded.levels, folded.joins)
        return {
            "nodes": [_node(ids, jobs) for ids in folded.nodes],
            "columns": drawing.columns,
            "dots": drawing.dots,
            "lines": [[*line[:2], str(line.if_failed)] for line in drawing.lines],
            "is_part": is_part,
        }

    def _folded_graph(self):
        """
        :return: the jobs of the graph that the user may see, as {id: :class:`Seen`};
            their :class:`Folded`, in which failed ones share no node with others;
            whether these are only some, because the graph is very large
        """
        self.ensure_one()
        jobs_model = self.env["queue.job"]
        jobs_model.flush_model()
        graph = [("graph_uuid", "=", self.graph_uuid)]
        is_part = jobs_model.search_count(graph, MOST_FOLDED + 1) > MOST_FOLDED
        if is_part:
            near = self | self.shown_dependency_ids | self.shown_dependent_ids
            graph = [("id", "in", near.ids)]
        query = jobs_model._search(graph, order="id")
        columns = map(SQL.identifier, ("id", *Seen._fields))
        rows = self.env.execute_query(query.select(*columns))
        jobs = {job_id: Seen(*row) for job_id, *row in rows}
        kinds = {
            job_id: (job.channel_method_name, job.state == State.FAILED)
            for job_id, job in jobs.items()
        }
        joins = dependencies.joins_among(self.env.cr, jobs)
        folded: Folded[int] = fold(kinds, joins, self.id)
        return jobs, folded, is_part

    def open_drawn_jobs(self, job_id):
        """Return the list of the jobs that share a node with this one in the
        drawing."""
        _jobs, folded, _is_part = self._folded_graph()
        node = next((node for node in folded.nodes if job_id in node), ())
        return {
            **self.open_graph_jobs(),
            "domain": [("id", "in", node)],
        }

    # --- nodes and edges one by one, as other add-ons draw them ---------------------

    @api.depends("graph_uuid", "state")
    def _compute_dependency_graph(self):
        for record in self:
            record.dependency_graph = record._drawn_graph() if record.graph_uuid else {}

    def _drawn_graph(self):
        """Nodes and edges of the graph; of a large one what is nearest to this job."""
        parents, children = self.shown_dependency_ids, self.shown_dependent_ids
        near = self | parents[:_NEAREST] | children[:_NEAREST]
        graph = [("graph_uuid", "=", self.graph_uuid)]
        others = self.search(graph, order="graph_uuid, state, id", limit=MOST_DRAWN)
        jobs = (near | others)[:MOST_DRAWN]
        return {
            "nodes": [job._drawn_node(job == self) for job in jobs],
            "edges": dependencies.links_among(self.env.cr, jobs.ids),
        }

    def _drawn_node(self, is_current):
        color = _COLORS[State(self.state)]
        return {
            "id": self.id,
            "title": f"{self.display_name}\n{self.func_string}",
            "color": color,
            "border": "#000000" if is_current else color,
            "shadow": is_current,
        }


def _node(ids, jobs):
    states = Counter(jobs[job_id].state for job_id in ids)
    return {
        "id": ids[0],
        "count": len(ids),
        "title": _common_title([jobs[job_id] for job_id in ids]),
        "states": {str(s): states[s] for s in reversed(State) if states[s]},
    }


def _common_title(jobs):
    """Return the description that they share, else the method, else nothing."""
    names = {job.name or "" for job in jobs}
    methods = {job.channel_method_name or "" for job in jobs}
    if len(names) == 1:
        return names.pop()
    return methods.pop().rpartition(".")[2] if len(methods) == 1 else ""
