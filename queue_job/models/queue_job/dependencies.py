# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that were delayed together, and who of them waits for whom."""

from itertools import chain

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from odoo.addons.base_sparse_field.models.fields import Serialized

from ...core.states import State
from ...store import dependencies
from ..part import ModelPart

#: So many neighbours the form lists on either side.
MOST_SHOWN = 200
#: So many jobs of a graph the form counts.
MOST_COUNTED = 10_000


class JobDependencies(ModelPart):
    """The part of ``queue.job`` that knows the other jobs of its graph."""

    _name = "queue.job"
    _register = False

    graph_uuid = fields.Char(
        string="Graph UUID",
        readonly=True,
        help="The same for all jobs that were delayed together and depend on each"
        " other; empty for a single job.",
    )
    dependencies = Serialized(string="Links", compute="_compute_dependencies")
    # all of them, which may be very many: the form shows the first, below
    dependency_ids = fields.Many2many(
        "queue.job",
        string="Waits for",
        compute="_compute_dependency_ids",
        search="_search_dependency_ids",
    )
    dependent_ids = fields.Many2many(
        "queue.job",
        string="Followed by",
        compute="_compute_dependent_ids",
        search="_search_dependent_ids",
    )
    shown_dependency_ids = fields.Many2many(
        "queue.job",
        string="Waits for (First)",
        compute="_compute_shown_dependencies",
    )
    has_more_dependencies = fields.Boolean(
        string="Waits for More", compute="_compute_shown_dependencies"
    )
    shown_dependent_ids = fields.Many2many(
        "queue.job",
        string="Followed by (First)",
        compute="_compute_shown_dependents",
    )
    has_more_dependents = fields.Boolean(
        string="Followed by More", compute="_compute_shown_dependents"
    )
    graph_jobs_count = fields.Integer(
        string="Jobs Delayed Together", compute="_compute_graph_jobs_count"
    )
    graph_jobs_shown = fields.Char(
        string="Jobs Delayed Together (Shown)", compute="_compute_graph_jobs_shown"
    )

    _graph_idx = models.Index("(graph_uuid, state, id) WHERE graph_uuid IS NOT NULL")

    @api.depends("graph_uuid")
    def _compute_dependency_ids(self):
        for record, parents in self._linked(dependencies.parents_of).items():
            record.dependency_ids = parents

    @api.depends("graph_uuid")
    def _compute_dependent_ids(self):
        for record, children in self._linked(dependencies.children_of).items():
            record.dependent_ids = children

    @api.depends("graph_uuid")
    def _compute_dependencies(self):
        parents = self._linked(dependencies.parents_of)
        children = self._linked(dependencies.children_of)
        linked = [*parents.values(), *children.values()]
        uuids = self._uuids({*chain.from_iterable(jobs._ids for jobs in linked)})
        for record in self:
            record.dependencies = {
                "depends_on": [uuids[i] for i in parents[record]._ids],
                "reverse_depends_on": [uuids[i] for i in children[record]._ids],
            }

    def _uuids(self, ids):
        rows = self.env.execute_query(
            SQL("SELECT id, uuid FROM queue_job WHERE id = ANY(%s)", list(ids))
        )
        return dict(rows)

    def _linked(self, look_up):
        """Return those on one side of each of these jobs, as far as the user may see
        them: a graph may span companies. There may be very many: nothing but ids is
        read."""
        jobs = self.env["queue.job"]
        jobs.flush_model()
        found = look_up(self.env.cr, self.ids)
        ids = list(set(chain.from_iterable(found.values())))
        visible = set(jobs.search([("id", "in", ids)])._ids) if ids else ()
        return {
            record: self.browse(i for i in found.get(record.id, ()) if i in visible)
            for record in self
        }

    @api.depends("graph_uuid")
    def _compute_shown_dependencies(self):
        self._show_nearest("parents", "shown_dependency_ids", "has_more_dependencies")

    @api.depends("graph_uuid")
    def _compute_shown_dependents(self):
        self._show_nearest("children", "shown_dependent_ids", "has_more_dependents")

    def _show_nearest(self, side, shown, has_more):
        """Fill the fields with the jobs on one side of each of these that one wants to
        see first, and with whether there are others."""
        self.env["queue.job"].flush_model()
        for record in self:
            jobs, may_be_more = record._nearest(side)
            record[shown] = jobs[:MOST_SHOWN]
            record[has_more] = may_be_more or len(jobs) > MOST_SHOWN

    def _nearest(self, side):
        """Return some of those on one side of this job that the user may see, failed
        ones first, then others that are not done.

        :return: jobs, at least one more than is shown if there are so many; whether
            there may be more
        """
        ids, may_be_more = dependencies.nearest(
            self.env.cr,
            self._origin.id or None,
            self.graph_uuid or None,
            side,
            MOST_SHOWN + 1,
        )
        query = self.env["queue.job"]._search(
            [("id", "in", list(ids))], limit=MOST_SHOWN + 1
        )
        if query.is_empty():
            return self.browse(), False
        query.order = SQL(
            "%(state)s <> 'failed', %(state)s = 'done', %(id)s",
            state=SQL.identifier(query.table, "state"),
            id=SQL.identifier(query.table, "id"),
        )
        return self.browse(query.get_result_ids()), may_be_more

    def _search_dependency_ids(self, operator, value):
        look_up = dependencies.CHILDREN_OF
        return self._search_linked(operator, value, look_up, "child_id")

    def _search_dependent_ids(self, operator, value):
        look_up = dependencies.PARENTS_OF
        return self._search_linked(operator, value, look_up, "parent_id")

    @api.model
    def _search_linked(self, operator, value, look_up, column):
        """
        :param look_up: statement that finds those to search from the others
        :param column: where they stand in a link
        """
        if operator not in ("in", "any", "not any"):
            return NotImplemented
        if operator == "in":
            ids = [job_id for job_id in value if job_id]
        else:
            ids = self.search(value).ids
        self.env["queue.job"].flush_model()
        linked = _others(look_up, ids)
        if operator == "in" and False in value:  # no job at all
            linked_at_all = SQL(
                "(SELECT %(column)s FROM queue_job_dependency"
                " WHERE %(column)s IS NOT NULL)",
                column=SQL.identifier(column),
            )
            return ["|", ("id", "in", linked), ("id", "not in", linked_at_all)]
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

    @api.depends("graph_uuid")
    def _compute_graph_jobs_shown(self):
        """Tell how many there are, for people: of very many, that they are more than so
        many."""
        for record in self:
            domain = [("graph_uuid", "=", record.graph_uuid)]
            limit = MOST_COUNTED + 1
            count = self.search_count(domain, limit) if record.graph_uuid else 0
            text = formatLang(self.env, min(count, MOST_COUNTED), digits=0)
            record.graph_jobs_shown = f"{text}+" if count == limit else text

    def open_graph_jobs(self):
        """Return the list of all jobs that were delayed together with these."""
        graphs = self.filtered("graph_uuid").mapped("graph_uuid")
        domain = [("graph_uuid", "in", graphs)]
        return self._list_of(self.env._("Jobs Delayed Together"), domain)

    def open_dependencies(self):
        """Return the list of all jobs that these wait for directly."""
        domain = [("dependent_ids", "in", self.ids)]
        return self._list_of(self.env._("Waits for"), domain)

    def open_dependents(self):
        """Return the list of all jobs that wait for these directly."""
        domain = [("dependency_ids", "in", self.ids)]
        return self._list_of(self.env._("Followed by"), domain)

    def _list_of(self, name, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "queue_job.action_queue_job"
        )
        return {**action, "name": name, "domain": domain, "context": {}}

    # --- upkeep ---------------------------------------------------------------------

    def _release_dependents(self):
        """Release or cancel the jobs that wait for these."""
        if self:
            self.env["queue.job"].flush_model()
            followed = dependencies.release(self.env.cr, self.ids)
            self._show_followed(*followed, State.WAIT_DEPENDENCIES)

    def _cancel_dependents(self, date_cancelled=None):
        """Cancel those that wait for these jobs, as if these were cancelled."""
        self.env["queue.job"].flush_model()
        cancelled = dependencies.cancel_along(
            self.env.cr, self.ids, as_cancelled=True, date_cancelled=date_cancelled
        )
        others = [i for i in cancelled if i not in self._ids]
        self._show_followed([], others, State.WAIT_DEPENDENCIES)

    def _show_followed(self, moved, cancelled, source):
        self.env["queue.job.statistics"]._count_moved(cancelled)
        moved = self.sudo().browse({*moved, *cancelled})
        moved.invalidate_recordset()
        moved._announce_state({}, dict.fromkeys(moved.ids, source.value))

    def _hold_for_parents(self):
        """Let pending jobs wait (again) that have an unfinished parent."""
        self.env["queue.job"].flush_model()
        waiting = dependencies.wait_again(self.env.cr, self.ids)
        self._show_followed(*waiting, State.PENDING)


def _others(statement, ids):
    """Return what a statement of :mod:`..dependencies` finds for jobs, as a
    subquery."""
    pairs = SQL(statement, ids=list(ids))
    return SQL("(SELECT link.other FROM (%s) AS link(job_id, other))", pairs)
