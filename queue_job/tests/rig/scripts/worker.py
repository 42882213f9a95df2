# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Run by Odoo's shell: runs what tests send, one script after the other, each on a
clean table of jobs. What stands here, the scripts can use; ``told`` is their answer.
"""

import json
import os
import select
import signal
import sys
import threading
import traceback
from collections import Counter
from contextlib import closing
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID

from odoo.addons.queue_job.controllers.main import RunJobController
from odoo.addons.queue_job.core.protocol import RunRequest
from odoo.addons.queue_job.current_job import current_job
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job, job
from odoo.addons.queue_job.store import dispatch
from odoo.addons.queue_job.worker import executor, job_locks

told = {}
partner = env["res.partner"].create({"name": "A"})
env.cr.commit()


def look(query, *parameters):
    """What another session sees."""
    with env.registry.cursor() as cr:
        cr.execute(query, parameters)
        return cr.fetchone()


def name():
    return look("SELECT name FROM res_partner WHERE id = %s", partner.id)[0]


def elsewhere():
    """Open another session."""
    return psycopg2.connect(dbname=env.cr.dbname)


def edit():
    """Another transaction changes the running job, and takes a moment to commit."""
    other = elsewhere()
    other.cursor().execute("UPDATE queue_job SET priority = 3")
    threading.Timer(0.5, other.commit).start()


def be_busy(cr):
    """Meet a conflict with another transaction."""
    do = "DO $$ BEGIN RAISE EXCEPTION 'busy' USING ERRCODE = '40001'; END $$"
    cr.execute(do, log_exceptions=False)


def make_conflict(cursor):
    """Meet a conflict with another transaction at the commit."""
    cursor.execute(
        "CREATE TEMP TABLE busy (id int) ON COMMIT DROP;"
        " CREATE OR REPLACE FUNCTION pg_temp.be_busy() RETURNS trigger AS $$"
        " BEGIN RAISE EXCEPTION 'busy' USING ERRCODE = '40001'; END"
        " $$ LANGUAGE plpgsql;"
        " CREATE CONSTRAINT TRIGGER busy AFTER INSERT ON busy"
        " DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION pg_temp.be_busy();"
        " INSERT INTO busy VALUES (1)"
    )


def delay(func, **options):
    """Make a function a method of partners, and delay it; committed."""
    setattr(env.registry["res.partner"], func.__name__, job(func))
    delayed = getattr(partner.with_delay(**options), func.__name__)()
    env.cr.commit()
    return delayed


def dispatch_all(jobs):
    """Dispatch jobs; their uuids, and the numbers of their dispatches."""
    env.cr.commit()
    uuids = [delayed.uuid for delayed in jobs]
    with env.registry.cursor() as cr:
        cr.execute("SELECT id FROM queue_job WHERE uuid = ANY(%s)", (uuids,))
        dispatched = dispatch.enqueue(cr, [row[0] for row in cr.fetchall()])
    numbers = {one.uuid: one.attempt for one in dispatched}
    return uuids, [numbers[uuid] for uuid in uuids]


def run(*jobs, meanwhile=lambda: None):
    """Dispatch jobs and run them together; the answers to the runner."""
    uuids, numbers = dispatch_all(jobs)
    meanwhile()
    answer = run_batch(uuids, numbers)
    answers = [answer.outcomes[uuid] for uuid in uuids]
    return answers if len(jobs) > 1 else answers[0]


def calls_to_run(*jobs):
    """Dispatch jobs and run them together; how often which functions of the addon were
    called for it in this thread, generators each time they went on."""
    uuids, numbers = dispatch_all(jobs)
    folder = f"{os.path.dirname(os.path.dirname(executor.__file__))}{os.sep}"
    calls = Counter()

    def note(frame, event, _argument):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(folder):
            file = code.co_filename.removeprefix(folder)
            calls[f"{file}:{code.co_firstlineno} {code.co_name}"] += 1

    # a busy machine is no reason to leave any to other workers
    with patch.object(job_locks, "UNLOCK_AFTER", 600):
        sys.setprofile(note)
        try:
            answer = run_batch(uuids, numbers)
        finally:
            sys.setprofile(None)
    assert set(answer.outcomes.values()) == {"done"}, answer.outcomes
    return calls


def run_all():
    """What the runner and its workers do, until there is nothing to be had."""
    while True:
        with env.registry.cursor() as cr:
            cr.execute("SELECT id FROM queue_job WHERE state = 'pending'")
            dispatched = dispatch.enqueue(cr, [row[0] for row in cr.fetchall()])
        if not dispatched:
            return
        run_batch([one.uuid for one in dispatched], [one.attempt for one in dispatched])


def run_batch(uuids, attempts):
    """Run what was dispatched as one request asks for it."""
    with closing(env.registry.cursor()) as cr:
        return executor.run_batch(
            env(cr=cr, user=SUPERUSER_ID, context={}),
            RunRequest(tuple(uuids), tuple(attempts)),
            RunJobController()._steps(),
        )


def forget():
    env.cr.rollback()
    env.cr.execute("DELETE FROM queue_job")
    env.cr.execute("DELETE FROM queue_job_function WHERE method = 'fail_it'")
    env.cr.execute("DELETE FROM ir_config_parameter WHERE key = 'queue_job.test'")
    env.cr.execute("UPDATE res_partner SET name = 'A' WHERE id = %s", (partner.id,))
    env.cr.commit()
    env.registry.clear_cache()
    env.invalidate_all()
    told.clear()


def answer_to(command):
    """Define the function of a test, and call it with what it asks for by name."""
    globals().update(command["given"])
    for given, function in command["functions"].items():
        exec(function["source"], globals())  # noqa: S102
        globals()[given] = globals()[function["name"]]
    exec(command["source"], globals())  # noqa: S102
    wanted = {name: globals()[name] for name in command["parameters"]}
    globals()[command["name"]](**wanted)


for line in os.fdopen(int(os.environ["QUEUE_JOB_TEST_COMMANDS"])):
    forget()
    try:
        answer_to(json.loads(line))
    except Exception as error:
        told = {"raised": "".join(traceback.format_exception(error))}
    print("TOLD", json.dumps(told), flush=True)
