# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The call of a job, made again with changed arguments, as a new job."""

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import AccessError, UserError

from ...delay import check_may_be_delayed
from ...delaying.edited import EditedError, edited_value, records_in, trusted_texts
from ...fields import as_stored, from_plain
from ...job import Job
from ...worker.perform import user_flaw
from ..part import ModelPart

#: Characters of the arguments that can be edited.
MOST_EDITED = 200_000


class JobRunAgain(ModelPart):
    """The part of ``queue.job`` that lets managers call the same method again, with no
    more rights than their own."""

    _name = "queue.job"
    _register = False

    run_again_of = fields.Char(
        string="Made of (UUID)",
        readonly=True,
        copy=False,
        help="The job that a user ran again, with changed arguments, as this one.",
    )
    _run_again_of_idx = models.Index("(run_again_of) WHERE run_again_of IS NOT NULL")

    def open_run_again(self):
        """Return the dialogue in which a manager changes the arguments."""
        self.ensure_one()
        self.check_access("write")
        self._check_not_encrypted()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Run Again with Changed Arguments"),
            "res_model": "queue.job.run.again",
            "view_mode": "form",
            "target": "new",
            "context": {"default_job_id": self.id},
        }

    def _run_again(self, args_text, kwargs_text, user):
        """Delay the job's method on the job's records with arguments that were edited.

        The new job runs as ``user``, without superuser mode; all records that it names
        can be read by him and by who asks.

        :param args_text: JSON of a list; ``kwargs_text``: of an object
        :return: the new job
        :raise AccessError: when who asks may not act for the user, or one of the two
            may not read a record
        :raise UserError: when the arguments cannot be those of a job
        """
        self.ensure_one()
        self.check_access("write")
        self._check_not_encrypted()
        self._check_may_run_again_as(user)
        env = self._env_to_run_again(user)
        try:
            records = self._records_to_run_again(env)
            args, kwargs = self._edited_call(args_text, kwargs_text, env)
            self._check_readable([records, args, kwargs])
            new = self._delay_again(records, args, kwargs)
        except (AttributeError, TypeError, ValueError) as error:
            raise UserError(str(error)) from error
        values = {"run_again_of": self.uuid}
        if user != self.env.user:
            values["delayed_by"] = self.env.uid
        made = new.db_record().with_context(_job_edit_sentinel=self.EDIT_SENTINEL)
        made.write(values)
        return self.browse(made.id)

    def _check_may_run_again_as(self, user):
        flaw = user_flaw(user.sudo())
        if flaw or user.id == SUPERUSER_ID or not self._may_act_for(user.sudo()):
            raise AccessError(
                self.env._(
                    "You may not run a job again as %s: choose yourself, or a user who"
                    " may do no more than you",
                    user.sudo().name or user.id,
                )
            )

    def _env_to_run_again(self, user):
        """Return the environment of the new call: the context is that of the job, as
        far as the user is in its companies."""
        stored = as_stored(self).records.get("context") or {}
        context = dict(from_plain(stored, self.env))
        companies = context.pop("allowed_company_ids", None)
        allowed = set(user.sudo().company_ids.ids)
        if kept := [one for one in companies or () if one in allowed]:
            context["allowed_company_ids"] = kept
        return self.env(user=user.id, su=False, context=context)

    def _records_to_run_again(self, env):
        stored = as_stored(self).records
        if stored.get("model") not in env:
            raise ValueError(
                self.env._("There is no model %s any more", self.model_name)
            )
        records = env[stored["model"]].browse(stored.get("ids", []))
        check_may_be_delayed(records, self.method_name)
        return records

    def _edited_call(self, args_text, kwargs_text, env):
        stored = as_stored(self)
        trusted = trusted_texts([stored.args, stored.kwargs])
        found = []
        for name, kind, text in (
            ("args", list, args_text or "[]"),
            ("kwargs", dict, kwargs_text or "{}"),
        ):
            if len(text) > MOST_EDITED:
                raise EditedError(f"{name} is longer than {MOST_EDITED:,} characters")
            value = edited_value(text, name, env, trusted)
            if type(value) is not kind:
                kinds = {list: self.env._("a list"), dict: self.env._("an object")}
                raise EditedError(
                    self.env._(
                        "%(name)s must be %(kind)s in JSON", name=name, kind=kinds[kind]
                    )
                )
            found.append(value)
        return found

    def _check_readable(self, value):
        """Refuse records that are gone, or that who asks or the job's user may not
        read."""
        for records in records_in(value):
            if records._abstract:
                continue  # there are none, and nothing says who may read them
            if len(records.exists()) < len(records):
                raise UserError(
                    self.env._("Some of these records do not exist: %s", records)
                )
            records.check_access("read")
            records.with_env(self.env).check_access("read")

    def _delay_again(self, records, args, kwargs):
        method = getattr(records, self.method_name)
        new = Job(
            method, args, kwargs, priority=self.priority, channel=self.channel or None,
            max_retries=self.max_retries, description=self.name or None,
        )  # fmt: skip
        new.store()
        return new

    def _made_again(self, most):
        """Return the latest jobs that were made of this one."""
        domain = [("run_again_of", "=", self.uuid)]
        return self.search(domain, order="id DESC", limit=most).sorted("id")
