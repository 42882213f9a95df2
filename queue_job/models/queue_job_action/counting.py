# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How many jobs a filter finds: exactly, or about."""

from typing import NamedTuple

from odoo.exceptions import RedirectWarning
from odoo.tools import SQL
from odoo.tools.misc import formatLang


class Counted(NamedTuple):
    """:param number: exact, or what PostgreSQL expects"""

    number: int
    is_exact: bool


def count(jobs, domain, most=None):
    """Count what a filter finds, for seconds at most.

    :param jobs: model, in the environment of who asks
    :param most: beyond that, PostgreSQL's statistics answer
    """
    try:
        number = jobs._count_in_time(domain, most and most + 1)
    except RedirectWarning:
        return Counted(_expected(jobs, domain), False)
    if most and number > most:
        return Counted(max(number, _expected(jobs, domain)), False)
    return Counted(number, True)


def _expected(jobs, domain):
    """Return the rows that the planner of PostgreSQL expects, two digits of them."""
    query = jobs._search(domain)
    explained = SQL("EXPLAIN (FORMAT JSON) %s", query.select())
    [(plan,)] = jobs.env.execute_query(explained)
    number = int(plan[0]["Plan"]["Plan Rows"])
    return round(number, 2 - len(str(number)))


def shown(env, counted, most):
    """Return a count for people."""
    number = formatLang(env, counted.number, digits=0)
    if counted.is_exact:
        return number
    if counted.number <= most:  # it took too long
        return env._("an unknown number, perhaps %s", number)
    least = formatLang(env, most, digits=0)
    return env._("more than %(least)s, about %(number)s", least=least, number=number)
