# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs wait while a session changes modules, and not for ever for one that is gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.runner.upgrade_watch import (
    DOUBT,
    LONGEST_GAP,
    MARKS_COUNT_FOR,
    UpgradeWatch,
    Verdict,
    Writer,
)

SALE, STOCK = {"sale (to upgrade)"}, {"stock (to upgrade)"}
LOOK = 5.0  # seconds between two looks


def altering(transaction):
    """A transaction that does what only those do who change modules."""
    return Writer(transaction, f"session of {transaction}", 0.0, True)


def busy(transaction="9/1", began=900.0, session="import"):
    """One that may be anything; of the age that it has when it is looked at."""
    return Writer(transaction, session, -began, False)


class Watched:
    """A database that is looked at every few seconds."""

    def __init__(self):
        self.watch = UpgradeWatch()
        self.monotonic = 1000.0

    def look(self, marked=frozenset(), transactions=frozenset(), after=LOOK):
        self.monotonic += after
        return self.watch.look(marked, [*map(self._aged, transactions)], self.monotonic)

    def _aged(self, writer):
        if isinstance(writer, Writer):
            return writer._replace(age=self.monotonic + writer.age)
        return altering(writer)

    def looks(self, seconds, *facts):
        return [self.look(*facts) for _look in range(int(seconds / LOOK))]


def test_where_nothing_is_marked_nobody_waits():
    watched = Watched()
    assert watched.look() is Verdict.NONE
    assert watched.look(transactions={"3/7"}) is Verdict.NONE


def test_what_is_marked_is_waited_for():
    watched = Watched()
    assert watched.look(SALE) is Verdict.AT_IT
    assert watched.look() is Verdict.NONE


def test_a_transaction_that_lasts_is_a_sign_of_life_for_as_long_as_it_does():
    watched = Watched()
    assert set(watched.looks(20 * MARKS_COUNT_FOR, SALE, {"3/7"})) == {Verdict.AT_IT}


def test_an_import_that_takes_all_night_is_none():
    watched = Watched()
    first = watched.looks(DOUBT, SALE, {busy()})
    assert first[-1] is Verdict.AT_IT
    found = watched.looks(2 * MARKS_COUNT_FOR, SALE, {busy()})
    assert found[0] is Verdict.LEFT_OVER
    assert found[-1] is Verdict.GIVEN_UP


def test_nor_one_that_was_there_before_the_modules_were_marked():
    watched = Watched()
    watched.looks(10 * LOOK, frozenset(), {busy()})
    assert watched.looks(2 * MARKS_COUNT_FOR, SALE, {busy()})[-1] is Verdict.GIVEN_UP


@pytest.mark.parametrize("first", [busy("1", began=1006.0, session="cron"), "1"])
def test_a_session_of_daily_work_that_seemed_to_be_at_it_is_forgotten(first):
    """Cron workers keep theirs for hours: one wrote just when somebody marked a module,
    one has emptied a table."""
    watched = Watched()
    watched.look()
    watched.looks(2 * LOOK, SALE, {first})
    session = first.session if isinstance(first, Writer) else altering(first).session
    found = []
    for number in range(10):
        work = busy(f"2/{number}", began=watched.monotonic + 1, session=session)
        found += watched.looks(3 * LOOK, SALE, {work})
        found += watched.looks(MARKS_COUNT_FOR / 2, SALE)
    assert found[0] is Verdict.AT_IT and found[-1] is Verdict.GIVEN_UP


def test_who_alters_tables_is_known_until_the_marks_are_gone():
    watched = Watched()
    session = altering("3/7").session
    watched.look(SALE, {"3/7"})
    script = busy("3/9", session=session)
    found = watched.looks(2 * MARKS_COUNT_FOR, SALE, {script})
    assert set(found) == {Verdict.AT_IT}
    watched.look()
    watched.looks(10 * LOOK, SALE)
    assert watched.looks(2 * MARKS_COUNT_FOR, SALE, {script})[-1] is Verdict.GIVEN_UP


