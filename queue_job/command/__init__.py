# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The subcommands of ``odoo queue_job``: one function each, that gets a
:class:`~.call.Call` and returns the status with which the process exits."""
