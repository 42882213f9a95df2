"""A process of its own that runs handed-out jobs as an Odoo worker does."""

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass

#: What the scripts of the tests are written with. ``told`` is what they answer.
_PRELUDE = '''
import json, os, signal, threading
import psycopg2
from odoo import SUPERUSER_ID
from odoo.addons.queue_job import executor, liveness, store
from odoo.addons.queue_job.controllers.main import RunJobController
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import job, Job

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
    """A session of somebody else."""
    return psycopg2.connect(dbname=env.cr.dbname)

def delay(func, **options):
    """Make a function a method of partners, and delay it; committed."""
    setattr(env.registry["res.partner"], func.__name__, job(func))
    delayed = getattr(partner.with_delay(**options), func.__name__)()
    env.cr.commit()
    return delayed

def run(delayed):
    """Hand a job out and run it; the answer to the runner."""
    env.cr.commit()
    with env.registry.cursor() as cr:
        cr.execute("SELECT id FROM queue_job WHERE uuid = %s", (delayed.uuid,))
        [handout] = store.enqueue(cr, cr.fetchone())
    cr = env.registry.cursor()
    try:
        ended = executor.run_handouts(
            env(cr=cr, user=SUPERUSER_ID, context={}),
            [handout.uuid], [handout.attempt], RunJobController()._try_perform_job,
        )
    finally:
        cr.close()
    return ended[handout.uuid].answer
'''
_ANSWER = "\nprint('TOLD', json.dumps(told))\n"


@dataclass
class Answer:
    """How a worker ended.

    :param status: of the process
    :param told: what its script had to say; empty when it was killed
    :param log: what it logged
    """

    status: int
    told: dict
    log: str


def work(database, script):
    """Run a script in a process of Odoo, to its end."""
    command = [
        sys.executable, os.environ["ODOO_BIN"], "shell", "--no-http",
        "-c", os.environ["QUEUE_JOB_SERVER_RC"], "-d", database.name,
        "--log-level=warn",
    ]  # fmt: skip
    text = _PRELUDE + textwrap.dedent(script) + _ANSWER
    done = subprocess.run(
        command, input=text, text=True, capture_output=True, timeout=120
    )
    told = [line[5:] for line in done.stdout.splitlines() if line.startswith("TOLD ")]
    answer = Answer(done.returncode, json.loads(told[-1]) if told else {}, done.stderr)
    if done.returncode > 0:
        raise AssertionError(f"{script}\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}")
    return answer
