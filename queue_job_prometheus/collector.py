# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What Prometheus is told: gauges of the queue as it is, counters of what became of
jobs.

Everything is read from the database when it is asked for, so that it does not matter
which worker of which server answers.
"""

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from odoo.addons.queue_job.config import setting, thresholds
from odoo.addons.queue_job.core.channels.config import parse
from odoo.addons.queue_job.core.health import Severity, judge
from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.store import health, statistics

#: How the jobs ended that are counted: columns of the statistics.
_ENDS = ("done", "failed", "cancelled")


class QueueCollector(Collector):
    """Collects once, for one answer.

    :param env: environment of the superuser
    """

    def __init__(self, env):
        self._env = env

    def collect(self):
        """Yield families of metrics. Called by ``prometheus_client``."""
        facts = health.read(self._env.cr)
        yield self._jobs(facts)
        yield from self._seconds(facts)
        yield self._findings(facts)
        yield from self._channels()
        if "queue.job.statistics" in self._env:
            yield from self._counters()

    def _jobs(self, facts):
        family = GaugeMetricFamily(
            "queue_job_jobs",
            "Jobs that are not over, and failed ones, counted up to"
            f" {health.MOST_COUNTED} of a kind.",
            labels=["channel", "state"],
        )
        for channel, state, count in health.counts_by_channel(self._env.cr):
            family.add_metric([channel, state], count)
        waiting = State.WAIT_DEPENDENCIES.value
        # in no channel as long as they wait for others
        family.add_metric(["", waiting], facts.counts.get(waiting, 0))
        return family

    def _seconds(self, facts):
        yield GaugeMetricFamily(
            "queue_job_oldest_due_seconds",
            "How long the job waits which could have begun first; 0 where none waits.",
            value=facts.oldest_due or 0,
        )
        yield GaugeMetricFamily(
            "queue_job_unbegun_seconds",
            "How long the first dispatched job waits for a worker; 0 where none does.",
            value=facts.unbegun or 0,
        )
        yield GaugeMetricFamily(
            "queue_job_leader",
            "Whether a runner serves the database.",
            value=facts.leader_age is not None,
        )
        if facts.leader_age is not None:
            yield GaugeMetricFamily(
                "queue_job_leader_age_seconds",
                "How long ago the runner last asked the database anything.",
                value=facts.leader_age,
            )

    def _findings(self, facts):
        family = GaugeMetricFamily(
            "queue_job_findings",
            "What is wrong just now, by how bad it is; see /queue_job/health.",
            labels=["severity"],
        )
        found = [finding.severity for finding in judge(facts, thresholds())]
        for severity in Severity:
            family.add_metric([severity.value], found.count(severity))
        return family

    def _channels(self):
        capacity = GaugeMetricFamily(
            "queue_job_channel_capacity",
            "Jobs that a channel may run at a time, by the configuration of this"
            " server; unlimited ones are left out.",
            labels=["channel"],
        )
        for entry in _configured():
            if entry.capacity:
                capacity.add_metric([entry.name], max(entry.capacity, 0))
        yield capacity
        paused = GaugeMetricFamily(
            "queue_job_channel_paused",
            "Whether a channel is paused in this database.",
            labels=["channel"],
        )
        for channel in self._env["queue.job.channel"].search([]):
            paused.add_metric([channel.complete_name], channel.is_paused)
        yield paused

    def _counters(self):
        """Since the queue counts at all: what is deleted is never counted back."""
        self._env.flush_all()
        rows = [total._asdict() for total in statistics.totals(self._env.cr)]
        return _counters([(row.pop("channel"), row) for row in rows])


def _counters(rows):
    ended = CounterMetricFamily(
        "queue_job_ended", "Jobs that ended.", labels=["channel", "state"]
    )
    others = {
        name: CounterMetricFamily(f"queue_job_{name}", text, labels=["channel"])
        for name, text in (
            ("retried", "Attempts after which the job is to run again."),
            ("waiting_seconds", "Seconds between being due and beginning."),
            ("duration_seconds", "Seconds that workers spent on jobs."),
        )
    }
    for channel, sums in rows:
        for state in _ENDS:
            ended.add_metric([channel, state], sums[state])
        for name, family in others.items():
            family.add_metric([channel], sums[name])
    return [ended, *others.values()]


def _configured():
    try:
        return parse(setting("channels") or "root:1")
    except ValueError:  # the runner's log names the wrong word
        return []
