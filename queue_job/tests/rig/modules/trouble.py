# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that go to the limits of their worker."""

import mmap
import os
import signal
import time

from odoo.addons.queue_job.models.queue_job import QueueJob

kept = []


def _burn(self):
    while True:
        pass


def _ask_for_memory(self, gigabytes):
    bytearray(gigabytes << 30)


def _grow(self, gigabytes):  # ... by addresses that are never touched
    kept.append(mmap.mmap(-1, gigabytes << 30))


def _leave_a_child(self, children):
    child = os.fork()
    if not child:
        while True:
            signal.pause()
    with open(children, "a") as file:
        file.write(f"{child}\n")
    time.sleep(60)


for job in (_leave_a_child, _burn, _ask_for_memory, _grow):
    setattr(QueueJob, job.__name__, job)
