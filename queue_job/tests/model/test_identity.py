# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib

from odoo.addons import queue_job
from odoo.addons.queue_job import job as job_module
from odoo.addons.queue_job.job import Job

from .case import JobCase


class TestIdentityExact(JobCase):
    """The digest is stored with waiting jobs: it must never change."""

    def _job(self, *args, records=None, **kwargs):
        records = self.partners if records is None else records
        return Job(records.write, args=args, kwargs=kwargs)

    def test_the_digest_is_that_of_the_parts_in_order(self):
        made = self._job(1, "é", b=2, a=[3])
        expected = hashlib.sha1()
        expected.update(b"res.partner")
        expected.update(b"write")
        expected.update(str(sorted(self.partners.ids)).encode("utf-8"))
        expected.update(str((1, "é")).encode("utf-8"))
        expected.update(str([("a", [3]), ("b", 2)]).encode("utf-8"))
        self.assertEqual(queue_job.identity_exact(made), expected.hexdigest())

    def test_a_digest_once_and_for_all(self):
        fake = Job(self.env["res.partner"].browse([7, 5]).write, args=[{"name": "x"}])
        self.assertEqual(
            queue_job.identity_exact(fake), "77deb5575d872e9bc4aaf9f96603af19b753eafb"
        )

    def test_the_order_of_records_and_keywords_does_not_matter(self):
        reverse = self._job(1, b=2, a=1, records=self.partners[::-1])
        self.assertEqual(
            queue_job.identity_exact(self._job(1, a=1, b=2)),
            queue_job.identity_exact(reverse),
        )

    def test_every_part_matters(self):
        keys = {
            queue_job.identity_exact(made)
            for made in (
                self._job(),
                self._job(1),
                self._job(a=1),
                self._job(records=self.partner),
                Job(self.partners.unlink),
                Job(self.env["res.users"].browse(self.partners.ids).write),
            )
        }
        self.assertEqual(len(keys), 6)

    def test_the_hasher_is_still_open(self):
        made = self._job(1)
        hasher = job_module.identity_exact_hasher(made)
        self.assertEqual(hasher.hexdigest(), queue_job.identity_exact(made))
        hasher.update(b"more")
        self.assertNotEqual(hasher.hexdigest(), queue_job.identity_exact(made))

    def test_it_is_the_same_function_everywhere(self):
        self.assertIs(queue_job.identity_exact, job_module.identity_exact)
