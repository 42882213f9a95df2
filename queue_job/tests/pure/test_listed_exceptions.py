# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which exceptions have a job retried."""

import json

import pytest

from odoo.addons.queue_job.core.listed_exceptions import (
    MOST_NAMES,
    RetryRules,
    declared,
    loaded,
    names_in,
    text_of,
)
from odoo.addons.queue_job.exception import FailedJobError, RetryableJobError

DECODE = "json.decoder.JSONDecodeError"


def chained():
    error = KeyError("key")
    error.__cause__ = TimeoutError("slow")
    return error


@pytest.mark.parametrize(
    ("exception", "retry_on", "give_up_on", "is_retried"),
    [
        (TimeoutError(), (TimeoutError,), (), True),
        (TimeoutError(), ("TimeoutError",), (), True),
        (TimeoutError(), ("OSError",), (), True),
        (TimeoutError(), ("builtins.OSError",), (), True),
        (OSError(), (TimeoutError,), (), False),
        (OSError(), (), (), False),
        (TimeoutError(), (OSError,), (TimeoutError,), False),
        (ConnectionError(), (OSError,), (TimeoutError,), True),
        (TimeoutError(), (TimeoutError,), ("OSError",), False),
        (json.JSONDecodeError("no", "", 0), (DECODE,), (), True),
        (json.JSONDecodeError("no", "", 0), ("json.JSONDecodeError",), (), True),
        (TimeoutError(), ("no.such.Error", "TimeoutError"), (), True),
        (TimeoutError(), ("no.such.Error",), (), False),
        (chained(), (TimeoutError,), (), False),
        (FailedJobError("no"), (Exception,), (), False),
        (RetryableJobError("later"), (Exception,), (), False),
        (KeyboardInterrupt(), (Exception,), (), False),
    ],
)
def test_what_is_retried(exception, retry_on, give_up_on, is_retried):
    assert RetryRules(retry_on, give_up_on).is_retried(exception) is is_retried


@pytest.mark.parametrize(
    "name", ["", "json", "json.dumps", "int", "KeyboardInterrupt", "nothing.Error"]
)
def test_only_an_exception_of_a_loaded_module_has_a_name(name):
    assert loaded(name) is None


def test_no_module_is_imported_for_a_name(monkeypatch):
    monkeypatch.delitem(__import__("sys").modules, "colorsys", raising=False)

    assert loaded("colorsys.Error") is None
    assert "colorsys" not in __import__("sys").modules


@pytest.mark.parametrize(
    ("listed", "kept"),
    [
        (TimeoutError, (TimeoutError,)),
        ("TimeoutError", ("TimeoutError",)),
        ((TimeoutError, "a.b.Error"), (TimeoutError, "a.b.Error")),
        ([OSError], (OSError,)),
        ((), ()),
    ],
)
def test_a_decorator_lists_classes_and_names(listed, kept):
    assert declared(listed) == kept


@pytest.mark.parametrize(
    ("listed", "named"),
    [
        (7, "7"),
        (int, "int"),
        (KeyboardInterrupt, "KeyboardInterrupt"),
        ((OSError, None), "None"),
        ("a b", "a b"),
        ("requests:Error", "requests:Error"),
        (RetryableJobError, "RetryableJobError"),
        (FailedJobError, "FailedJobError"),
    ],
)
def test_what_is_no_exception_is_refused_by_name(listed, named):
    with pytest.raises(ValueError, match=named):
        declared(listed)


def test_typed_names_are_separated_by_commas_or_white_space():
    typed = f" TimeoutError,OSError\n{DECODE} , OSError,"
    assert names_in(typed) == ("TimeoutError", "OSError", DECODE)
    assert names_in("  ") == ()


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("TimeoutErorr", "TimeoutErorr"),
        ("OSError; KeyError", "OSError;"),
        ("json.dumps", "json.dumps"),
        ("odoo.addons.queue_job.exception.RetryableJobError", "says itself"),
        (" ".join(f"E{n}" for n in range(MOST_NAMES + 1)), "too many"),
    ],
)
def test_typed_names_are_checked(typed, named):
    with pytest.raises(ValueError, match=named):
        names_in(typed)


def test_the_text_of_a_list_can_be_typed():
    listed = (json.JSONDecodeError, TimeoutError, "OSError")
    assert text_of(listed) == f"{DECODE}, TimeoutError, OSError"
    assert names_in(text_of(listed)) == (DECODE, "TimeoutError", "OSError")
