# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Text that PostgreSQL takes, made of anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.limits import MOST_MESSAGE, MOST_RESULT, MOST_TRACEBACK
from odoo.addons.queue_job.core.text import (
    clipped,
    dotted_name,
    exception_message,
    result_text,
    short_name,
    shown,
    storable,
    traceback_text,
)


@pytest.mark.parametrize(
    ("name", "short"),
    [("odoo.exceptions.UserError", "UserError"), ("OSError", "OSError"), (None, "")],
)
def test_a_short_name_is_that_of_the_class(name, short):
    assert short_name(name) == short


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        ("x" * 99, "'" + "x" * 79),
        (10**5_000, "<int>"),
        ([10**5_000], "<list>"),
    ],
    ids=["number", "text", "endless", "within"],
)
def test_a_refused_value_is_shown_in_short_whatever_it_is(value, text):
    assert shown(value) == text


class Mute:
    def __str__(self):
        raise RuntimeError("no text")


class Breaking:
    def __init__(self, error):
        self.error = error

    def __str__(self):
        raise self.error


class Undecided:
    def __bool__(self):
        raise RuntimeError("neither")

    def __str__(self):
        return "undecided"


@given(st.text(alphabet=st.characters()) | st.just("a\0b\ud800c\udfff"))
def test_any_text_becomes_utf8_without_nul(text):
    stored = storable(text)
    assert b"\0" not in stored.encode()


def test_ordinary_text_stays_as_it_is():
    assert storable("Zażółć 😀\n\t") == "Zażółć 😀\n\t"


def test_nul_and_half_surrogates_are_dropped():
    assert storable("a\0b\ud83dc") == "abc"


def test_an_object_without_text_is_described_by_its_class():
    assert storable(Mute()) == f"<{__name__}.Mute without text: RuntimeError>"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_no_text_ends_the_worker(error):
    told = f"<{__name__}.Breaking without text: {error.__name__}>"
    assert exception_message(ValueError(Breaking(error))) == told
    assert storable(Breaking(error)) == told


def test_a_job_that_is_stopped_at_a_text_is_stopped():
    class Stopped(BaseException):
        pass

    with pytest.raises(Stopped):
        storable(Breaking(Stopped))


def test_a_class_is_named_with_its_module():
    assert dotted_name(ValueError) == "ValueError"


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        (ValueError("broken\0"), "broken"),
        (ValueError("first", "second"), "first"),
        (ValueError(), ""),
        (ValueError(42), "42"),
        (KeyError("name"), "name"),
        (OSError(2, "No such file"), "[Errno 2] No such file"),
        (ValueError(Mute()), f"<{__name__}.Mute without text: RuntimeError>"),
    ],
)
def test_the_message_of_an_exception_is_its_first_argument(exception, message):
    assert exception_message(exception) == message


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (None, None),
        (False, None),
        (0, None),
        ("", None),
        ([], None),
        ("fine\0", "fine"),
        (7, "7"),
        ({"a": 1}, "{'a': 1}"),
        (Mute(), f"<{__name__}.Mute without text: RuntimeError>"),
        (Undecided(), "undecided"),
    ],
)
def test_only_truthy_results_are_stored(result, text):
    assert result_text(result) == text


@given(st.text(), st.integers(40, 80))
def test_clipped_text_has_the_length_and_stays_so(text, most):
    once = clipped(text * 5, most)
    assert len(once) <= most
    assert clipped(once, most) == once


def test_what_was_cut_off_is_told():
    assert clipped("a" * 100, 40) == "a" * 17 + "… (83 more characters)"


@pytest.mark.parametrize(
    ("made", "most"),
    [
        (result_text("r" * 5_000_000), MOST_RESULT),
        (exception_message(ValueError("m" * 50_000)), MOST_MESSAGE),
    ],
)
def test_results_and_messages_have_bounds(made, most):
    assert len(made) == most
    assert made.endswith(" more characters)")


def test_of_a_long_traceback_both_ends_stay():
    stored = traceback_text("begin" + "x" * 3 * MOST_TRACEBACK + "ValueError: end")
    assert len(stored) == MOST_TRACEBACK
    assert stored.startswith("begin")
    assert stored.endswith("ValueError: end")
    assert "more characters)" in stored
    assert traceback_text(stored) == stored
