# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a runner and a worker say to each other."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.outcome import (
    Failed,
    Lost,
    Postponed,
    Stopped,
    Succeeded,
)
from odoo.addons.queue_job.core.protocol import End, RunAnswer, RunRequest
from odoo.addons.queue_job.core.states import State

SECRET = "database secret"
uuids = st.uuids().map(str)
attempts = st.integers(min_value=1, max_value=2**31 - 1)
requests = st.builds(
    lambda jobs, stops: RunRequest(*map(tuple, zip(*jobs, strict=True)), stops),
    st.lists(st.tuples(uuids, attempts), min_size=1, max_size=5),
    st.booleans(),
)


def query(path):
    return dict(parse_qsl(urlsplit(path).query))


@given(requests, st.text(min_size=1).filter(lambda name: "\ud800" not in ascii(name)))
def test_a_request_arrives_as_it_was_sent(request, db_name):
    try:
        path = request.signed_path(db_name, SECRET)
    except UnicodeEncodeError:
        return  # PostgreSQL has no such name
    asked = query(path)
    assert asked["db"] == db_name
    assert RunRequest.read(asked, SECRET) == request
    assert RunRequest.read_path(path, SECRET) == request  # as on a line


@given(requests)
def test_what_is_not_signed_is_no_request(request):
    signed = query(request.signed_path("db", SECRET))
    assert RunRequest.read(signed, "another secret") is None
    assert RunRequest.read(signed, "") is None
    assert RunRequest.read(query(request.path("db")), SECRET) is None
    assert (
        RunRequest.read({**signed, "attempt": "2147483647,1,1,1,1,1"}, SECRET) is None
    )
    assert RunRequest.read({}, SECRET) is None


def test_the_log_never_sees_a_signature():
    assert "signature" not in RunRequest(("u",), (1,)).path("db")


def test_of_a_request_no_job_is_taken_at_first():
    answer = RunAnswer.to(RunRequest(("a", "b"), (1, 2)))
    assert answer.outcomes == {"a": "not_taken", "b": "not_taken"}
    assert answer.state_of("a") is None


@pytest.mark.parametrize(
    ("outcome", "word", "state"),
    [
        (Succeeded(), "done", State.DONE),
        (Postponed(1, "later"), "postponed", State.PENDING),
        (Failed("a", "b", "c"), "failed", State.FAILED),
        (Stopped("by A"), "cancelled", State.CANCELLED),
        (Lost("gone"), "lost", None),
    ],
)
def test_an_answer_tells_the_state_of_a_job(outcome, word, state):
    answer = RunAnswer({"u": End.of(outcome).value}, {"u": 0.5})
    told = RunAnswer.decode(json.dumps(answer.encode()).encode())
    assert told == RunAnswer({"u": word}, {"u": 0.5})
    assert told.state_of("u") == state


@pytest.mark.parametrize("word", ["", "finished", None])
def test_an_unknown_word_tells_no_state(word):
    assert RunAnswer({"u": word}).state_of("u") is None
    assert RunAnswer().state_of("u") is None


@given(st.binary(max_size=40))
def test_anything_else_is_no_answer(body):
    with pytest.raises(ValueError, match="no outcomes in the answer"):
        RunAnswer.decode(body)
