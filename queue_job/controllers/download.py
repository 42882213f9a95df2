# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``/queue_job/job/<id>/<what>``: texts of a job that are too large for its form."""

import json

from odoo import http
from odoo.http import content_disposition, request

from ..fields import as_stored

#: Field of each text.
_TEXTS = {"result": "result", "message": "exc_message", "traceback": "exc_info"}


class DownloadController(http.Controller):
    """Gives to who may read a job what he reads in its form, whole; to others, the same
    answer as for a job that is not there."""

    @http.route(
        "/queue_job/job/<int:job_id>/<string:what>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def download(self, job_id, what):
        """Return one text of a job as a file.

        :param what: ``arguments``, ``result``, ``message`` or ``traceback``
        """
        job = request.env["queue.job"].browse(job_id).exists()
        if not (job and job.has_access("read")):
            raise request.not_found()
        if what == "arguments":
            return _as_file(job, what, "json", _call_of(job))
        if what in _TEXTS and (text := job[_TEXTS[what]]):
            return _as_file(job, what, "txt", text)
        raise request.not_found()


def _call_of(job):
    stored = as_stored(job)
    call = {name: stored[name] for name in ("records", "args", "kwargs")}
    return json.dumps(call, indent=2, ensure_ascii=False)


def _as_file(job, what, ending, text):
    kind = "application/json" if ending == "json" else "text/plain"
    name = f"job-{job.uuid}-{what}.{ending}"
    headers = [
        ("Content-Type", f"{kind}; charset=utf-8"),
        ("Content-Disposition", content_disposition(name)),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
    ]
    return request.make_response(text.encode(), headers)
