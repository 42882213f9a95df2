# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Run by Odoo's shell: runs what tests send, one script after the other, each on a
clean table of jobs. What stands here, the scripts can use; ``told`` is their answer.
"""

import json
import os
import signal
import threading
import traceback

import psycopg2

from odoo import SUPERUSER_ID

from odoo.addons.queue_job.controllers.main import RunJobController
from odoo.addons.queue_job.core.protocol import RunRequest
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


def delay(func, **options):
    """Make a function a method of partners, and delay it; committed."""
    setattr(env.registry["res.partner"], func.__name__, job(func))
    delayed = getattr(partner.with_delay(**options), func.__name__)()
    env.cr.commit()
    return delayed


def run(*jobs, meanwhile=lambda: None):
    """Hand jobs out and run them together; the answers to the runner."""
    env.cr.commit()
    uuids = [delayed.uuid for delayed in jobs]
    with env.registry.cursor() as cr:
        cr.execute("SELECT id FROM queue_job WHERE uuid = ANY(%s)", (uuids,))
        handouts = dispatch.enqueue(cr, [row[0] for row in cr.fetchall()])
    numbers = {handout.uuid: handout.attempt for handout in handouts}
    meanwhile()
    cr = env.registry.cursor()
    try:
        asked = RunRequest(tuple(uuids), tuple(numbers[uuid] for uuid in uuids))
        answer = executor.run_batch(
            env(cr=cr, user=SUPERUSER_ID, context={}),
            asked,
            RunJobController()._steps(),
        )
    finally:
        cr.close()
    answers = [answer.outcomes[uuid] for uuid in uuids]
    return answers if len(jobs) > 1 else answers[0]


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


for line in os.fdopen(int(os.environ["QUEUE_JOB_TEST_COMMANDS"])):
    forget()
    try:
        exec(json.loads(line), globals())
    except Exception as error:
        told = {"raised": "".join(traceback.format_exception(error))}
    print("TOLD", json.dumps(told), flush=True)
