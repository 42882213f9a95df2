# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A channel manager with jobs that have names, for tests that read as stories."""

from odoo.addons.queue_job.core.channels.scheduler import ChannelManager


class SimulatedQueue:
    """Jobs get their creation second and id in the order they are mentioned."""

    def __init__(self, channels):
        self.manager = ChannelManager()
        self.manager.simple_configure(channels)
        self._facts = {}

    def put(self, name, channel=None, **changes):
        """A job as it stands now; what is not said stays as it was."""
        seq = len(self._facts) + 1
        born = {"channel": "root", "seq": seq, "created": seq, "p": 10, "eta": None}
        facts = self._facts.setdefault(name, {"state": "pending", **born})
        if channel:
            changes["channel"] = channel
        facts.update(changes)
        self.manager.notify(
            "db",
            facts["channel"],
            name,
            facts["seq"],
            facts["created"],
            facts["p"],
            facts["eta"],
            facts["state"],
        )

    def pending(self, channel, *names, **facts):
        for name in names:
            self.put(name, channel, **facts)

    def starts(self, now=1000):
        """Names of the jobs that start now, in order."""
        return [job.uuid for job in self.manager.get_jobs_to_run(now)]

    def done(self, name):
        self.put(name, state="done")

    def failed(self, name):
        self.put(name, state="failed")

    @property
    def wakeup(self):
        return self.manager.get_wakeup_time()
