# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The routes of the job queue: thin, the executor does the work."""

import logging
from contextlib import contextmanager

from werkzeug.exceptions import BadRequest, Forbidden

from odoo import SUPERUSER_ID, http
from odoo.http import request

from ..core import text
from ..core.outcome import CONTENTION_SECONDS, Failed
from ..core.protocol import LEFT, RunRequest
from ..core.states import State
from ..core.text import dotted_name, exception_message
from ..delay import group
from ..exception import FailedJobError
from ..job import Job
from ..worker import executor
from ..worker.dependents import RELEASE_TRIES, release_dependents
from ..worker.line import Line, run_batches
from ..worker.perform import perform
from .runner_requests import RunnerDispatcher

_logger = logging.getLogger(__name__)

#: Seconds before a job that met a concurrent transaction is retried.
PG_RETRY = CONTENTION_SECONDS
#: Attempts to release the jobs that wait for one that has ended.
DEPENDS_MAX_TRIES_ON_CONCURRENCY_FAILURE = RELEASE_TRIES
#: The greatest number that PostgreSQL keeps as an integer.
_GREATEST_INTEGER = 2**31 - 1
#: ... and of test jobs in one request.
_MOST_TEST_JOBS = 100_000
#: Seconds that one takes, or waits to be repeated, at most.
_DAY = 86_400
#: Characters of a channel or a description.
_MOST_CHARACTERS = 250


@contextmanager
def _prevent_commit(cr):
    """Kept for modules that import it, without effect: a job may commit."""
    yield


class RunJobController(http.Controller):
    """Runs what a runner dispatches. The methods can be called on the class; routes go
    through an instance, because monitoring tools replace ``_try_perform_job`` by an
    ordinary method."""

    @http.route(
        "/queue_job/runjob",
        type=RunnerDispatcher.routing_type,
        auth="none",
        readonly=False,
        save_session=False,
        csrf=False,
    )
    def runjob(self):
        """Run jobs that were dispatched, and answer how they went.

        Several job uuids, and as many dispatch numbers, are separated by commas. Only
        a runner of this database can sign; all others get the same answer, whatever
        they send.
        """
        secret = _take_over(request)
        # the query alone: no body, no files
        asked = RunRequest.read(request.httprequest.args, secret)
        if asked is None:
            return request.make_response("Forbidden", status=403)
        line = Line.offered(request.httprequest._HTTPRequest__environ)
        answer = run_batches(request.env, asked, self._steps(), line, secret)
        if answer is None:  # told on the line
            return request.make_response("", status=LEFT)
        return request.make_json_response(answer.encode())

    def _steps(self):
        """Return the way of an attempt, as add-ons have overridden it."""
        perform = self._try_perform_job
        # one that an add-on has put there is to see each job
        is_own = perform.__func__ is RunJobController._try_perform_job.__func__
        return executor.Steps(perform, self._enqueue_dependent_jobs, may_chunk=is_own)

    @classmethod
    def _acquire_job(cls, env, job_uuid):
        """Take an enqueued job under its present number.

        :return: :class:`~..job.Job`, started, or ``None``
        """
        record = Job.db_record_from_uuid(env, job_uuid)
        record.flush_recordset()
        attempt = record.attempt if record else 0
        job = executor.acquire(env, job_uuid, attempt)
        record.invalidate_recordset()
        return job

    @classmethod
    def _load_job(cls, env, job_uuid):
        """Return the job, whatever its state.

        :raise NoSuchJobError: when there is none
        """
        return Job.load(env, job_uuid)

    @classmethod
    def _try_perform_job(cls, env, job):
        """Do the work and write ``done``; whatever the job raises comes out."""
        cls._need_started(env, job)
        perform(env, job)

    @classmethod
    def _runjob(cls, env, job):
        """Run a loaded job to its recorded end.

        :raise Exception: what made the job fail, once that is recorded
        """
        cls._need_started(env, job)
        own = cls()
        errors = []

        def perform(env, job):
            try:
                own._try_perform_job(env, job)
            except BaseException as error:
                errors.append(error)
                raise

        steps = executor.Steps(perform, own._enqueue_dependent_jobs)
        outcome = executor.run_started(env, job, steps)
        if isinstance(outcome, Failed) and errors:
            if isinstance(errors[-1], SystemExit):  # it would end the worker
                raise FailedJobError(outcome.exc_message) from errors[-1]
            raise errors[-1]

    @classmethod
    def _need_started(cls, env, job):
        """Start a job that a caller other than the runner passes in."""
        if job.state != State.STARTED:
            job.set_started()
            job.store()
            job.db_record().invalidate_recordset()  # written by SQL from now on

    @classmethod
    def _enqueue_dependent_jobs(cls, env, job):
        """Release the jobs that waited for one which has ended."""
        release_dependents(env, job)

    @classmethod
    def _get_failure_values(cls, job, traceback_text, exception):
        """Return what is stored of an exception."""
        return {
            "exc_info": text.traceback_text(traceback_text),
            "exc_name": dotted_name(type(exception)),
            "exc_message": exception_message(exception),
        }

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
        "/queue_job/create_test_job",
        type="http",
        auth="user",
        methods=["POST"],  # with a CSRF token: no link of a stranger makes jobs
        save_session=False,
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
            "max_retries": _number("max_retries", max_retries, int, least=0),
            "channel": _text("channel", channel),
        }
        arguments = {
            "failure_rate": _number("failure_rate", failure_rate, float, 0, most=1),
            "job_duration": _number("job_duration", job_duration, float, 0, most=_DAY),
            "commit_within_job": bool(commit_within_job),
            "failure_retry_seconds": _number(
                "failure_retry_seconds", failure_retry_seconds, int, 0, most=_DAY
            ),
        }
        calls = [
            request.env["queue.job"]
            .delayable(description=text, **options)
            ._test_job(**arguments)
            for text in _descriptions(
                _text("description", description),
                _number("size", size, int, 1, most=_MOST_TEST_JOBS),
            )
        ]
        group(*calls).delay()
        job = calls[0]._generated_job
        if job.graph_uuid:
            return f"graph uuid: {job.graph_uuid}"
        return f"job uuid: {job.uuid}"


def _take_over(request):
    """Return the secret that runners sign with; nothing where there is no database.

    Leaves the request with a superuser environment: without a user, what is flushed
    at its end would be recomputed without a user. Its context is empty: the language of
    a request is not that of a job.
    """
    if not request.db:
        return ""
    request.update_env(user=SUPERUSER_ID, context={})
    return request.env["ir.config_parameter"].get_param("database.secret")


def _number(name, text, kind, least=-_GREATEST_INTEGER, most=_GREATEST_INTEGER):
    if text is None:
        return None
    try:
        number = kind(text)
    except ValueError as error:
        raise BadRequest(f"{name}: {text!r} is not a number") from error
    if not least <= number <= most:  # false for what is not a number, too
        raise BadRequest(f"{name}: {text!r} is not between {least} and {most}")
    return number


def _text(name, text):
    if text is None:
        return None
    if not isinstance(text, str) or "\0" in text:  # a file, say
        raise BadRequest(f"{name}: {text!r:.80} is no text")
    if len(text) > _MOST_CHARACTERS:
        raise BadRequest(f"{name}: more than {_MOST_CHARACTERS} characters")
    return text


def _descriptions(text, size):
    if size == 1:
        return [text]
    return [f"{text} {number}/{size}" for number in range(1, size + 1)]
