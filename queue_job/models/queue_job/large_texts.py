# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What of a job may be too large for its form: shown in part, the whole to be
downloaded."""

from odoo import api, fields

import odoo.addons

from ...core.fingerprint import source_of
from ...core.text import shown_part
from ..part import ModelPart

#: Characters that the form shows.
_MOST_TRACEBACK = 50_000
_MOST_RESULT = 10_000
_MOST_MESSAGE = 1_000


def shown_traceback(text):
    """Return what the web client draws of a traceback: ``text``, whether it ``is_cut``,
    its ``source``, and the folders of add-ons that are in it; ``False`` for none."""
    if not text:
        return False
    roots = {root.rstrip("/") + "/" for root in odoo.addons.__path__}
    return {
        "text": shown_part(text, _MOST_TRACEBACK),
        "is_cut": len(text) > _MOST_TRACEBACK,
        "source": source_of(text, roots),
        "roots": sorted(root for root in roots if root in text),
    }


class JobLargeTexts(ModelPart):
    """The part of ``queue.job`` that cuts for the form what jobs write at length."""

    _name = "queue.job"
    _register = False

    shown_traceback = fields.Json(compute="_compute_shown_traceback")
    shown_result = fields.Text(string="Result (Shown)", compute="_compute_shown_texts")
    is_result_cut = fields.Boolean(compute="_compute_shown_texts")
    shown_message = fields.Char(
        string="Exception Message (Shown)", compute="_compute_shown_texts"
    )
    is_message_cut = fields.Boolean(compute="_compute_shown_texts")

    @api.depends("exc_info")
    def _compute_shown_traceback(self):
        for job in self:
            job.shown_traceback = shown_traceback(job.exc_info)

    @api.depends("result", "exc_message")
    def _compute_shown_texts(self):
        for job in self:
            result, message = job.result or "", job.exc_message or ""
            job.shown_result = shown_part(result, _MOST_RESULT) or False
            job.is_result_cut = len(result) > _MOST_RESULT
            job.shown_message = shown_part(message, _MOST_MESSAGE) or False
            job.is_message_cut = len(message) > _MOST_MESSAGE

    def download_arguments(self):
        """Return the action that downloads records and arguments, as JSON."""
        return self._download("arguments")

    def download_result(self):
        """Return the action that downloads what the job returned."""
        return self._download("result")

    def download_message(self):
        """Return the action that downloads what the exception says."""
        return self._download("message")

    def download_traceback(self):
        """Return the action that downloads the traceback."""
        return self._download("traceback")

    def _download(self, what):
        self.ensure_one()
        url = f"/queue_job/job/{self.id}/{what}"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}
