# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""SQL files are composed of parts; what comes out are whole statements."""

import pytest

from odoo.addons.queue_job.store.sql import compose

FILE = """\
-- What all of it is about.

-- part: is_good
-- Whether the row is.
good AND {side}_number > %(least)s

-- name: plain
-- What it does.
SELECT 1
-- in between
FROM a

-- part: some
SELECT {columns} FROM {side} WHERE {is_good}

-- part: left = some with side = 'left', columns = both

-- part: both
a, b

-- name: left_ones = left with least = 'nothing'

-- name: right_ones = some with side = 'right', columns = 'c, d'
-- Says what it is for.
"""


def test_statements_are_composed_of_parts_without_the_comments():
    assert vars(compose(FILE)) == {
        "plain": "SELECT 1\nFROM a",
        "left_ones": "SELECT a, b FROM left WHERE good AND left_number > %(least)s",
        "right_ones": "SELECT c, d FROM right WHERE good AND right_number > %(least)s",
    }


def test_a_part_may_be_given():
    made = compose(
        "-- name: asked\nSELECT {what} FROM a WHERE {so}", what="1", so="{x}", x="y"
    )
    assert made.asked == "SELECT 1 FROM a WHERE y"


def test_a_part_that_there_is_not_is_named():
    with pytest.raises(KeyError, match="is_bad"):
        compose("-- name: asked\nSELECT 1 WHERE {is_bad}")
