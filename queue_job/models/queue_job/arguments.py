# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a job is called with, for people."""

import inspect

from odoo import api, fields

from ...core.shown_call import ShownCall
from ...delaying.decorators import origin_of
from ...fields import as_stored
from ..part import ModelPart


class JobArguments(ModelPart):
    """The part of ``queue.job`` that shows its arguments: records as links, values in
    each other, no more than people can read."""

    _name = "queue.job"
    _register = False

    shown_arguments = fields.Json(compute="_compute_shown_arguments")

    @api.depends("records", "args", "kwargs")
    def _compute_shown_arguments(self):
        for job in self:
            stored = as_stored(job)
            shown = ShownCall()
            call = [(self.env._("Records"), stored.records)] if stored.records else []
            names = job._parameter_names()
            for place, value in enumerate(stored.args):
                known = place < len(names)
                call.append((names[place] if known else str(place + 1), value))
            nodes = shown.nodes([*call, *stored.kwargs.items()])
            self._name_records(nodes)
            job.shown_arguments = {"nodes": nodes, "is_cut": shown.is_cut}

    def _parameter_names(self):
        """Return the names of the method's positional parameters, as far as they can be
        known."""
        model = self.env.get(self.model_name)
        func = getattr(type(model), self.method_name or "", None)
        if func is None:
            return []
        try:
            parameters = inspect.signature(origin_of(func)).parameters.values()
        except (TypeError, ValueError):
            return []
        positional = (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        )
        return [p.name for p in parameters if p.kind in positional][1:]

    def _name_records(self, nodes):
        """Name those records that the user may read; of the others, there is the
        number."""
        for node in nodes:
            self._name_records(node.get("items", ()))
            if node["kind"] != "records":
                continue
            names = self._names_of(node["model"], node["ids"])
            node["records"] = [
                {"id": res_id, "name": names.get(res_id, False)}
                for res_id in node.pop("ids")
            ]

    def _names_of(self, model_name, ids):
        model = self.env.get(model_name)
        if model is None or model._abstract or not model.has_access("read"):
            return {}
        valid = [res_id for res_id in ids if type(res_id) is int]
        readable = model.browse(valid).exists()._filtered_access("read")
        return {record.id: record.display_name for record in readable}
