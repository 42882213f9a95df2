# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a manager or a data file may choose for the jobs of one method."""

import re
from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from ...core.channels.lanes import NO_KINDS, Kinds
from ...store import migration
from ...utils import is_on
from ..bounds import FUNCTION_BOUNDS, check_bounds
from ..install_mode import create_or_reuse
from ..stored_data import StoredData
from .aliases import FunctionAliases
from .declared import DeclaredFunctions
from .locking import FunctionLocking
from .options import FunctionOptions
from .register import FunctionRegistration
from .retries import FunctionRetries
from .sql import FunctionInSQL

_NAME = re.compile(r"^<(?P<model>[\w.]+)>\.(?P<method>\w+)$")


class JobConfig(NamedTuple):
    """The choices made for one function; empty ones leave it to its decorator."""

    channel: str
    retry_pattern: dict  # or an Exponential
    related_action_enable: bool
    related_action_func_name: str | None
    related_action_kwargs: dict
    job_function_id: int | None
    allow_commit: bool
    on_fail_method_name: str | None
    is_never_repeated: bool = False
    is_encrypted: bool = False
    chunk_size: int = 0
    keep_log: str | None = None
    retry_on: tuple[str, ...] = ()
    give_up_on: tuple[str, ...] = ()
    lock_key: str | None = None
    lock_limit: int | None = None
    expires: int = 0
    timeout: int = 0
    on_timeout: str | None = None
    notify_user: str | None = None
    #: By channel, what jobs are told apart by in this database.
    lane_kinds: Kinds = NO_KINDS


class QueueJobFunction(
    StoredData,
    FunctionOptions,
    FunctionRetries,
    FunctionLocking,
    FunctionRegistration,
    FunctionAliases,
    FunctionInSQL,
    DeclaredFunctions,
    models.Model,
):
    """A method that may be delayed, and how its jobs are treated."""

    _name = "queue.job.function"
    _description = "Job Function"
    _log_access = False
    _order = "name"

    JobConfig = JobConfig

    name = fields.Char(
        compute="_compute_name",
        inverse="_inverse_name",
        store=True,
        index=True,
        help="Model and method whose jobs these options are for: <model>.method",
    )
    model_id = fields.Many2one("ir.model", ondelete="cascade", index=True)
    method = fields.Char()

    _name_uniq = models.Constraint(
        "UNIQUE(name)",
        "There is already a job function for this model and method.",
    )

    def _auto_init(self):
        migration.prepare_foreign(self.env.cr)
        super()._auto_init()

    @staticmethod
    def job_function_name(model_name, method_name):
        """Return the name of the function record for a method: ``<model>.method``."""
        return f"<{model_name}>.{method_name}"

    @api.depends("model_id.model", "method")
    def _compute_name(self):
        for function in self:
            if function.model_id and function.method:
                function.name = self.job_function_name(
                    function.model_id.model, function.method
                )
            else:
                function.name = False

    def _inverse_name(self):
        for function in self:
            parts = _NAME.match(function.name or "")
            if not parts:
                raise UserError(
                    self.env._(
                        "%r is no name of a job function: write <model>.method, for"
                        " example <res.partner>.export_record",
                        function.name,
                    )
                )
            model = self.env["ir.model"].sudo()._get(parts["model"])
            if not model:
                raise UserError(
                    self.env._(
                        "Job function %(name)s: there is no model %(model)s. Check the"
                        " spelling, or install the module that brings it.",
                        name=function.name,
                        model=parts["model"],
                    )
                )
            function.model_id = model
            function.method = parts["method"]

    @api.private
    @api.model
    def job_default_config(self):
        """Return the configuration of a method that has no function record."""
        return JobConfig(
            channel="root",
            retry_pattern={},
            related_action_enable=True,
            related_action_func_name=None,
            related_action_kwargs={},
            job_function_id=None,
            allow_commit=False,
            on_fail_method_name=None,
        )

    @api.private
    @api.model
    @tools.ormcache("name")
    def job_config(self, name):
        """Return the configuration of the function ``name`` (``<model>.method``), for
        code: read as superuser, it is for no client.

        :return: :class:`JobConfig`; shared between callers, not to be changed
        """
        function = self.sudo().search([("name", "=", name)], limit=1)
        lane_kinds = self.env["queue.job.channel"]._lane_kinds()
        if not function:
            return self.job_default_config()._replace(lane_kinds=lane_kinds)
        action = function.related_action
        return JobConfig(
            channel=function.channel,
            retry_pattern=function._parse_retry_pattern(),
            related_action_enable=action.get("enable", True),
            related_action_func_name=action.get("func_name"),
            related_action_kwargs=action.get("kwargs") or {},
            job_function_id=function.id,
            allow_commit=function.allow_commit,
            on_fail_method_name=function.on_fail_method or None,
            is_never_repeated=function.is_never_repeated,
            is_encrypted=function.is_encrypted,
            chunk_size=function.chunk_size,
            keep_log=function.keep_log or None,
            **function._exceptions(),
            lock_key=function.lock_key or None,
            lock_limit=function.lock_limit or None,
            expires=function.expires,
            timeout=function.timeout,
            on_timeout=function.on_timeout or None,
            notify_user=function.notify_user or None,
            lane_kinds=lane_kinds,
        )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_bounds(self, vals, FUNCTION_BOUNDS)
        if is_on(self.env, "install_mode"):
            functions = create_or_reuse(
                self, vals_list, self._find_same, super().create
            )
        else:
            functions = super().create(vals_list)
        self.env.registry.clear_cache()
        return functions

    def _find_same(self, vals):
        name = vals.get("name")
        if not name:
            model = self.env["ir.model"].sudo().browse(vals.get("model_id") or [])
            name = self.job_function_name(model.model, vals.get("method"))
        return self.search([("name", "=", name)], limit=1)

    def write(self, vals):
        check_bounds(self, vals, FUNCTION_BOUNDS)
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
