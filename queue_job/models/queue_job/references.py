# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Users, companies and functions that jobs name, and that may be gone."""

from ..loose import LooseMany2one


class LooseReferences:
    """The part of ``queue.job`` that groups jobs whose user, company or function is
    gone with those that have none."""

    __slots__ = ()  # like every model: another layout could not be extended

    def _read_group_groupby(self, alias, groupby_spec, query):
        field = self._fields.get(groupby_spec)
        if isinstance(field, LooseMany2one) and field.store:
            self._check_field_access(field, "read")
            return field.as_group(self, alias, query)
        return super()._read_group_groupby(alias, groupby_spec, query)
