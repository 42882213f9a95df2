# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a leader says of itself is read as it was said."""

import pytest
from psycopg2.extensions import QuotedString

from odoo.addons.queue_job.core.runner.sign_of_life import read, spell

TOLD = {
    "version": "19.0.3.0.0", "host": "odoo-1", "pid": 4711,
    "address": "http://localhost:8069", "channels": "root:4, root.a:1",
}  # fmt: skip


def statement(**told):
    quoted = QuotedString(spell(**told))
    quoted.encoding = "utf-8"
    return f"SELECT {quoted.getquoted().decode()}"


@pytest.mark.parametrize(
    "changed",
    [{}, {"host": "o'hara"}, {"host": "äß"}, {"channels": ""}, {"host": "a''b"}],
)
def test_it_is_read_as_it_was_said(changed):
    told = {**TOLD, **changed}
    assert read(statement(**told)) == told


@pytest.mark.parametrize("host", ["odoo-1", "o'hara", "a'; SELECT 'b", "a''; x"])
def test_it_is_read_before_whatever_else_is_asked(host):
    told = {**TOLD, "host": host}
    for question in ("", "LISTEN queue_job", "SELECT 'x'; SELECT 'y'"):
        assert read(f"{statement(**told)}; {question}") == told


def test_what_would_have_to_be_escaped_is_told_as_a_question_mark():
    told = read(statement(**{**TOLD, "host": 'a"b\\c\nd'}))
    assert told == {**TOLD, "host": "a?b?c?d"}


def test_white_space_of_the_channels_does_not_count():
    assert read(statement(**{**TOLD, "channels": "root:4,\n  root.a:1"})) == {
        **TOLD,
        "channels": "root:4, root.a:1",
    }


def test_very_long_channels_are_cut_so_that_postgresql_keeps_the_statement():
    long = ",".join(f"root.channel_{number}:1" for number in range(500))
    told = statement(
        **{**TOLD, "channels": long, "host": "h" * 500, "address": "a" * 999}
    )
    assert len(told.encode()) < 1024
    assert read(told)["channels"].endswith("...")


@pytest.mark.parametrize(
    "other",
    ["", "SELECT 1", "LISTEN queue_job", "SELECT 'x'", "SELECT '{}'", "SELECT '[1]'",
     "SELECT '{\"queue_job_runner\": 1, \"host\": 1, \"pid\": null}'"],
)  # fmt: skip
def test_other_statements_say_nothing(other):
    assert read(other) is None
