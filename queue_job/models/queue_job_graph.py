"""Jobs that were delayed together, and who of them waits for whom."""

from itertools import chain

from odoo import api
from odoo.tools import SQL

from .. import dependencies
from ..core.states import State

#: More jobs than that nobody wants to see as a drawing.
MOST_DRAWN = 100
_NEAREST = 30
#: Where those stand that a search through the other side finds.
_COLUMNS = {
    dependencies.children_of: "child_id",
    dependencies.parents_of: "parent_id",
}
_COLORS = {
    State.WAIT_DEPENDENCIES: "#D2E5FF",
    State.PENDING: "#D2E5FF",
    State.ENQUEUED: "#FFE9B8",
    State.STARTED: "#FFC107",
    State.DONE: "#D4EDDA",
    State.CANCELLED: "#E2E3E5",
    State.FAILED: "#F8D7DA",
}


class JobsOfAGraph:
    """The part of ``queue.job`` that knows the other jobs of its graph."""

    __slots__ = ()  # like every model: another layout could not be extended

    @api.depends("graph_uuid")
    def _compute_dependencies(self):
        self.env["queue.job"].flush_model()
        parents = dependencies.parents_of(self.env.cr, self.ids)
        children = dependencies.children_of(self.env.cr, self.ids)
        shown = self._visible(chain(*parents.values(), *children.values()))
        for record in self:
            before = self.browse(i for i in parents.get(record.id, ()) if i in shown)
            after = self.browse(i for i in children.get(record.id, ()) if i in shown)
            record.dependency_ids = before
            record.dependent_ids = after
            record.dependencies = {
                "depends_on": before.mapped("uuid"),
                "reverse_depends_on": after.mapped("uuid"),
            }

    def _visible(self, ids):
        """Those that the user may see: a graph may span companies."""
        return set(self.env["queue.job"].search([("id", "in", list(set(ids)))])._ids)

    def _search_dependency_ids(self, operator, value):
        return self._search_linked(operator, value, dependencies.children_of)

    def _search_dependent_ids(self, operator, value):
        return self._search_linked(operator, value, dependencies.parents_of)

    @api.model
    def _search_linked(self, operator, value, look_up):
        if operator not in ("in", "any", "not any"):
            return NotImplemented
        if operator == "in":
            ids = [job_id for job_id in value if job_id]
        else:
            ids = self.search(value).ids
        self.env["queue.job"].flush_model()
        found = look_up(self.env.cr, ids)
        linked = sorted(set(chain.from_iterable(found.values())))
        if operator == "in" and False in value:  # nobody at all
            column = _COLUMNS[look_up]
            everybody = SQL(
                "(SELECT %(column)s FROM queue_job_dependency"
                " WHERE %(column)s IS NOT NULL)",
                column=SQL.identifier(column),
            )
            return ["|", ("id", "in", linked), ("id", "not in", everybody)]
        return [("id", "not in" if operator == "not any" else "in", linked)]

    @api.depends("graph_uuid")
    def _compute_graph_jobs_count(self):
        graphs = self.filtered("graph_uuid").mapped("graph_uuid")
        counts = dict(
            self._read_group(
                [("graph_uuid", "in", graphs)], ["graph_uuid"], ["__count"]
            )
        )
        for record in self:
            record.graph_jobs_count = counts.get(record.graph_uuid, 0)

    @api.depends("graph_uuid", "state")
    def _compute_dependency_graph(self):
        for record in self:
            record.dependency_graph = record._drawn_graph() if record.graph_uuid else {}

    def _drawn_graph(self):
        """Nodes and edges of the graph; of a large one what is nearest to this job."""
        near = self | self.dependency_ids[:_NEAREST] | self.dependent_ids[:_NEAREST]
        others = self.search([("graph_uuid", "=", self.graph_uuid)], limit=MOST_DRAWN)
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

    def open_graph_jobs(self):
        """The list of all jobs that were delayed together with these."""
        graphs = self.filtered("graph_uuid").mapped("graph_uuid")
        domain = [("graph_uuid", "in", graphs)]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "queue_job.action_queue_job"
        )
        return {
            **action,
            "name": self.env._("Jobs Delayed Together"),
            "domain": domain,
            "context": {},
        }

    # --- upkeep ---------------------------------------------------------------------

    def _settle_dependents(self):
        """Let those go on, or go down, that wait for these jobs."""
        if self:
            self.env["queue.job"].flush_model()
            settled = dependencies.settle(self.env.cr, self.ids)
            self._show_settled(*settled, State.WAIT_DEPENDENCIES)

    def _cancel_dependents(self, date_cancelled=None):
        """Cancel those that wait for these jobs, as if these were cancelled."""
        self.env["queue.job"].flush_model()
        cancelled = dependencies.cancel_along(
            self.env.cr, self.ids, as_cancelled=True, date_cancelled=date_cancelled
        )
        others = [i for i in cancelled if i not in self._ids]
        self._show_settled([], others, State.WAIT_DEPENDENCIES)

    def _show_settled(self, moved, cancelled, source):
        moved = self.sudo().browse({*moved, *cancelled})
        moved.invalidate_recordset()
        moved._announce_state({}, dict.fromkeys(moved.ids, source.value))

    def _hold_for_parents(self):
        """Let pending jobs wait (again) that have an unfinished parent."""
        self.env["queue.job"].flush_model()
        held = dependencies.hold(self.env.cr, self.ids)
        self._show_settled(*held, State.PENDING)
