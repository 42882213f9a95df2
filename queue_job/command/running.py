# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``run``: one job, in this process."""

from typing import Any

from ..controllers.main import RunJobController
from ..core.protocol import End, RunRequest
from ..core.states import FINAL, State
from ..store import dispatch
from ..worker import executor
from .call import FINE, WRONG, Call, CommandError

#: A runner that sees the job dispatched, and by none of its own requests, returns it to
#: pending; it can do so between the commit of the dispatch and the job's lock.
_TRIES = 5


def run(call: Call) -> int:
    """Run a job here and now, whatever the capacity of its channel. It is dispatched as
    a runner would dispatch it: no other process runs it at the same time."""
    job = call.job()
    _prepare(call, job)
    call.log("runs job %s", job.uuid)
    end = _run(call, job)
    job.invalidate_recordset()
    values = {
        "uuid": job.uuid,
        "end": end,
        "state": job.state,
        "seconds": job.exec_time or None,
        "result": job.result or None,
        "exception": job.exc_name or None,
        "message": job.exc_message or None,
    }
    call.out.facts(values)
    return FINE if end == End.DONE.value else WRONG


def _prepare(call: Call, job: Any) -> None:
    """Make sure that the job is pending.

    :raise CommandError: where it is not, and is not to be requeued
    """
    state = State(job.state)
    if state in FINAL and call.options.requeue:
        job.requeue()
        call.env.flush_all()
        job.invalidate_recordset()
    elif state in FINAL:
        raise CommandError(f"job {job.uuid} is {state}: add --requeue to run it again")
    if job.state != State.PENDING:
        raise CommandError(
            f"job {job.uuid} is {job.state}: only a pending one can be run here"
        )


def _run(call: Call, job: Any) -> str:
    steps = RunJobController()._steps()
    for _try in range(_TRIES):
        number = _dispatch(call, job)
        if number is None:
            break
        request = RunRequest((job.uuid,), (number,))
        end = executor.run_batch(call.env, request, steps).outcomes[job.uuid]
        if end != End.NOT_TAKEN.value:
            return end
    raise CommandError(
        f"job {job.uuid} could not be had: another process runs or changes it, or it"
        " is a duplicate of another job; 'odoo queue_job show' tells more"
    )


def _dispatch(call: Call, job: Any) -> int | None:
    """Give the job its next number; ``None`` when it is not to be had."""
    call.env.flush_all()
    dispatched = dispatch.enqueue(call.env.cr, job.ids)
    call.commit()
    call.env.invalidate_all()
    return dispatched[0].attempt if dispatched else None
