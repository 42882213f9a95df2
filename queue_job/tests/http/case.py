# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Requests to the queue's routes, as a runner or a stranger makes them."""

from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.queue_job.core.request_auth import sign
from odoo.addons.queue_job.job import job
from odoo.addons.queue_job.store import dispatch

RUNJOB = "/queue_job/runjob"


@tagged("post_install", "-at_install")
class QueueHttpCase(HttpCase):
    def setUp(self):
        super().setUp()
        self.partner = self.env["res.partner"].create({"name": "A"})
        secret = self.env["ir.config_parameter"].sudo()
        self.secret = secret.get_param("database.secret")

    def delay(self, func, *args, **options):
        """Put ``func`` on partners and delay it; return the stored ``Job``."""
        place = self.registry["res.partner"]
        patcher = patch.object(place, func.__name__, job(func), create=True)
        patcher.start()
        self.addCleanup(patcher.stop)
        return getattr(self.partner.with_delay(**options), func.__name__)(*args)

    def dispatch(self, *jobs):
        """What the runner does. Return the parameters of its request."""
        self.env.flush_all()
        ids = [delayed.db_record().id for delayed in jobs]
        numbers = {one.uuid: one.attempt for one in dispatch.enqueue(self.env.cr, ids)}
        self.env["queue.job"].invalidate_model()
        return self.signed(*((one.uuid, numbers[one.uuid]) for one in jobs))

    def signed(self, *dispatched_jobs, secret=None):
        uuids = ",".join(uuid for uuid, _attempt in dispatched_jobs)
        attempts = ",".join(str(attempt) for _uuid, attempt in dispatched_jobs)
        return {
            "db": self.env.cr.dbname,
            "job_uuid": uuids,
            "attempt": attempts,
            "signature": sign(
                self.secret if secret is None else secret, uuids, attempts
            ),
        }

    def get(self, url, params=None, headers=None, **options):
        """Send an anonymous request: no session, no cookie."""
        self.authenticate(None, None)
        self.opener.cookies.clear()
        headers = {"X-Odoo-Database": self.env.cr.dbname, **(headers or {})}
        response = self.url_open(
            url, params=params, headers=headers, allow_redirects=False, **options
        )
        self.env["queue.job"].invalidate_model()
        self.partner.invalidate_recordset()
        return response
