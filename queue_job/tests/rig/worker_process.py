# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A process of its own that runs handed-out jobs as an Odoo worker does."""

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass

#: What the scripts of the tests are written with. ``told`` is what they answer.
_PRELUDE = '''
import json, os, signal, threading, traceback
import psycopg2
from odoo import SUPERUSER_ID
from odoo.addons.queue_job.core.protocol import RunRequest
from odoo.addons.queue_job.store import dispatch
from odoo.addons.queue_job.worker import executor, job_locks
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
            env(cr=cr, user=SUPERUSER_ID, context={}), asked,
            RunJobController()._steps(),
        )
    finally:
        cr.close()
    answers = [answer.outcomes[uuid] for uuid in uuids]
    return answers if len(jobs) > 1 else answers[0]
'''
#: Runs one script after the other, each on a clean table of jobs.
_LOOP = """
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

for line in os.fdopen({commands}):
    forget()
    try:
        exec(json.loads(line), globals())
    except Exception as error:
        told = {{"raised": "".join(traceback.format_exception(error))}}
    print("TOLD", json.dumps(told), flush=True)
"""


@dataclass
class Answer:
    """How a script ended.

    :param status: of the process; ``None`` while it lives
    :param told: what its script had to say; empty when it was killed
    :param log: what it logged
    """

    status: int | None
    told: dict
    log: str


class WorkerProcess:
    """Runs scripts in a process of Odoo, and starts another one if it died."""

    def __init__(self, database, log):
        self._database = database
        self._log = log
        self._process = None

    def __call__(self, script):
        """Run a script to its end, or to that of the process."""
        if self._process is None:
            self._start()
        begin = self._log.stat().st_size
        self._commands.write(json.dumps(textwrap.dedent(script)) + "\n")
        self._commands.flush()
        told = next((x for x in self._process.stdout if x.startswith("TOLD ")), None)
        status = None
        if told is None:
            status = self._process.wait(30)
            self.stop()
        log = self._log.read_text()[begin:]
        answer = Answer(status, json.loads(told[5:]) if told else {}, log)
        if "raised" in answer.told or (status or 0) > 0:
            raise AssertionError(f"{answer.told.get('raised')}\n{log[-3000:]}")
        return answer

    def close(self):
        self.stop()

    def stop(self):
        if self._process is not None:
            self._commands.close()
            self._process.stdout.close()
            self._process.kill()
            self._process.wait(30)
            self._process = None

    def _start(self):
        theirs, ours = os.pipe()
        command = [
            sys.executable, os.environ["ODOO_BIN"], "shell", "--no-http",
            "-c", os.environ["QUEUE_JOB_SERVER_RC"], "-d", self._database.name,
            "--log-level=warn",
        ]  # fmt: skip
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                text=True, pass_fds=[theirs],
            )  # fmt: skip
        os.close(theirs)
        self._commands = os.fdopen(ours, "w")
        self._process.stdin.write(_PRELUDE + _LOOP.format(commands=theirs))
        self._process.stdin.close()
