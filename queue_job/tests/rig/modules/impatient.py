# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""It makes a moment of idle minutes."""

from odoo.addons.queue_job.worker import job_locks

job_locks.IDLE_LIMIT = 0.5
