# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs that ended because another one of their identity key stands for them."""

from odoo import api


class SameJobs:
    """The part of ``queue.job`` that shows which calls became one."""

    __slots__ = ()  # like every model: another layout could not be extended

    @api.depends("same_as")
    def _compute_same_as_id(self):
        uuids = list(set(self.filtered("same_as").mapped("same_as")))
        standing = self.search([("uuid", "in", uuids)]) if uuids else self.browse()
        by_uuid = {job.uuid: job for job in standing}
        for record in self:
            record.same_as_id = by_uuid.get(record.same_as)

    @api.depends("uuid")
    def _compute_same_jobs_count(self):
        counts = dict(
            self._read_group(
                [("same_as", "in", self.mapped("uuid"))], ["same_as"], ["__count"]
            )
        )
        for record in self:
            record.same_jobs_count = counts.get(record.uuid, 0)

    def open_same_jobs(self):
        """Return the list of the jobs that these stand for."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "queue_job.action_queue_job"
        )
        return {
            **action,
            "name": self.env._("Duplicates"),
            "domain": [("same_as", "in", self.mapped("uuid"))],
            "context": {},
        }
