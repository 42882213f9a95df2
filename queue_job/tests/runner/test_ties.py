# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The work of a call that stored nothing is never lost: real sessions and commits."""

import psycopg2
import pytest
from rig.loop import looping

from odoo.addons.queue_job.store import ties

PREPARE = """
        seen = []

        def read_it(self):
            seen.append(self.ref or "")

        def drain():
            "What the runner and its workers do, until there is nothing to be had."
            while True:
                with env.registry.cursor() as cr:
                    cr.execute("SELECT id FROM queue_job WHERE state = 'pending'")
                    handed = dispatch.enqueue(cr, [row[0] for row in cr.fetchall()])
                if not handed:
                    return
                with env.registry.cursor() as cr:
                    asked = RunRequest(
                        tuple(h.uuid for h in handed), tuple(h.attempt for h in handed)
                    )
                    executor.run_batch(
                        env(cr=cr, user=SUPERUSER_ID, context={}),
                        asked, RunJobController()._steps(),
                    )

        partner.ref = False
        first = delay(read_it, identity_key="k")
        cr = env.registry.cursor()
        theirs = partner.with_env(env(cr=cr))
        theirs.ref = "new"
        theirs.flush_recordset()  # a snapshot is taken, too
"""
CALLS = {
    "a plain key": ["theirs.with_delay(identity_key='k').read_it()"],
    "many": ["theirs.delay_many('read_it', [()], identity_key='k')"],
    "a group": [
        "from odoo.addons.queue_job.delay import group",
        "group(theirs.delayable(identity_key='k').read_it()).delay()",
    ],
    "a chain": [
        "from odoo.addons.queue_job.delay import chain",
        "last = theirs.delayable().read_it()",
        "chain(theirs.delayable(identity_key='k').read_it(), last).delay()",
    ],
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
@pytest.mark.parametrize("before", ["pass", "drain()"], ids=["new", "old snapshot"])
def test_a_run_sees_what_the_second_caller_wrote(worker_database, work, call, before):
    lines = [before, *call, "theirs.env.flush_all()", "drain()", "cr.commit()"]
    script = [*lines, "cr.close()", "drain()", "told['seen'] = seen"]
    answer = work(PREPARE + "".join(f"        {line}\n" for line in script))
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
