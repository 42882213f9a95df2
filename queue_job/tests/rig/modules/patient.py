# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Workers that stay on the line of a runner for as long as a test may take; and jobs
that leave something behind: a word to other processes, a child of their own."""

import os
import signal

from odoo.addons.queue_job.job import job
from odoo.addons.queue_job.models.queue_job import QueueJob
from odoo.addons.queue_job.worker import line

line.LONGEST_LINE = 600.0


@job(on_fail_method="_clear_caches")
def _clear_and_fail(self):
    raise ValueError("no")


def _clear_caches(self, **_values):
    self.env.registry.clear_cache()


def _leave_child(self):
    child = os.fork()
    while not child:
        signal.pause()
    return child


for method in (_clear_and_fail, _clear_caches, _leave_child):
    setattr(QueueJob, method.__name__, method)
