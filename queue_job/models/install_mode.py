# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Data files may name a record that is already there under another id, or none."""


def create_or_reuse(model, vals_list, find_same, create):
    """Records for ``vals_list``, created unless an equal one exists.

    Used while modules are being installed: two modules may declare the same channel,
    and functions that were found in the code are declared in data files later.

    :param find_same: method from values to the record that stands for them, or empty
    :param create: method that creates from a list of values
    :return: one record for each entry of ``vals_list``, in order
    """
    records = model.browse()
    for vals in vals_list:
        same = find_same(vals)
        if not same:
            same = create([vals])
        elif not _is_kept_as_is(same):
            same.write(vals)
        records += same
    return records


def _is_kept_as_is(record) -> bool:
    """Tell whether some module declared the record as not to be updated."""
    domain = [
        ("model", "=", record._name),
        ("res_id", "=", record.id),
        ("noupdate", "=", True),
    ]
    return bool(record.env["ir.model.data"].sudo().search_count(domain, limit=1))
