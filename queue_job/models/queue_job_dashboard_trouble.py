# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Why jobs are due and nothing runs, as far as the database can tell."""

from ..core.states import State
from ..store import copy_guard
from ..store.sql import load
from .queue_job_dashboard_channels import intervals

_SQL = load("dashboard")
#: Seconds that a job may be due before it is asked why: a failover takes five, and a
#: worker may be about to answer.
PATIENCE = 10
#: Seconds after which a leader that asks nothing is taken for gone.
SILENT = 20


def why_nothing_runs(env, leader, waiting, running):
    """Return what to tell the user, ``False`` while all is well; and whether that is a
    guess: between two jobs nothing runs, either, so it is told only if it stays so.

    :param leader: what is known of the runner's session; ``None`` for none
    :param waiting: rows of the statement of that name
    :param running: rows of dispatched jobs: those on their way may come back
    """
    oldest = max((row[3] or 0.0 for row in waiting if row[1]), default=0.0)
    has_begun = any(row[4] == State.STARTED for row in running)
    if has_begun or oldest < PATIENCE:
        return False, False
    known = _held(env) or _led(env, leader) or _paused(env, waiting)
    return (known, False) if known else (_unknown(env, waiting), True)


def _held(env):
    """Return why no job of this database is to run."""
    cr = env.cr
    cr.execute(_SQL.is_neutralized)
    if cr.fetchall()[0][0]:
        return env._("This database is neutralized: no runner serves it.")
    difference = copy_guard.look(cr).difference
    if difference:
        return env._(
            "The jobs are held because this database is a copy of another one (%s):"
            " choose Queue > Adopt Jobs if they are to run here.",
            difference,
        )
    cr.execute(_SQL.marked_modules)
    if marked := [name for (name,) in cr.fetchall()]:
        return env._(
            "Jobs wait while modules are being installed, upgraded or removed: %s."
            " If nobody does so just now, finish or cancel it under Apps.",
            ", ".join(marked),
        )
    return False


def _led(env, leader):
    """Return what is wrong with the runner."""
    if leader is None:
        return env._(
            "No runner serves this database: start an Odoo server whose"
            " server_wide_modules name queue_job. If one runs, its log says why it does"
            " not serve it."
        )
    if (leader["silent_for"] or 0) > SILENT:
        return env._(
            "The runner has not asked this database for %s seconds: it hangs, or its"
            " host is gone. Another one takes over, if there is one.",
            round(leader["silent_for"]),
        )
    return False


def _paused(env, waiting):
    names = [row[0] for row in waiting if row[1]]
    paused = env["queue.job.channel"]._paused_by_name(names)
    knows_all = not any(row[6] for row in waiting)
    if len(paused) < len(names) or not knows_all:
        return False
    return env._("All channels with due jobs are paused.")


def _unknown(env, waiting):
    interval_of = intervals(env)
    pause = min((interval_of(row[0]) for row in waiting if row[1]), default=0)
    env.cr.execute(_SQL.ended_lately, {"seconds": max(PATIENCE, 2 * pause)})
    [(is_at_work,)] = env.cr.fetchall()
    return not is_at_work and env._(
        "A runner leads, and no job begins: perhaps it cannot reach Odoo, or jobs of"
        " other databases take all slots. Its log says more."
    )
