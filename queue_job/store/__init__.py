# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is kept of jobs, as SQL: needs a cursor, and nothing of Odoo."""
