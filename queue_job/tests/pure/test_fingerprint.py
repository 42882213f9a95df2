# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Failures of one cause have one fingerprint, those of two have two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.fingerprint import (
    fingerprint,
    innermost_frame,
    normalised,
)

ROOTS = ["/usr/odoo/addons", "/srv/custom/"]
WORDS = st.text("abcXYZ äß.:;()", min_size=1, max_size=12)
VARYING = {
    "number": st.integers().map(str)
    | st.floats(allow_nan=False, min_value=0).map("{:.3f}".format),
    "uuid": st.uuids().map(str),
    "date": st.datetimes().map(lambda d: d.isoformat(" ", "seconds")),
    "day": st.dates().map(str),
    "quoted": st.text("abc 12", max_size=9).map("'{}'".format),
    "named": st.text("abc 12", max_size=9).map('"{}"'.format),
    "hex": st.integers(0, 2**64).map(hex),
}


@pytest.mark.parametrize("kind", VARYING)
@given(data=st.data())
def test_what_differs_from_job_to_job_does_not_tell(kind, data):
    before, after = data.draw(WORDS), data.draw(WORDS)
    one, other = data.draw(VARYING[kind]), data.draw(VARYING[kind])
    text = f"{before} {{}} {after}"
    assert normalised(text.format(one)) == normalised(text.format(other))
    assert not any(c.isdigit() for c in normalised(text.format(one)))


@given(st.text(max_size=250))
def test_a_normalised_message_stays_as_it_is(text):
    once = normalised(text)
    assert len(once) <= 300
    if len(once) < 300:
        assert normalised(once) == once


@given(st.text("abc déf.", max_size=40))
def test_words_stay(text):
    assert normalised(text) == " ".join(text.split())


@pytest.mark.parametrize(
    ("message", "plain"),
    [
        ("Order SO00042 is locked", "Order SO<number> is locked"),
        ("-inf is less than nan", "<number> is less than <number>"),
        ("no room for 'a b' in \"c\"", "no room for <value> in <value>"),
        ("not there: res.partner(1, 2, 33,)", "not there: res.partner(<number>,)"),
        ("I can't, he won't", "I can't, he won't"),
        ("at 2026-11-27 10:00:01.5+01:00 it ended", "at <date> it ended"),
        ("object at 0x7f00deadbeef", "object at <hex>"),
        ("commit 9fceb02d0ae598e9", "commit <hex>"),
        ("a\n  b", "a b"),
        ("", ""),
    ],
)  # fmt: skip
def test_examples(message, plain):
    assert normalised(message) == plain


def frame(file, line, function):
    return f'  File "{file}", line {line}, in {function}\n    code()\n'


BEGIN = "Traceback (most recent call last):\n"
OURS = frame("/usr/odoo/addons/queue_job/worker/perform.py", 9, "perform")


def trace(line=1, function="_export", file="/srv/custom/shop/models/order.py"):
    inner = frame("/usr/lib/python3/http/client.py", 7, "connect")
    return BEGIN + OURS + frame(file, line, function) + inner + "OSError: x\n"


def test_where_is_the_innermost_frame_of_an_add_on():
    assert innermost_frame(trace(), ROOTS) == "shop/models/order.py _export"
    assert innermost_frame(BEGIN + OURS + "OSError\n", ROOTS) == ""
    assert innermost_frame("", ROOTS) == ""


def test_of_an_exception_with_a_cause_its_own_place_counts():
    other = trace(file="/srv/custom/shop/models/other.py")
    chained = trace() + "\nDuring handling of the above exception\n\n" + other
    assert innermost_frame(chained, ROOTS) == "shop/models/other.py _export"


@given(st.integers(1, 9999), st.integers(1, 9999))
def test_a_release_that_moves_lines_makes_no_new_failure(one, other):
    made = [
        fingerprint("OSError", f"no {line}", trace(line), ROOTS, "shop.order.export")
        for line in (one, other)
    ]
    assert made[0] == made[1]


def test_class_message_and_place_tell_failures_apart():
    made = {
        fingerprint(name, message, trace(function=function), ROOTS, "f").digest
        for name in ("OSError", "ValueError")
        for message in ("a", "b")
        for function in ("one", "two")
    }
    assert len(made) == 8
    assert {len(digest) for digest in made} == {16}


def test_without_any_frame_it_is_what_was_called():
    one, other = (
        fingerprint("JobFoundDead", "gone", "", ROOTS, function) for function in "ab"
    )
    assert (one.frame, other.frame) == ("a", "b")
    assert one.digest != other.digest
