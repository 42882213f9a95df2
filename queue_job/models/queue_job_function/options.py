# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The options of a job function: as they are stored, and as text that a manager can
edit."""

import ast

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import UserError

from ...core import retry
from ...core.kept_log import KeepLog
from ...core.limits import MOST_IN_CHUNK, MOST_INTEGER
from ...delaying.decorators import declaration
from ...delaying.named_calls import is_called_on_failure, is_related_action
from ...fields import JobSerialized, holds_marks, storable_text, to_plain
from ..part import ModelPart

_ACTION_KEYS = ("enable", "func_name", "kwargs")
_ACTION_TYPES = {"enable": bool, "func_name": str, "kwargs": dict}


class FunctionOptions(ModelPart):
    """What may be chosen, and what may not be."""

    _name = "queue.job.function"
    _register = False

    channel_id = fields.Many2one(
        "queue.job.channel",
        required=True,
        index=True,
        default=lambda self: self.env.ref("queue_job.channel_root", False),
        help="The channel in which jobs of this method wait, unless the delaying code"
        " names one. Jobs that were delayed before keep theirs.",
    )
    channel = fields.Char(
        related="channel_id.complete_name", string="Channel Name", store=True
    )
    retry_pattern = JobSerialized(string="Stored Retry Pattern", base_type=dict)
    related_action = JobSerialized(string="Stored Related Action", base_type=dict)
    edit_retry_pattern = fields.Text(
        string="Retry Pattern",
        compute="_compute_edit_retry_pattern",
        inverse="_inverse_edit_retry_pattern",
        help="How many seconds a job waits before it is retried, by number of "
        "attempts: {1: 10, 5: 60} waits 10 seconds after each of the first "
        "four attempts, then a minute. {1: (10, 60)} waits a random time in "
        "between, so that many jobs do not come back at once. "
        "exponential(first=10, factor=2, most=3600, jitter=0.1) waits 10 seconds, "
        "20, 40 … and an hour at most, each a tenth longer or shorter. Empty: the "
        "pattern of the method's decorator, else 10 minutes.",
    )
    edit_related_action = fields.Text(
        string="Related Action",
        compute="_compute_edit_related_action",
        inverse="_inverse_edit_related_action",
        help="What the button Related of a job opens, for example"
        " {'enable': True, 'func_name': 'related_action_partner', 'kwargs': {}}."
        " func_name is a method of the job that begins with related_action, kwargs is"
        " passed to it; 'enable': False takes the action away. Empty: the action of the"
        " method's decorator, else the job's records.",
    )
    on_fail_method = fields.Char(
        string="Method Called on Failure",
        help="Name of a public method of the same model. It is called on the job's"
        " records"
        " when a job fails for good, with the keywords exc_info, exc_name and"
        " exc_message.",
    )
    is_never_repeated = fields.Boolean(
        string="Has External Effects",
        help="The jobs do what no rollback undoes, such as calling another system."
        " After a conflict with another transaction the work is not repeated "
        "at once by the same worker; the job is postponed, and counts one "
        "more attempt.",
    )
    chunk_size = fields.Integer(
        string="Jobs in One Call",
        help="How many due jobs that differ only in their records may be run as one"
        " call on all these records, in one transaction. If that fails, each is run"
        " alone. 0: as the method's decorator says, else 1. The method must be able to"
        " work on several records.",
    )
    is_encrypted = fields.Boolean(
        string="Encrypt Arguments",
        help="The arguments of new jobs are stored encrypted, with a key of the"
        " server's configuration, and shown nowhere. What the method's decorator"
        " encrypts is encrypted in any case.",
    )
    keep_log = fields.Selection(
        [
            (KeepLog.OFF.value, "Never"),
            (KeepLog.ON_FAILURE.value, "Of Failed Attempts"),
            (KeepLog.ALWAYS.value, "Of All Attempts"),
        ],
        help="Keep what the jobs log (the first and the last lines, from level INFO) "
        "with their attempts, for all who may see the jobs. Empty: as the method's "
        "decorator says, else never.",
    )
    expires = fields.Integer(
        string="Expires After (s)",
        help="Seconds after it is due within which a job has to begin; one that has not"
        " begun by then is cancelled. 0: as the method's decorator says, else never. A"
        " delaying call may say otherwise.",
    )
    timeout = fields.Integer(
        string="Time Limit (s)",
        aggregator=None,
        help="Seconds that an attempt of a job may take; it is ended then. Jobs that"
        " were delayed before keep theirs. 0: that of the method's decorator, else no"
        " limit.",
    )
    on_timeout = fields.Selection(
        [("fail", "Fail"), ("retry", "Retry by the Pattern")],
        string="When Its Time Is Over",
        help="What becomes of a job that took longer. Empty: what the method's"
        " decorator says, else it fails.",
    )
    notify_user = fields.Selection(
        [("always", "Always"), ("never", "Never")],
        string="Tell the User of the End",
        help="Whether the user who delayed a job is told in the web client when it is"
        " done or has failed. Empty: as the method's decorator says, else if the job"
        " told its progress.",
    )
    allow_commit = fields.Boolean(
        help="Without effect: a job may always commit. Kept so that data files of"
        " other modules load.",
    )

    @api.depends("retry_pattern")
    def _compute_edit_retry_pattern(self):
        for function in self:
            pattern = function._parse_retry_pattern()
            function.edit_retry_pattern = str(pattern) if pattern else False

    def _inverse_edit_retry_pattern(self):
        for function in self:
            function.retry_pattern = function._read_retry_pattern()

    @api.depends("related_action")
    def _compute_edit_related_action(self):
        for function in self:
            action = function.related_action
            function.edit_related_action = str(action) if action else False

    def _inverse_edit_related_action(self):
        for function in self:
            function.related_action = function._read_dictionary(
                function.edit_related_action, self._related_action_form()
            )

    def _read_retry_pattern(self):
        """Return what is stored of the pattern that a manager typed.

        :raise UserError: when it is none
        """
        text, expected = self.edit_retry_pattern, self._retry_pattern_form()
        if (text or "").strip().startswith(retry.EXPONENTIAL):
            try:
                return retry.exponential_in(text).as_json()
            except ValueError as error:
                raise self._unreadable(text, f"{error}. {expected}") from None
        pattern = self._read_dictionary(text, expected)
        self._check_tries_are_distinct(pattern)
        return pattern

    def _parse_retry_pattern(self):
        return retry.stored_pattern(self.retry_pattern)

    def _read_dictionary(self, text, expected):
        """Return the dictionary that a manager typed.

        :raise UserError: when it is none, or holds what cannot be stored
        """
        if not (text or "").strip():
            return {}
        try:
            value = ast.literal_eval(text.strip())
            storable_text(to_plain(value), "value")
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise self._unreadable(text, expected)
        return value

    @api.constrains("retry_pattern")
    def _check_retry_pattern(self):
        for function in self:
            if not _is_pattern(function.retry_pattern):
                pattern = function.retry_pattern
                raise function._unreadable(pattern, self._retry_pattern_form())

    def _check_tries_are_distinct(self, pattern):
        # 1 and '1' are two keys here, yet one key once stored
        if len({str(tries) for tries in pattern}) != len(pattern):
            raise self._unreadable(pattern, self._retry_pattern_form())

    @api.constrains("chunk_size")
    def _check_chunk_size(self):
        for function in self:
            if not 0 <= function.chunk_size <= MOST_IN_CHUNK:
                raise UserError(
                    self.env._(
                        "Job function %(function)s: choose 0 to %(most)s jobs in one"
                        " call.",
                        function=function.name,
                        most=MOST_IN_CHUNK,
                    )
                )

    @api.constrains("expires")
    def _check_expires(self):
        for function in self:
            if function.expires < 0:
                raise function._unreadable(
                    function.expires,
                    self.env._("Give seconds within which a job has to begin, or 0."),
                )

    @api.constrains("timeout")
    def _check_timeout(self):
        for function in self:
            if function.timeout < 0:
                raise UserError(
                    self.env._(
                        "Job function %(function)s: the time limit cannot be %(value)s."
                        " Give a number of seconds, or 0.",
                        function=function.name or self.env._("(new)"),
                        value=function.timeout,
                    )
                )

    @api.constrains("related_action")
    def _check_related_action(self):
        for function in self:
            action = function.related_action
            known = isinstance(action, dict) and all(
                key in _ACTION_KEYS and isinstance(value, _ACTION_TYPES[key])
                for key, value in action.items()
            )
            # a record in it would come with the rights of any user that it names
            if not known or holds_marks(to_plain(action)):
                raise function._unreadable(action, self._related_action_form())

    @api.constrains("related_action")
    def _check_name_of_related_action(self):
        for function in self.browse() if self._is_written_by_code() else self:
            action = function.related_action
            name = action.get("func_name") if isinstance(action, dict) else None
            if isinstance(name, str) and not is_related_action(
                self.env["queue.job"], name
            ):
                raise UserError(
                    self.env._(
                        "Job function %(function)s: %(name)s is not meant as a related"
                        " action. Name a method that begins with related_action.",
                        function=function.name,
                        name=name,
                    )
                )

    @api.constrains("on_fail_method", "name", "model_id")
    def _check_on_fail_method(self):
        named = self.filtered("on_fail_method")
        for function in self.browse() if self._is_written_by_code() else named:
            model = self.env.get(function.model_id.model)
            name = function.on_fail_method
            if model is None:
                continue
            declared = declaration(model, function.method or "")
            declared_name = getattr(declared, "on_fail_method", None)
            if not is_called_on_failure(model, name, declared_name):
                raise UserError(
                    self.env._(
                        "Job function %(function)s: %(name)s cannot be called on"
                        " failure. Name a public method of %(model)s itself.",
                        function=function.name,
                        name=name,
                        model=model._name,
                    )
                )

    def _is_written_by_code(self):
        """Tell whether a data file, say, writes the record: constraints are checked in
        superuser mode, whichever user writes. What must not be called is refused at the
        call, whichever user named it."""
        return self.env.uid == SUPERUSER_ID

    def _unreadable(self, value, expected):
        return UserError(
            self.env._(
                "Job function %(function)s: cannot use %(value)s. %(expected)s",
                function=self.name or self.env._("(new)"),
                value=str(value),  # a dictionary would be told as a list of its keys
                expected=expected,
            )
        )

    def _retry_pattern_form(self):
        # pylint: disable-next=translation-positional-used  # the braces are no fields
        return self.env._(
            "A retry pattern is a dictionary from a number of attempts to whole "
            "seconds, or to a pair (minimum, maximum) of them: {1: 10, 5: (60, "
            "120)}. Or it is exponential(first=10, factor=2, most=3600, jitter=0.1)"
        )

    def _related_action_form(self):
        return self.env._(
            "A related action is a dictionary with the keys 'enable' (True or False),"
            " 'func_name' (text) and 'kwargs' (a dictionary), or some of them."
        )


def _is_pattern(stored) -> bool:
    if not isinstance(stored, dict):
        return False
    if retry.EXPONENTIAL not in stored:
        return all(_is_attempts(str(key)) and _is_wait(stored[key]) for key in stored)
    try:
        retry.stored_pattern(stored)
    except ValueError:
        return False
    return True


def _is_attempts(text) -> bool:
    # Python reads no number of thousands of digits
    return text.isdecimal() and len(text) <= len(str(MOST_INTEGER))


def _is_wait(value) -> bool:
    if isinstance(value, list | tuple):
        return len(value) == 2 and all(_is_seconds(part) for part in value)
    return _is_seconds(value)


def _is_seconds(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
