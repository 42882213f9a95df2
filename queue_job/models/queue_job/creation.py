# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How rows of new jobs are made: past the ORM where its passes have no effect."""

from odoo import tools
from odoo.tools.misc import split_every

from ..overrides import is_of_registry, is_overridden
from ..part import ModelPart

#: Modules whose ``create`` adds nothing to a new job: chatter, activities and
#: subscriptions are switched off at its creation.
_OWN_CREATES = frozenset(
    {
        "odoo.orm.models",
        "odoo.addons.mail.models.mail_thread",
        "odoo.addons.queue_job.models.queue_job.queue_job",
    }
)
#: How many rows one statement makes.
_PAGE = 500


class JobCreation(ModelPart):
    """The part of ``queue.job`` that makes rows."""

    _name = "queue.job"
    _register = False

    def _insert_jobs(self, vals_list, calls):
        """Create jobs, as superuser.

        The ORM does it where some add-on overrides ``create``, or has fields that are
        to be filled at the creation of a job. Elsewhere one INSERT does.

        :param vals_list: values of each job
        :param calls: for each job, its records, args and kwargs as stored texts
        :return: ids, in the order of ``vals_list``
        """
        names = frozenset().union(*vals_list)
        if (
            is_overridden(self, "create")
            or not self._needs_no_more_than(names)
            or any(len(vals) != len(names) for vals in vals_list)
        ):
            return self._insert_jobs_by_orm(vals_list)
        return self._insert(vals_list, calls)

    def _insert_jobs_by_orm(self, vals_list):
        model = self.sudo().with_context(_job_edit_sentinel=self.EDIT_SENTINEL)
        return model.create(vals_list).ids

    @tools.ormcache("names")
    def _needs_no_more_than(self, names):
        """Tell whether a row of just these columns is what the ORM would make: no
        default, computed value, constraint or cache asks for more."""
        if self._constraint_methods or not self._has_known_creates():
            return False
        given = names.union(filter(self._is_kept_by_queue, self._fields))
        set_by_people = [
            ("field_id.model", "=", self._name),
            ("field_id.name", "not in", list(given)),
        ]
        if self.env["ir.default"].sudo().search_count(set_by_people, limit=1):
            return False
        if any(not _is_plain_column(self._fields.get(name)) for name in names):
            return False
        registry = self.env.registry
        for field in self._fields.values():
            if not field.store or not field.column_type:
                continue
            if field.name not in names and (field.default or field.compute):
                return False
            if registry.field_inverses[field] or any(
                dependent.store for dependent in registry.get_dependent_fields(field)
            ):
                return False
        return True

    def _insert(self, vals_list, calls):
        # what is False in all rows stays empty, as in those the ORM makes
        empty = set(vals_list[0])
        for vals in vals_list:
            empty = {name for name in empty if vals[name] is False}
        left_out = empty.union(calls[0])
        names = [name for name in vals_list[0] if name not in left_out]
        to_column = [(name, self._fields[name].convert_to_column) for name in names]
        columns = ", ".join(f'"{name}"' for name in (*names, *calls[0]))
        row = f"({', '.join(['%s'] * (len(names) + len(calls[0])))})"
        ids = []
        for page in split_every(_PAGE, zip(vals_list, calls, strict=True), list):
            params = []
            for vals, call in page:
                params += [convert(vals[name], self) for name, convert in to_column]
                params += call.values()
            self.env.cr.execute(
                f"INSERT INTO queue_job ({columns})"
                f" VALUES {', '.join([row] * len(page))} RETURNING id",
                params,
            )
            ids += [id_ for (id_,) in self.env.cr.fetchall()]
        return ids

    def _has_known_creates(self):
        """Tell whether no add-on extends the creation of all records, or of all with
        messages."""
        return all(
            klass.__module__ in _OWN_CREATES and not is_of_registry(klass)
            for klass in type(self).__mro__
            if "create" in klass.__dict__
        )


def _is_plain_column(field):
    return bool(field and field.store and field.column_type and not field.inverse)
