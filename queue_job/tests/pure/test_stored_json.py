# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""JSON of rows, whatever it holds."""

import json

import pytest

from odoo.addons.queue_job.core.limits import MOST_NESTED
from odoo.addons.queue_job.core.stored_json import (
    is_unreadable,
    read,
    read_to_show,
)

TOO_LONG = f"[{'9' * 5_000}]"
TOO_DEEP = "[" * 5_000 + "]" * 5_000


@pytest.mark.parametrize("reading", [read, read_to_show])
@pytest.mark.parametrize("value", [None, 5, "a", [1, {"a": [0.5]}], {"a": "[" * 500}])
def test_what_is_sound_is_read(reading, value):
    assert reading(json.dumps(value)) == value
    assert not is_unreadable(reading(json.dumps(value)))


@pytest.mark.parametrize("reading", [read, read_to_show])
@pytest.mark.parametrize(
    ("text", "told"),
    [(TOO_LONG, "4300 digits"), (TOO_DEEP, "nested too deep"), ("[", "Expecting")],
)
def test_of_what_is_not_there_is_a_mark_that_says_why(reading, text, told):
    data = reading(text)
    assert is_unreadable(data)
    assert told in data["value"]


@pytest.mark.parametrize("text", ["[1e999]", "[" * 400 + "]" * 400])
def test_what_cannot_be_sent_is_not_shown(text):
    assert is_unreadable(read_to_show(text))


def test_what_can_be_stored_is_deep_enough():
    level = '[[{"a": '
    text = level * MOST_NESTED + "1" + "}]]" * MOST_NESTED
    assert not is_unreadable(read_to_show(text))


@pytest.mark.parametrize("reading", [read, read_to_show])
def test_a_number_that_python_takes_for_endless_is_not_read(reading):
    assert is_unreadable(reading("[1e999]"))
