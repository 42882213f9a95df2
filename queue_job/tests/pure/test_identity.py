# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What may be said of an identity key."""

import pytest

from odoo.addons.queue_job.core.states import State
from odoo.addons.queue_job.delaying.identity import Identity


def test_by_itself_it_means_what_a_plain_key_means():
    identity = Identity("k")
    assert identity.is_keeping
    assert set(identity.states) == {
        State.WAIT_DEPENDENCIES, State.PENDING, State.ENQUEUED,
    }  # fmt: skip


def test_until_done_a_running_job_counts_too():
    assert State.STARTED in Identity("k", until="done").states


def test_a_period_implies_until_done():
    assert Identity("k", period=60) == Identity("k", until="done", period=60)


def test_equal_choices_are_equal():
    assert Identity("k", on_duplicate="merge") == Identity("k", on_duplicate="merge")
    assert Identity("k") != Identity("k", on_duplicate="merge")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"until": "ever"}, r"until='ever'.*'started', 'done'"),
        ({"on_duplicate": "skip"}, r"on_duplicate='skip'.*'keep', 'postpone', 'merge'"),
        ({"period": -1}, r"period=-1.*whole seconds"),
        ({"period": 1.5}, r"period=1.5.*whole seconds"),
        ({"period": True}, r"period=True.*whole seconds"),
        ({"period": 2**31}, r"period=2147483648.*at most 2147483647 seconds"),
        ({"at_latest": 10**5_000}, r"at_latest=<int>.*at most 2147483647"),
        ({"at_latest": 60}, r"at_latest=60.*postpone"),
        ({"supersedes_failed": 1}, r"supersedes_failed=1.*True or False"),
        (
            {"supersedes_failed": True, "on_duplicate": "merge"},
            r'supersedes_failed=True.*on_duplicate="merge"',
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(options, message):
    with pytest.raises(ValueError, match=message):
        Identity("k", **options)


@pytest.mark.parametrize("key", [None, "", 5, b"k"])
def test_a_key_is_a_text_or_a_function(key):
    with pytest.raises(TypeError, match="text or a function"):
        Identity(key)
