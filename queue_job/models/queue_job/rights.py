# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who may change what of a job, and as whom it may run."""

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, UserError

from ...marks import UNREVIVABLE
from ..loose import LooseMany2one
from ..part import ModelPart

#: Fields of which a value is looked at before it is written.
_JUDGED = ("state", "user_id", "company_id")
#: Of more jobs than that, PostgreSQL tells which ones rules hide. To read them would
#: take a fifth of the time of a move.
_FEW = 100


class JobRights(ModelPart):
    """The part of ``queue.job`` that refuses what would raise a user's rights.

    A row says "call this as that user". What it calls, nothing changes but the add-on
    itself; what became of it, only code that runs as superuser; the rest, managers.
    """

    _name = "queue.job"
    _register = False

    #: A row says "call this as that user": only code that holds this very object may
    #: write what is called. It cannot come in over RPC.
    EDIT_SENTINEL = object()
    _protected_fields = (
        "uuid", "name", "date_created", "model_name", "method_name", "func_string",
        "channel_method_name", "job_function_id", "records", "args", "kwargs",
        "attempt", "worker_backend", "delayed_by", "is_shown",
    )  # fmt: skip

    user_id = LooseMany2one(
        "res.users",
        string="User ID",
        help="The job runs as this user.",
    )
    delayed_by = fields.Integer(
        string="Delayed by (Database ID)",
        readonly=True,
        copy=False,
        aggregator=None,
        help="The user who delayed the job, if it runs as another user now.",
    )
    company_id = LooseMany2one(
        "res.company", string="Company", index=True, readonly=True
    )

    def _check_access(self, operation):
        is_many = len(self) > _FEW and all(self._ids)
        if not is_many or not self.browse().has_access(operation):
            return super()._check_access(operation)
        rules = self.env["ir.rule"]._compute_domain(self._name, operation)
        jobs = self.sudo().with_context(active_test=False)
        domain = fields.Domain("id", "in", self.ids) & fields.Domain(rules or [])
        allowed = set(jobs.search(domain, order="id")._ids)
        others = self.browse(job_id for job_id in self._ids if job_id not in allowed)
        return super(JobRights, others)._check_access(operation)

    def _judged(self, vals):
        """Return the values to be written, those that are judged as they will be
        stored: a client may send what looks like no user, and is stored as one.

        :raise UserError: for what such a field does not hold
        """
        names = [name for name in _JUDGED if name in vals]
        if not names:
            return vals
        return {**vals, **{name: self._as_stored(name, vals[name]) for name in names}}

    def _as_stored(self, name, value):
        field = self._fields[name]
        if field.type == "many2one" and isinstance(value, str) and value.isdecimal():
            value = int(value)  # what PostgreSQL would make of it
        try:
            stored = field.convert_to_cache(value, self)
        except (TypeError, ValueError):
            stored = None
        is_stored = isinstance(stored, int if field.type == "many2one" else str)
        if value and not is_stored:
            raise UserError(
                self.env._(
                    "%(value)r is no value of %(field)s", value=value, field=name
                )
            )
        return stored or False

    def _holds_sentinel(self):
        return self.env.context.get("_job_edit_sentinel") is self.EDIT_SENTINEL

    def _check_protected(self, vals):
        if self._holds_sentinel():
            return
        protected = sorted(set(self._protected_fields).intersection(vals))
        if protected:
            raise AccessError(
                self.env._(
                    "What a job calls cannot be changed (fields: %s)",
                    ", ".join(protected),
                )
            )

    def _check_open_to_people(self, vals):
        """Refuse that people write what the queue itself keeps of a job: with another
        company they would show it to others, with another key make the jobs of others
        end."""
        if self.env.su:
            return
        closed = [name for name in vals if self._is_closed_to_people(name)]
        if closed:
            raise AccessError(
                self.env._(
                    "Users cannot change what the queue records about a job"
                    " (fields: %s)",
                    ", ".join(sorted(closed)),
                )
            )

    def _is_closed_to_people(self, name):
        # moves are judged by themselves
        return name != "state" and self._is_kept_by_queue(name)

    def _is_kept_by_queue(self, name):
        field = self._fields.get(name)
        return field is not None and field.readonly and "queue_job" in field._modules

    @api.model
    def default_get(self, fields):
        """Begin what the queue records about a job as code says: any user may
        set defaults for himself, or send them in a context."""
        kept = [name for name in fields if self._is_kept_by_queue(name)]
        values = super().default_get([name for name in fields if name not in kept])
        for name in kept:
            if (default := self._fields[name].default) is not None:
                values[name] = default(self)
        return values

    # --- as whom it runs ------------------------------------------------------

    def _rebind_user(self, user_id):
        """Let the job run as another user from now on, with no more than his rights;
        the user it has keeps what he had.

        :raise AccessError: when a user names one who may do more than himself
        """
        others = self.filtered(lambda job: job.user_id.id != user_id)
        if user_id:
            others._check_may_run_as(self.env["res.users"].sudo().browse(user_id))
        # nothing of the context of who does it, of which with_context() would keep the
        # companies: the job has its own
        env = self.env(context={"_job_edit_sentinel": self.EDIT_SENTINEL})
        for job in others.with_env(env):
            values = {"delayed_by": job.delayed_by or job._delaying_user_id()}
            if user_id:
                try:
                    values["records"] = job.records.with_user(user_id)
                except UNREVIVABLE:  # such as a model that is gone
                    pass  # reading goes by user_id
            job.write(values)

    def _that_may_run_as(self, user):
        """Return those of these jobs that who acts may let run as a user."""
        if self._may_act_for(user):
            return self
        return self.filtered(
            lambda job: user.id in (job.user_id.id, job._delaying_user_id())
        )

    def _check_may_run_as(self, user):
        for job in self:
            if user.id != job._delaying_user_id() and not self._may_act_for(user):
                raise AccessError(
                    self.env._(
                        "You may not let job %(uuid)s run as %(user)s, who may do more"
                        " than you: choose yourself, or ask an administrator",
                        uuid=job.uuid,
                        user=user.name or user.id,
                    )
                )

    def _delaying_user_id(self):
        """Id of the user who delayed the job, as far as the row still says so."""
        self.ensure_one()
        if self.delayed_by or self.user_id:
            return self.delayed_by or self.user_id.id
        try:
            return self.records.env.uid
        except UNREVIVABLE:  # the model is gone, or the row damaged
            return False

    def _may_act_for(self, user) -> bool:
        """Tell whether who acts has all the rights of a user: those of his groups, in
        his companies. An administrator could give himself whatever is missing."""
        if self.env.is_system():
            return True
        own = self.env.user.sudo()
        return user == own or (
            user.id != SUPERUSER_ID
            and user.all_group_ids <= own.all_group_ids
            and user.company_ids <= own.company_ids
        )
