# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that do not come to their end by themselves, each at something else."""

import re
import time
from urllib.request import urlopen

from odoo.addons.queue_job.current_job import current_job
from odoo.addons.queue_job.exception import JobStopped
from odoo.addons.queue_job.models.queue_job import QueueJob

HOUR = 3600


def _run_a_statement(self):
    self.env.cr.execute("SELECT pg_sleep(%s)", [HOUR])


def _loop(self):
    while True:
        pass


def _loop_over_errors(self):
    while True:
        try:
            self.env["res.partner"].search_count([])
        except Exception:  # as code does that goes on with the next record
            self.env.cr.rollback()


def _sleep(self):
    time.sleep(HOUR)


def _wait_for_an_answer(self, port):
    with urlopen(f"http://127.0.0.1:{port}/") as answer:
        answer.read()


def _match(self):
    """Keep the interpreter to itself, in C."""
    re.match(r"(a+)+$", "a" * 60 + "b")


def _ask(self):
    while not current_job(self.env).should_stop:
        time.sleep(0.05)
    raise JobStopped


def _loop_together(self, is_endless):
    """Come to an end only where it is called for one record."""
    while is_endless and len(self) > 1:
        pass
    return "alone"


def _tell_progress(self):
    while True:
        current_job(self.env).progress(1)
        time.sleep(0.05)


for job in (
    _run_a_statement,
    _loop,
    _loop_over_errors,
    _sleep,
    _wait_for_an_answer,
    _match,
    _ask,
    _loop_together,
    _tell_progress,
):
    setattr(QueueJob, job.__name__, job)
