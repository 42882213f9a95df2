"""The routes of the job queue: thin, the executor does the work."""

import logging

from werkzeug.exceptions import BadRequest, Forbidden

from odoo import SUPERUSER_ID, http
from odoo.http import request

from .. import executor, liveness
from ..core.outcome import CONTENTION_SECONDS
from ..core.signature import is_signed
from ..core.states import State
from ..job import Job
from ..store import Handout

_logger = logging.getLogger(__name__)

#: Seconds before a job that met a concurrent transaction is tried again.
PG_RETRY = CONTENTION_SECONDS


class RunJobController(http.Controller):
    """Runs what a runner hands out. The methods can be called on the class; routes go
    through an instance, because monitoring tools replace ``_try_perform_job`` by an
    ordinary method."""

    @http.route(
        "/queue_job/runjob",
        type="http",
        auth="none",
        readonly=False,
        save_session=False,
        methods=["GET"],
    )
    def runjob(self, job_uuid="", attempt="", signature="", **kwargs):
        """Run a job that was handed out, and answer how it went.

        Only a runner of this database can sign; all others get the same answer.
        """
        env = _superuser_env()
        if not _is_from_runner(env, job_uuid, attempt, signature):
            raise Forbidden
        outcome = self._run_handout(env, job_uuid, int(attempt))
        return request.make_json_response({"outcomes": {job_uuid: outcome}})

    def _run_handout(self, env, job_uuid, attempt):
        job_id = executor.acquire(env, job_uuid, attempt)
        if job_id is None:
            return executor.NOT_TAKEN
        try:
            handout = Handout(job_id, job_uuid, attempt)
            outcome = executor.run(env, handout, self._try_perform_job)
        finally:
            liveness.release(env, job_id)
        return executor.ANSWERS[type(outcome)]

    @classmethod
    def _acquire_job(cls, env, job_uuid):
        """Take an enqueued job under its present number.

        :return: :class:`~..job.Job`, started, or ``None``
        """
        record = Job.db_record_from_uuid(env, job_uuid)
        attempt = record.attempt if record else 0
        if executor.acquire(env, job_uuid, attempt) is None:
            return None
        record.invalidate_recordset()
        return Job.load(env, job_uuid)

    @classmethod
    def _load_job(cls, env, job_uuid):
        """The job, whatever its state.

        :raise NoSuchJobError: when there is none
        """
        return Job.load(env, job_uuid)

    @classmethod
    def _try_perform_job(cls, env, job):
        """Do the work and write ``done``; whatever the job raises comes out."""
        executor.perform(env, job)

    @classmethod
    def _runjob(cls, env, job):
        """Run a loaded job to its recorded end."""
        if job.state != State.STARTED:
            job.set_started()
            job.store()
            env.flush_all()
        handout = Handout(job.db_record().id, job.uuid, job.attempt)
        executor.run(env, handout, cls()._try_perform_job)

    @classmethod
    def _get_failure_values(cls, job, traceback_text, exception):
        """What is stored of an exception."""
        return executor.failure_values(exception, traceback_text)

    @http.route(
        "/queue_job/session",
        type="http",
        auth="none",
        readonly=False,
        save_session=False,
    )
    def session(self):
        """Answers that the queue's routes are there."""
        return ""

    @http.route(
        "/queue_job/create_test_job", type="http", auth="user", save_session=False
    )
    def create_test_job(
        self, priority=None, max_retries=None, channel=None, description="Test job",
        size=1, failure_rate=0, job_duration=0, commit_within_job=False,
        failure_retry_seconds=0,
    ):  # fmt: skip
        """Delay jobs that do nothing, to try the queue out. For administrators."""
        if not request.env.user.has_group("base.group_erp_manager"):
            raise Forbidden(request.env._("Access Denied"))
        options = {
            "priority": _number("priority", priority, int),
            "max_retries": _number("max_retries", max_retries, int),
            "channel": channel,
        }
        arguments = {
            "failure_rate": _number("failure_rate", failure_rate, float),
            "job_duration": _number("job_duration", job_duration, float),
            "commit_within_job": bool(commit_within_job),
            "failure_retry_seconds": _number(
                "failure_retry_seconds", failure_retry_seconds, int
            ),
        }
        if not 0 <= arguments["failure_rate"] <= 1:
            raise BadRequest("failure_rate must be between 0 and 1")
        jobs = [
            request.env["queue.job"]
            .with_delay(description=text, **options)
            ._test_job(**arguments)
            for text in _descriptions(description, _number("size", size, int))
        ]
        return "\n".join(f"job uuid: {job.uuid}" for job in jobs)


def _superuser_env():
    """The request's environment as superuser: without a user, what is flushed at its
    end would be recomputed as nobody."""
    request.update_env(user=SUPERUSER_ID)
    request.env.transaction.default_env = request.env
    return request.env


def _is_from_runner(env, job_uuid, attempt, signature) -> bool:
    if not attempt.isascii() or not attempt.isdigit():
        return False
    secret = env["ir.config_parameter"].sudo().get_param("database.secret")
    return bool(secret) and is_signed(secret, job_uuid, int(attempt), signature)


def _number(name, text, kind):
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError as error:
        raise BadRequest(f"{name}: {text!r} is not a number") from error


def _descriptions(text, size):
    if size == 1:
        return [text]
    return [f"{text} {number}/{size}" for number in range(1, size + 1)]
