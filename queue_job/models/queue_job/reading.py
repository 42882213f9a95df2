# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What clients read of the call of a job."""

from ...fields import JobSerialized, as_stored


class StoredCalls:
    """The part of ``queue.job`` that gives clients the call as it is stored: they have
    no use for live records, and are not to lose a page of jobs because the model of
    one is not installed any more."""

    __slots__ = ()  # like every model: another layout could not be extended

    def _read_format(self, fnames, load="_classic_read"):
        calls = [name for name in fnames if self._is_call(name)]
        rest = [name for name in fnames if not self._is_call(name)]
        rows = super()._read_format(rest, load)
        if not calls:
            return rows
        stored = super(StoredCalls, as_stored(self))._read_format(calls, load)
        by_id = {row["id"]: row for row in stored}
        return [{**row, **by_id[row["id"]]} for row in rows if row["id"] in by_id]

    def _export_rows(self, fields, *args, **kwargs):
        if not any(self._is_call(path[0]) for path in fields):
            return super()._export_rows(fields, *args, **kwargs)
        for path in fields:  # what is computed of a call is computed of the live one
            if not self._is_call(path[0]) and path[0] in self._fields:
                self.mapped(path[0])
        return super(StoredCalls, as_stored(self))._export_rows(fields, *args, **kwargs)

    def _is_call(self, name):
        return isinstance(self._fields.get(name), JobSerialized)
