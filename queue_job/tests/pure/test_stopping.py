# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The steps with a job that is to end, and what is said of one that is found dead."""

import pytest

from odoo.addons.queue_job.core.stopping import (
    GONE,
    Dead,
    Death,
    Step,
    StopSteps,
    judge,
)

STEPS = StopSteps(5, 10, 20)


@pytest.mark.parametrize(
    ("seconds", "step"),
    [
        (0, Step.ASK),
        (4.9, Step.ASK),
        (5, Step.STATEMENT),
        (9.9, Step.STATEMENT),
        (10, Step.EXCEPTION),
        (19.9, Step.EXCEPTION),
        (20, Step.PROCESS),
        (9999, Step.PROCESS),
    ],
)
def test_each_step_comes_at_its_time(seconds, step):
    assert STEPS.step(seconds) is step


@pytest.mark.parametrize(
    ("seconds", "step"),
    [
        (0, Step.STATEMENT),
        (4.9, Step.STATEMENT),
        (5, Step.EXCEPTION),
        (14.9, Step.EXCEPTION),
        (15, Step.PROCESS),
    ],
)
def test_a_time_limit_begins_with_the_statement(seconds, step):
    assert STEPS.step(seconds, is_timeout=True) is step
    assert STEPS.after_timeout == 15


@pytest.mark.parametrize("text", ["0,0,0", "1,2,3", " 0.5 , 0.5,1e3 "])
def test_steps_are_read(text):
    read = StopSteps.parse(text)
    given = tuple(float(word) for word in text.split(","))
    assert (read.statement, read.exception, read.process) == given


@pytest.mark.parametrize(
    "text", ["", "5", "5,10", "5,10,20,30", "5,a,20", "10,5,20", "-1,2,3", "1,2,inf",
             "nan,nan,nan"],
)  # fmt: skip
def test_other_words_are_refused_and_named(text):
    with pytest.raises(ValueError, match="three numbers of seconds") as raised:
        StopSteps.parse(text)
    assert repr(text) in str(raised.value)


FOUND = [
    ("nothing is known", Dead(1, 5.0), 120, Death.UNKNOWN, GONE),
    ("asked to stop", Dead(1, 5.0, stopped="by A"), 120, Death.STOPPED, "by A"),
    (
        "asked to stop when its time was over",
        Dead(1, 500.0, timeout=60, stopped="by A", limit="a limit"),
        120,
        Death.STOPPED,
        "by A",
    ),
    (
        "its time was over",
        Dead(1, 61.0, timeout=60),
        0,
        Death.TIMED_OUT,
        "The job took longer than its time limit of 60 seconds",
    ),
    # the beginning is cut to the second
    ("not quite", Dead(1, 60.9, timeout=60), 0, Death.UNKNOWN, GONE),
    (
        "by a limit that its server noted",
        Dead(1, 5.0, limit="limit_time_cpu (60)"),
        120,
        Death.UNKNOWN,
        f"{GONE}: its server ended it by limit_time_cpu (60)",
    ),
    (
        "after the time that a server gives",
        Dead(1, 118.0),
        120,
        Death.UNKNOWN,
        f"{GONE}, about 118 seconds after the beginning: the server's limit_time_real"
        " is 120",
    ),
    ("when servers give any time", Dead(1, 118.0), 0, Death.UNKNOWN, GONE),
    ("when nobody knows its beginning", Dead(1, None, timeout=1), 1e6,
     Death.UNKNOWN, GONE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("dead", "real_limit", "death", "message"),
    [case[1:] for case in FOUND],
    ids=[case[0] for case in FOUND],
)
def test_what_a_job_died_of(dead, real_limit, death, message):
    verdict = judge(dead, real_limit)
    assert (verdict.death, verdict.message) == (death, message)
