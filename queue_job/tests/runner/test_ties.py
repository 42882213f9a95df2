# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The work of a call that stored nothing is never lost: real sessions and commits."""

import psycopg2
import pytest
from rig.loop import looping

from odoo.addons.queue_job.store import ties

CALLS = ["a plain key", "many", "a group", "a chain"]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("snapshot_is_old", [False, True])
def test_a_run_sees_what_the_second_caller_wrote(
    worker_database, work, call, snapshot_is_old
):
    @work
    def answer(env, told, partner, delay, run_all):
        from odoo.addons.queue_job.delay import chain, group

        seen = []

        def read_it(self):
            seen.append(self.ref or "")

        def call_again(theirs):
            keyed = theirs.delayable(identity_key="k")
            match call:
                case "a plain key":
                    theirs.with_delay(identity_key="k").read_it()
                case "many":
                    theirs.delay_many("read_it", [()], identity_key="k")
                case "a group":
                    group(keyed.read_it()).delay()
                case "a chain":
                    chain(keyed.read_it(), theirs.delayable().read_it()).delay()

        partner.ref = False
        delay(read_it, identity_key="k")
        cr = env.registry.cursor()
        theirs = partner.with_env(env(cr=cr))
        theirs.ref = "new"
        theirs.flush_recordset()  # a snapshot is taken, too
        if snapshot_is_old:
            run_all()
        call_again(theirs)
        theirs.env.flush_all()
        run_all()
        cr.commit()
        cr.close()
        run_all()
        told["seen"] = seen

    assert answer.told["seen"][-1:] == ["new"]
    states = worker_database.rows("SELECT DISTINCT state FROM queue_job")
    assert [row["state"] for row in states] == ["done"]


def test_the_runner_comes_back_as_soon_as_the_caller_commits(database):
    [uuid] = database.delay(identity_key="k")
    with looping([database], "root:1") as loop:
        caller = psycopg2.connect(dbname=database.name)
        try:
            with caller, caller.cursor() as cr:
                assert ties.tie(cr, [database.value("SELECT id FROM queue_job")])
                # long enough for the pauses between two tries to have grown
                for _round in range(20):
                    assert loop.round(seconds=2) == []
            assert [*loop.round_on_news(), *loop.round(0.3)] == [uuid]
        finally:
            caller.close()
