# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The two kinds of transaction around a job, and their stand-ins inside tests.

On the job's own cursor stand only its work and ``done``. Everything else is written in
short side transactions on other connections. Inside an Odoo test both happen on the
test's one cursor, in savepoints, so that jobs can be run within ordinary tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2.extensions import STATUS_READY, TRANSACTION_STATUS_INERROR

from odoo.modules import module
from odoo.modules.registry import Registry
from odoo.tools.func import reset_cached_properties

from .acting import acting_as
from .children import keep_from_children

#: What an environment keeps and may keep as long as its registry is the same one.
_LASTING = {"cr", "uid", "context", "su", "transaction", "registry"}


def in_test() -> bool:
    """Tell whether this process is running an Odoo test just now."""
    return bool(module.current_test)


def is_plain_test_cursor(cr: Any) -> bool:
    """Tell whether ``cr`` belongs to a test and must not be committed.

    Requests of an ``HttpCase`` get a cursor that translates commits to savepoints: on
    it everything goes as it does in production.
    """
    if not in_test():
        return False
    from odoo.tests.test_cursor import TestCursor

    return not isinstance(cr, TestCursor)


@contextmanager
def side_transaction(env: Any, waits: bool = False) -> Iterator[Any]:
    """Yield an environment like ``env`` on another connection, committed when the block
    ends well. Its user acts there, also in what is flushed at the end.

    :param waits: where another transaction is changing a row just now, wait
        for it and read the row again, instead of failing
    """
    if not in_test():
        with env.registry.cursor() as cr, acting_as(env(cr=cr)):
            if waits:
                cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            yield env(cr=cr)
            cr.commit()  # pylint: disable=invalid-commit
    elif is_plain_test_cursor(env.cr):
        with acting_as(env), env.cr.savepoint():
            yield env
    else:
        with acting_as(env):
            yield env
            env.cr.commit()


@contextmanager
def beside_work(env: Any) -> Iterator[Any]:
    """Yield a cursor beside the work that is under way on that of ``env``, committed
    when the block ends well: it sees nothing of the work, and stays when that is given
    up. It waits for no lock for long: the work may have it.

    In a test there is one cursor: what is written goes with the work.

    :raise psycopg2.Error: when a lock is not to be had, or the connection is gone
    """
    if in_test():
        if env.cr._cnx.info.transaction_status == TRANSACTION_STATUS_INERROR:
            raise psycopg2.errors.InFailedSqlTransaction("the work has failed")
        with env.cr.savepoint(flush=False):
            yield env.cr
        return
    with env.registry.cursor() as cr:
        cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        cr.execute("SET LOCAL lock_timeout = '500ms'")
        yield cr
        cr.commit()  # pylint: disable=invalid-commit


def begin_anew(env: Any) -> None:
    """Commit what was done, and begin a transaction that waits for others where they
    change a row just now, and reads it again, instead of failing. For work that goes on
    batch by batch; a job calls it on its own cursor. In a test nothing is committed."""
    if is_plain_test_cursor(env.cr):
        env.flush_all()
        return
    env.cr.commit()  # pylint: disable=invalid-commit
    if not in_test():
        env.cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


def end_request(env: Any) -> None:
    """Do what Odoo does at the end of a request: commit, and tell other processes of
    changed caches.

    :raise Exception: what Odoo would hear of, too
    """
    if not env.cr.closed:
        env.cr.flush()
        env.cr.commit()  # pylint: disable=invalid-commit
    env.registry.signal_changes()


def flush(transaction: Any) -> None:
    """Compute and write what is left to; where nothing is, Odoo would look for it all
    the same."""
    if transaction.tocompute or transaction.field_dirty:
        transaction.flush()


def _reset(transaction: Any) -> None:
    """Forget what was read before. Mostly the end of the transaction before has dropped
    all but what environments keep: to drop it again costs as much."""
    if transaction.field_data or transaction.tocompute or transaction.field_dirty:
        transaction.reset()
        return
    before = transaction.registry
    transaction.registry = Registry(before.db_name)
    is_same = transaction.registry is before
    for env in transaction.envs:
        if not (is_same and vars(env).keys() <= _LASTING):
            reset_cached_properties(env)
    env.cr.cache.clear()  # all environments share a cursor


class Work:
    """The transaction of one job's work: ended by ``commit`` or ``roll_back``.

    It begins afresh, so that it sees what side transactions wrote just before.
    """

    def __init__(self, env: Any) -> None:
        self.env = env
        self._savepoint: Any = None

    def begin(self) -> None:
        """Begin it.

        :raise psycopg2.Error: when the connection is gone
        """
        env = self.env
        if is_plain_test_cursor(env.cr):
            self._savepoint = env.cr.savepoint()
        elif in_test():
            env.cr.commit()  # the side transactions before stand on this same cursor
        else:
            keep_from_children(env.cr._cnx)
            if env.cr._cnx.status != STATUS_READY:  # to end none costs Odoo as much
                env.cr.rollback()
            _reset(env.transaction)

    def commit(self) -> None:
        """Commit the work and tell other processes of changed caches."""
        if self._savepoint is not None:
            self._savepoint.close(rollback=False)
            return
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self.env.registry.signal_changes()

    def roll_back(self) -> None:
        """Give up the work since the last commit, and what was cached of it.

        :raise psycopg2.Error: when the connection is gone
        """
        cr = self.env.cr
        if self._savepoint is not None:
            self._savepoint.close(rollback=True)
        else:
            cr.rollback()
            # psycopg2 does not ask the server where no transaction was under way, as
            # after a commit
            cr.execute("SELECT 1", log_exceptions=False)
            cr.rollback()
        self.env.transaction.reset()
        self.env.registry.reset_changes()
