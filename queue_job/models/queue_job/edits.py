# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What users change in the plan of a job: kept in its chatter, as Odoo tracks
values."""

from odoo.tools import format_datetime

from ...core.timeline import Edit
from ..part import ModelPart
from ..tracked import with_tracking

#: What users change on a form.
PLAN = frozenset(
    {
        "channel", "priority", "eta", "expires_at", "max_retries", "timeout", "user_id",
    }
)  # fmt: skip
#: Whoever writes more jobs at once edits no form: that is what actions are for.
_MOST_TOGETHER = 20
#: So many changed values of one job are told of, the latest.
_MOST_EDITS = 100


class JobEdits(ModelPart):
    """The part of ``queue.job`` that keeps who planned a job anew, and how. What code
    writes as superuser is no edit, and an action on many jobs is kept as a whole."""

    _name = "queue.job"
    _register = False

    def write(self, vals):
        if PLAN.isdisjoint(vals) or not self._are_edits():
            return super().write(vals)
        tracked = with_tracking(self)
        result = super(JobEdits, tracked).write(vals)
        tracked._track_finalize()  # now: the form that saves shows it
        return result

    def _are_edits(self):
        is_of_queue = self.env.su or self._holds_sentinel() or self._is_in_action()
        return not is_of_queue and len(self) <= _MOST_TOGETHER

    def _track_prepare(self, fields_iter):
        if not self._are_edits():
            fields_iter = set(fields_iter) - PLAN
        return super()._track_prepare(fields_iter)

    def _track_get_fields(self):
        # not by an attribute of the fields: Odoo would make the user a follower
        return super()._track_get_fields() | PLAN

    # --- what is kept of it -----------------------------------------------------------

    def _edits(self):
        """Return the values that users changed, oldest first, in superuser mode."""
        domain = [
            ("mail_message_id.model", "=", self._name),
            ("mail_message_id.res_id", "=", self.id),
            ("field_id.name", "in", sorted(PLAN)),
        ]
        values = self.env["mail.tracking.value"].sudo()
        return values.search(domain, order="id desc", limit=_MOST_EDITS).sorted("id")

    def _edits_to_tell(self, values):
        """Return what was changed together, for :func:`~..core.timeline.events`."""
        messages = values.mail_message_id.sorted("id")
        return [Edit(message.id, message.date) for message in messages]

    def _words_of_edit(self, values):
        """Return who changed what, from what to what."""
        who = values.mail_message_id.author_id.name or self.env._("a user that is gone")
        lines = [self._words_of_value(value) for value in values]
        return self.env._("Changed by %s", who), *lines

    def _words_of_value(self, value):
        before, after = (self._shown_value(value, is_new) for is_new in (False, True))
        field = self._fields[value.field_id.name]
        label = field._description_string(self.env)
        return f"{label}: {before} → {after}"

    def _shown_value(self, value, is_new):
        kind = value.field_id.ttype
        if kind == "datetime":
            moment = value.new_value_datetime if is_new else value.old_value_datetime
            return format_datetime(self.env, moment) or self.env._("none")
        [shown] = value._format_display_value(kind, new=is_new)
        return str(shown) if shown or kind == "integer" else self.env._("none")
