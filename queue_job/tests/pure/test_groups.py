# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a step of a channel costs does not depend on how many companies wait in it."""

import pytest

from odoo.addons.queue_job.core.channels.claims import Traits
from odoo.addons.queue_job.core.channels.priority_queue import PriorityQueue
from odoo.addons.queue_job.core.channels.scheduler import ChannelManager

pytestmark = pytest.mark.usefixtures("silent_channels")


@pytest.fixture
def asked(monkeypatch):
    """How many queues were asked for their length, or for a job."""
    asked = []
    for name in ("__len__", "__contains__"):
        original = getattr(PriorityQueue, name)

        def counted(*args, original=original):
            asked.append(1)
            return original(*args)

        monkeypatch.setattr(PriorityQueue, name, counted)
    return asked


def cost_of_a_job(asked, channels, companies):
    """What it costs to meet and start one job more and to end it."""
    manager = ChannelManager()
    manager.simple_configure(channels)

    def tell(uuid, seq, company):
        traits = Traits(company=company)
        manager.notify("db", "root.a", uuid, seq, 0, 10, None, "pending", traits)

    for company in range(companies):
        tell(f"job{company}", company, company)
    [job] = manager.get_jobs_to_run(0)
    manager.remove_job(job.uuid)
    asked.clear()
    tell("more", companies, companies)
    [job] = manager.get_jobs_to_run(0)
    left = iter([True, False])
    manager.get_batch_members(job, 0, lambda _job: next(left))
    manager.remove_job(job.uuid)
    return len(asked)


@pytest.mark.parametrize(
    "channels", ["root:1:per=company:1", "root:1,root.a:1:fair=company"]
)
def test_a_step_costs_the_same_with_many_companies_as_with_few(asked, channels):
    few = cost_of_a_job(asked, channels, 5)
    assert cost_of_a_job(asked, channels, 500) == few
