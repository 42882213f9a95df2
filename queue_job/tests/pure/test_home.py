"""Which database counts as a copy of another one."""

import pytest

from odoo.addons.queue_job.home import Home


@pytest.mark.parametrize(
    ("remembered", "is_copy"),
    [
        (None, False),  # never served
        ("7 original", False),
        ("8 original", True),  # PostgreSQL's copy, or a restored dump
        ("8 other", False),  # Odoo's own copy, which gets a uuid of its own
        ("7 other", False),  # somebody changed the uuid
        ("8", False),
    ],
)
def test_a_copy_has_the_uuid_of_another_database(remembered, is_copy):
    assert Home("7 original", remembered).is_copy is is_copy
