# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``odoo queue_job check``, the doctor and the form: jobs that cannot run."""

from odoo.tests import new_test_user, tagged

from odoo.addons.queue_job.command.call import FINE, WRONG
from odoo.addons.queue_job.core.explanation.facts import Flaw
from odoo.addons.queue_job.store import runnable

from .test_command import CommandCase


def greet(self, text=None):
    return f"Hello {text}"


def greet_twice(self, first, second):
    return f"Hello {first}, {second}"


@tagged("post_install", "-at_install")
class TestRunnable(CommandCase):
    def setUp(self):
        super().setUp()
        self.put_job(greet)

    def _delayed(self, *args, user=None, records=None):
        records = self.partner if records is None else records
        records = records.with_user(user) if user else records
        record = records.with_delay().greet(*args).db_record()
        self.env.flush_all()
        return record

    def _found(self, **options):
        found = self.env["queue.job"]._examine_waiting(**options)
        return {(t.flaw, t.function): (t.jobs, t.example) for t in found}

    def _set(self, job, **columns):
        for name, value in columns.items():
            self.env.cr.execute(
                f"UPDATE queue_job SET {name} = %s WHERE id = %s", (value, job.id)
            )
        self.env.invalidate_all()

    def test_nothing_is_found_where_all_can_run(self):
        self._delayed("a")
        self.assertEqual(self._found(), {})
        status, out, _err = self.call("check")
        self.assertEqual(status, FINE)
        self.assertIn("Nothing was found", out)
        self.assertIn("1 jobs wait", out)

    def test_each_reason_is_told_with_its_jobs(self):
        one, two = self._delayed(), self._delayed()
        self._set(one, method_name="no_such", channel_method_name="<x>.y")
        self._set(two, method_name="no_such")
        gone = self._delayed()
        self._set(gone, model_name="no.such")
        user = new_test_user(self.env, "leaving", "base.group_user")
        archived = self._delayed(user=user)
        user.sudo().active = False
        userless = self._delayed()
        self._set(userless, user_id=2**30)
        unreadable = self._delayed()
        self._set(
            unreadable,
            method_name="greet_it",
            args='[{"_type": "odoo_recordset", "model": "no.such", "ids": []}]',
        )
        self.put_job(greet.__class__(greet.__code__, globals(), "greet_it", (None,)))
        other = self.env["res.partner"].create({"name": "X"})
        orphan = self._delayed(records=other | self.partner)
        other.unlink()
        self.env.flush_all()
        name = "<res.partner>.greet"
        self.assertEqual(
            self._found(),
            {
                (Flaw.METHOD_GONE, "<res.partner>.no_such"): (2, one.uuid),
                (Flaw.MODEL_GONE, "<no.such>.greet"): (1, gone.uuid),
                (Flaw.USER_ARCHIVED, name): (1, archived.uuid),
                (Flaw.USER_GONE, name): (1, userless.uuid),
                (Flaw.UNREADABLE, "<res.partner>.greet_it"): (1, unreadable.uuid),
                (Flaw.RECORDS_GONE, name): (1, orphan.uuid),
            },
        )

    def test_a_signature_that_changed_is_found(self):
        job = self._delayed("a")
        self.put_job(greet_twice)
        self._set(job, method_name="greet_twice")
        status, rows = self.json("check")
        self.assertEqual(status, WRONG)
        [row] = rows
        self.assertEqual(
            (row["problem"], row["function"], row["jobs"], row["example"]),
            (Flaw.SIGNATURE.value, "<res.partner>.greet_twice", 1, job.uuid),
        )
        self.assertIn("second", row["detail"])
        told = job.with_user(self.manager).explain()
        self.assertIsInstance(told["sentence"], str)

    def test_what_has_ended_does_not_count(self):
        job = self._delayed()
        self._set(job, method_name="no_such", state="done")
        self.assertEqual(self._found(), {})

    def test_a_method_that_was_renamed_with_an_alias_can_run(self):
        job = self._delayed()
        self._set(job, method_name="greet_before")
        self.put_job(greet, aliases="greet_before")
        self.env.registry.clear_cache()
        self.addCleanup(self.env.registry.clear_cache)
        self.assertEqual(self._found(), {})

    def test_of_very_many_some_are_looked_at_part_by_part(self):
        jobs = [self._delayed("a") for _number in range(5)]
        self._set(jobs[4], args="[1, 2, 3]")
        with self.assertNoLogs(level="ERROR"):
            self.assertEqual(self._found(sample=4), {})
        self.assertIn((Flaw.SIGNATURE, "<res.partner>.greet"), self._found())
        self.patch(runnable, "MOST_AT_ONCE", 2)
        found = self.env["queue.job"]._examine_waiting(sample=3)
        self.assertEqual((found.waiting, found.examined, len(found)), (5, 3, 0))
        found = self.env["queue.job"]._examine_waiting(sample=None)
        self.assertEqual((found.waiting, found.examined, len(found)), (5, 5, 1))
        found = self.env["queue.job"]._examine_waiting(most=2)
        self.assertEqual(found.waiting, 2)

    def test_the_doctor_tells_of_it(self):
        job = self._delayed("a")
        self._set(job, args="[1, 2, 3]")
        names = [finding.name for finding in self.env["queue.job.doctor"]._examine()]
        self.assertIn("unrunnable", names)

    def test_the_form_says_that_it_will_fail(self):
        job = self._delayed("a")
        self._set(job, args="[1, 2, 3]")
        self.assertEqual(job._flaw(), Flaw.SIGNATURE)
        for flaw in Flaw:
            reason = type("Reason", (), {"flaw": flaw})
            self.assertTrue(job._say_flaw(reason))
