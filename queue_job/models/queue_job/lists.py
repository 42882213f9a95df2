# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What lists of jobs show beside and in their rows, at any number of jobs."""

from odoo import api, fields
from odoo.exceptions import RedirectWarning
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ...core.states import NOT_DONE, State
from ..loose import LooseMany2one
from ..part import ModelPart

#: What a list shows of a text at most; the form has all of it.
_SHOWN = 200
#: Jobs of a state that the panel counts at most.
_MOST_IN_PANEL = 100_000


class JobLists(ModelPart):
    """The part of ``queue.job`` that keeps lists quick: millions of jobs that are over
    are not counted, and long texts not read."""

    _name = "queue.job"
    _register = False

    func_short = fields.Char(string="Call", compute="_compute_short_texts")
    exc_short = fields.Char(string="Failure", compute="_compute_short_texts")

    @api.model
    @api.readonly
    def search_panel_select_multi_range(self, field_name, **kwargs):
        """Return the values of a section of the search panel.

        Channels are those of the jobs themselves, by name. States are counted unless
        they are over: to know how many are done, group by state. What takes longer to
        be counted than a list may take is not counted: the list says why.
        """
        if field_name == "channel":
            return {"values": self._channels_in_panel(kwargs.get("limit"))}
        values_of = super().search_panel_select_multi_range
        try:
            with self._limited_time(fields.Domain.TRUE):
                found = values_of(field_name, **kwargs)
        except RedirectWarning:
            kwargs |= {"enable_counters": False, "expand": True}
            return values_of(field_name, **kwargs)
        if field_name == "state" and kwargs.get("enable_counters"):
            for value in found.get("values", ()):
                if value["__count"] > _MOST_IN_PANEL:  # the panel knows but numbers
                    most = formatLang(self.env, _MOST_IN_PANEL, digits=0)
                    value["display_name"] += f" ({most}+)"
                    value["__count"] = 0
        return found

    @api.model
    def _search_panel_domain_image(
        self, field_name, domain, set_count=False, limit=False
    ):
        """Count jobs by state as far as people look at the number."""
        if field_name != "state" or not set_count:
            return super()._search_panel_domain_image(
                field_name, domain, set_count, limit
            )
        labels = dict(self._fields["state"]._description_selection(self.env))
        return {
            state: {"id": state, "display_name": labels[state], "__count": count}
            for state, count in self._count_open(fields.Domain(domain)).items()
            if count
        }

    def _count_open(self, domain):
        """Return the number of jobs by state: in one statement, which has one limit of
        time."""
        counted = [
            self._count_up_to(_MOST_IN_PANEL + 1, domain, state)
            for state in self._open_states()
        ]
        return dict(self._in_time(domain, SQL(" UNION ALL ").join(counted)))

    def _count_up_to(self, most, domain, state):
        in_state = domain & fields.Domain("state", "=", state)
        query = self._search(in_state, limit=most)
        if query.is_empty():
            return SQL("SELECT %s, 0", state)
        return SQL("SELECT %s, count(*) FROM (%s) jobs", state, query.select("1"))

    def _channels_in_panel(self, limit):
        names = self.env["queue.job.channel"].search([], limit=limit or None)
        return [
            {"id": name, "display_name": name} for name in names.mapped("complete_name")
        ]

    @api.model
    def _open_states(self):
        """States of jobs that are not over, or have failed, in the order shown."""
        return [state.value for state in State if state in NOT_DONE]

    @api.depends("func_string", "exc_message")
    def _compute_short_texts(self):
        self.flush_recordset(["func_string", "exc_message"])
        self.env.cr.execute(
            "SELECT id, left(func_string, %(shown)s), left(exc_message, %(shown)s)"
            " FROM queue_job WHERE id = ANY(%(ids)s)",
            {"shown": _SHOWN, "ids": self.ids},
        )
        texts = {row[0]: row[1:] for row in self.env.cr.fetchall()}
        for job in self:
            job.func_short, job.exc_short = texts.get(job.id, (False, False))

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Group jobs whose user, company or function is gone with those that have
        none."""
        field = self._fields.get(groupby_spec)
        if isinstance(field, LooseMany2one) and field.store:
            self._check_field_access(field, "read")
            return field.as_group(self, alias, query)
        return super()._read_group_groupby(alias, groupby_spec, query)
