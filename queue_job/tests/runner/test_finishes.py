# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The accounts that the tests of faults rely on tell of what went wrong."""

import pytest
from rig.begins import assert_paced
from rig.finishes import check_accounts, count_finishes, most_at_once


@pytest.fixture
def write(database):
    count_finishes(database)

    def write(uuid, *states):
        for state in states:
            database.rows(
                "UPDATE queue_job SET state = %(state)s,"
                " attempt = attempt + (%(state)s = 'enqueued')::int"
                " WHERE uuid = %(uuid)s",
                {"state": state, "uuid": uuid},
            )

    return write


def test_what_ran_at_the_same_time_is_counted(database, write):
    a, b, c = database.delay(_count=3)
    write(a, "started")
    write(b, "started")
    write(a, "done")
    write(c, "started", "failed")
    write(b, "pending", "enqueued", "started", "done")
    assert most_at_once(database) == 2
    check_accounts(database, capacity=2)
    with pytest.raises(AssertionError):
        check_accounts(database, capacity=1)


@pytest.mark.parametrize(
    ("states", "wrong"),
    [
        (["started"], "lost"),
        (["started", "done", "failed"], "ended twice"),
        (["started", "pending", "started", "done"], "started twice"),
    ],
)
def test_what_is_wrong_is_named(database, write, states, wrong):
    [uuid] = database.delay()
    write(uuid, *states)
    with pytest.raises(AssertionError, match=wrong):
        check_accounts(database, capacity=1)


def test_what_was_rolled_back_does_not_count(database, write):
    [uuid] = database.delay()
    database.rows("BEGIN")
    write(uuid, "started", "done")
    database.rows("ROLLBACK")
    assert most_at_once(database) == 0


def test_jobs_of_a_key_are_counted_by_themselves(database, write):
    [first, second] = database.delay(_count=2, lock_key="k")
    [other] = database.delay(lock_key="z")
    write(first, "started")
    write(other, "started")
    assert [most_at_once(database, key=key) for key in ("k", None)] == [1, 2]
    write(second, "started", "cancelled")
    assert [most_at_once(database, key=key) for key in ("k", None)] == [2, 3]


def test_what_began_too_early_is_told():
    assert_paced([], 1)
    for times in ([10, 10.9], [10, 11, 11.9], [10, 20, 20.1]):
        with pytest.raises(AssertionError):
            assert_paced(times, 1)
    assert_paced([10, 10, 11, 12, 20, 20], 1, burst=2)
    for times in ([10, 10, 10.9], [10, 10, 11, 11.9], [10, 20, 20, 20]):
        with pytest.raises(AssertionError):
            assert_paced(times, 1, burst=2)