def test_a_transaction_that_began_when_a_module_was_ready_works_on_the_next():
    watched = Watched()
    watched.look(SALE | STOCK)
    begun = busy("3/9", began=watched.monotonic + LOOK / 2)
    assert set(watched.looks(2 * MARKS_COUNT_FOR, STOCK, {begun})) == {Verdict.AT_IT}


def test_progress_is_a_sign_of_life_however_short_the_transactions():
    watched = Watched()
    for number in range(1000):
        marked = {f"module{left} (to upgrade)" for left in range(number, 1000)}
        assert watched.look(marked, {f"3/{number}"}) is Verdict.AT_IT


def test_transactions_of_daily_work_are_none():
    watched = Watched()
    watched.looks(DOUBT, SALE)
    for number in range(10):
        assert watched.look(SALE, {f"3/{number}"}) is Verdict.LEFT_OVER


def test_between_two_transactions_nobody_is_missed_at_once():
    watched = Watched()
    watched.look(SALE)
    assert set(watched.looks(DOUBT - LOOK, SALE)) == {Verdict.AT_IT}
    assert watched.look(SALE) is Verdict.LEFT_OVER
    watched.look(SALE, {"3/8"})
    assert watched.look(SALE, {"3/8"}) is Verdict.AT_IT


def test_nobody_is_waited_for_only_so_long():
    watched = Watched()
    watched.looks(MARKS_COUNT_FOR, SALE, {"3/7"})
    found = watched.looks(2 * MARKS_COUNT_FOR, SALE)
    counted = [verdict for verdict in found if verdict is not Verdict.GIVEN_UP]
    assert counted[-1] is Verdict.LEFT_OVER
    assert len(counted) == MARKS_COUNT_FOR / LOOK - 1
    assert found[len(counted) :] == [Verdict.GIVEN_UP] * (len(found) - len(counted))


def test_a_pause_between_two_transactions_is_no_end():
    watched = Watched()
    watched.looks(LOOK, SALE, {"3/7"})
    watched.looks(MARKS_COUNT_FOR / 2, SALE)
    watched.looks(2 * LOOK, SALE, {"3/8"})
    assert Verdict.GIVEN_UP not in watched.looks(MARKS_COUNT_FOR - LOOK, SALE)


def test_a_job_that_runs_again_does_not_bring_the_wait_back():
    watched = Watched()
    watched.looks(MARKS_COUNT_FOR + 2 * LOOK, SALE)
    assert set(watched.looks(MARKS_COUNT_FOR, SALE, {"4/1"})) == {Verdict.GIVEN_UP}


def test_a_new_upgrade_does():
    watched = Watched()
    watched.looks(MARKS_COUNT_FOR + 2 * LOOK, SALE)
    assert watched.look(SALE | STOCK) is Verdict.AT_IT
    assert watched.look(SALE) is Verdict.AT_IT
    assert watched.look() is Verdict.NONE
    assert watched.look(SALE) is Verdict.AT_IT


def test_time_in_which_nobody_looked_does_not_count():
    watched = Watched()
    watched.look(SALE)
    assert watched.look(SALE, after=MARKS_COUNT_FOR) is not Verdict.GIVEN_UP
    assert watched.look(SALE, after=LONGEST_GAP) is Verdict.LEFT_OVER


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from("ab")), st.sets(st.sampled_from("1234"))),
        max_size=300,
    )
)
def test_whatever_happens_a_wait_ends_where_nothing_happens_any_more(history):
    watched = Watched()
    for marked, transactions in history:
        verdict = watched.look(marked, transactions)
        assert (verdict is Verdict.NONE) == (not marked)
    assert watched.looks(MARKS_COUNT_FOR + 2 * LOOK, SALE)[-1] is Verdict.GIVEN_UP
