# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which database counts as a copy of another one."""

import pytest

from odoo.addons.queue_job.store.copy_guard import CopyGuard, DatabaseIdentity

HERE = "7 original 74 live"


@pytest.mark.parametrize(
    ("remembered", "is_copy"),
    [
        (None, False),  # never served
        ("7 original 74 live", False),
        ("8 original 74 live", True),  # PostgreSQL's copy, or a restored dump
        ("8 other 74 live", False),  # Odoo's own copy, which gets a uuid of its own
        ("7 other 74 live", False),  # the uuid was changed
        ("7 original 75 live", True),  # a dump restored in another cluster
        ("7 other 75 live", False),
        ("7 original 74 test", True),  # a clone of the disk
        ("7 original 74 my test", True),
        ("7 original 74 -", False),  # the installation got a name
        ("7 original - live", False),  # it was not allowed to ask
        ("7 original", False),  # remembered by an earlier version
        ("8 original", True),
        ("8", False),
    ],
)
def test_a_copy_has_the_uuid_of_another_database(remembered, is_copy):
    there = remembered and DatabaseIdentity.read(remembered)
    assert CopyGuard(DatabaseIdentity.read(HERE), there).is_copy is is_copy


def test_what_is_not_known_of_this_one_is_not_compared_but_a_name_is():
    there = DatabaseIdentity.read(HERE)
    assert not CopyGuard(DatabaseIdentity.read("7 original - live"), there).is_copy
    assert CopyGuard(DatabaseIdentity.read("7 original 74 -"), there).is_copy


@pytest.mark.parametrize("text", [HERE, "7 original 74 a name of words"])
def test_what_is_remembered_is_read_again(text):
    assert str(DatabaseIdentity.read(text)) == text
