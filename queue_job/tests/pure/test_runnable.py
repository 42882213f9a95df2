# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What cannot run is added up by function and reason."""

from odoo.addons.queue_job.core.explanation.facts import Flaw
from odoo.addons.queue_job.core.runnable import Trouble, Troubles


def test_jobs_of_one_function_and_reason_are_one_trouble_with_the_first_as_example():
    troubles = Troubles()
    troubles.add(Flaw.SIGNATURE, "<a>.b", "one", detail="first")
    troubles.add(Flaw.SIGNATURE, "<a>.b", "two", detail="second")
    troubles.add(Flaw.USER_GONE, "<a>.b", "three")
    troubles.add(Flaw.METHOD_GONE, "<a>.c", "four", 5)

    assert list(troubles) == [
        Trouble(Flaw.METHOD_GONE, "<a>.c", 5, "four"),
        Trouble(Flaw.SIGNATURE, "<a>.b", 2, "one", "first"),
        Trouble(Flaw.USER_GONE, "<a>.b", 1, "three"),
    ]
    assert len(troubles) == 3


def test_nothing_found_is_nothing():
    assert not list(Troubles())
    assert len(Troubles()) == 0
