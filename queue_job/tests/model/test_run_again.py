# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A manager runs a job again with changed arguments, and with no rights but his own."""

import json
from datetime import date

from markupsafe import Markup

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.queue_job.job import Job, job

from .any_state import write_row
from .case import JobCase, fresh

RECORDS = {"_type": "odoo_recordset", "model": "res.partner"}


def take_it(self, first, second=None, **more):
    return self, first, second, more


def tell_rights(self, records=None, second=None):
    env = self.env if records is None else records.env
    return env.uid, env.su, env.context.get("lang")


class RunAgainCase(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(take_it)
        self.put_job(tell_rights)
        self.job = self.delay_as_root("take_it", 1, second={"a": 2})

    def delay_as_root(self, method, *args, **kwargs):
        """Delay a call that may do everything."""
        records = self.partner.with_user(SUPERUSER_ID).with_context(lang="en_US")
        delayed = records.with_delay(priority=3, channel="root.x", max_retries=7)
        return getattr(delayed, method)(*args, **kwargs).db_record()

    def wizard(self, job=None, user=None, **values):
        """Make the dialogue as the web client does."""
        env = self.env(user=user or self.manager, su=False)
        job = job or self.job
        wizards = env["queue.job.run.again"].with_context(default_job_id=job.id)
        return wizards.create(values)

    def run_again(self, *, job=None, user=None, **values):
        """Return the record of the new job."""
        action = self.wizard(job, user, **values).run_again()
        return self.env["queue.job"].browse(action["res_id"])

    def performed(self, record):
        self.env.flush_all()
        self.env.invalidate_all()
        return Job.load(self.env(user=SUPERUSER_ID), record.uuid).perform()


class TestRunAgain(RunAgainCase):
    def test_the_arguments_are_offered_as_they_were(self):
        wizard = self.wizard()
        self.assertEqual(json.loads(wizard.args), [1])
        self.assertEqual(json.loads(wizard.kwargs), {"second": {"a": 2}})
        again = self.run_again()
        self.assertEqual((again.args, again.kwargs), (self.job.args, self.job.kwargs))

    def test_a_new_job_is_made_with_the_changed_ones(self):
        names = ["state", "records", "args", "kwargs", "user_id", "result", "retry"]
        before = self.job.read(names)
        args = json.dumps([{"_type": "date_isoformat", "value": "2026-11-27"}])
        kwargs = json.dumps({"second": {**RECORDS, "ids": self.partners.ids}, "x": 1})
        again = self.run_again(args=args, kwargs=kwargs)
        self.assertEqual(
            self.performed(again),
            (self.partner, date(2026, 11, 27), self.partners, {"x": 1}),
        )
        self.assertEqual(again.state, "pending")
        self.assertEqual((again.priority, again.channel), (3, "root.x"))
        self.assertEqual(again.max_retries, 7)
        self.assertEqual(again.run_again_of, self.job.uuid)
        self.assertEqual(self.job.read(names), before)

    def test_it_runs_as_the_manager_without_superuser_mode(self):
        job = self.delay_as_root("tell_rights", self.partner.sudo())
        again = self.run_again(job=job)
        self.assertEqual(self.performed(again), (self.manager.id, False, "en_US"))
        self.assertEqual(again.user_id, self.manager)
        self.assertFalse(again.delayed_by)

    def test_whose_the_records_are_cannot_be_entered(self):
        for name, value in (("uid", SUPERUSER_ID), ("su", True), ("context", {})):
            args = json.dumps([{**RECORDS, "ids": self.partner.ids, name: value}])
            with self.subTest(name), self.assertRaisesRegex(UserError, name):
                self.run_again(args=args)
        self.assertNotIn('"su"', self.wizard().args)

    def test_it_may_run_as_one_who_may_do_no_more(self):
        job = self.delay_as_root("tell_rights", self.partner.sudo())
        again = self.run_again(job=job, user_id=self.user.id)
        self.assertEqual(self.performed(again), (self.user.id, False, "en_US"))
        self.assertEqual(again.delayed_by, self.manager.id)

    def test_it_cannot_run_as_one_who_may_do_more(self):
        admin = self.env.ref("base.user_admin")
        gone = new_test_user(self.env, "archived", "base.group_user")
        gone.active = False
        for user in (admin.id, SUPERUSER_ID, gone.id):
            with self.subTest(user=user), self.assertRaises(AccessError):
                self.run_again(user_id=user)
        with self.assertRaises(AccessError):
            self.run_again(user=admin, user_id=SUPERUSER_ID)

    def test_companies_are_those_that_the_user_is_in(self):
        foreign = self.env["res.company"].create({"name": "Foreign"})
        own = self.manager.company_id
        write_row(self.job, company_id=None)
        for given, kept in (([foreign.id], None), ([foreign.id, own.id], [own.id])):
            marked = {**RECORDS, "ids": self.partner.ids, "su": True, "uid": 1}
            marked["context"] = {"allowed_company_ids": given}
            write_row(self.job, records=json.dumps(marked))
            again = self.run_again()
            context = again.records.env.context
            with self.subTest(given=given):
                self.assertEqual(context.get("allowed_company_ids"), kept)
                self.assertEqual(again.company_id, own)

    def test_the_context_arrives_as_it_did(self):
        marked = {**RECORDS, "ids": self.partner.ids}
        on = {"_type": "date_isoformat", "value": "2026-01-01"}
        marked["context"] = {"on": on, "pair": {"_type": "python_tuple", "value": [1]}}
        write_row(self.job, records=json.dumps(marked))
        self.patch(
            type(self.partner),
            "_job_prepare_context_before_enqueue_keys",
            lambda self: ("on", "pair"),
        )
        context = self.run_again().records.env.context
        self.assertEqual((context["on"], context["pair"]), (date(2026, 1, 1), (1,)))

    def test_records_must_be_readable_for_the_manager_and_for_the_user(self):
        secret = self.env["ir.config_parameter"].sudo().search([], limit=1)
        mark = {"_type": "odoo_recordset", "model": secret._name, "ids": secret.ids}
        for args in ([mark], [[{"deep": mark}]]):
            with self.assertRaises(AccessError):
                self.run_again(args=json.dumps(args))
        job = self.delay_as_root("take_it", secret)
        with self.assertRaises(AccessError):
            self.run_again(job=job)
        # an administrator may read it, the user whom it would run as may not
        admin = self.env.ref("base.user_admin")
        self.assertTrue(self.run_again(job=job, user=admin))
        with self.assertRaises(AccessError):
            self.run_again(job=job, user=admin, user_id=self.user.id)

    def test_records_that_are_gone_are_refused(self):
        gone = self.env["res.partner"].create({"name": "Gone"})
        gone_id = gone.id
        gone.unlink()
        with self.assertRaisesRegex(UserError, "do not exist"):
            self.run_again(args=json.dumps([{**RECORDS, "ids": [gone_id]}]))

    def test_what_stands_for_nothing_is_refused_with_its_place(self):
        for args, message in (
            ("[1", "args: "),
            ('{"a": 1}', "args must be a list"),
            ("[NaN]", "NaN"),
            ("[" * 5000 + "]" * 5000, "args"),
            ("[" * 150 + "]" * 150, "nested"),
            ('["' + "x" * 200_000 + '"]', "longer than"),
            ('["\\u0000"]', "cannot be stored"),
            ('["\\ud800"]', "cannot be stored"),
            ("[1, 2, 3]", "does not take these arguments"),
            ('[{"_type": "nothing", "value": 1}]', r"args\[0\].*no type"),
            ('[{"_type": "date_isoformat", "value": "x"}]', "args"),
            ('[{"_type": "odoo_command", "value": 99}]', "args"),
            ('[{"_type": "python_dict", "value": [[[1], 2]]}]', "args"),
            ('[{"_type": "odoo_recordset", "model": "x.y", "ids": [1]}]', "no model"),
            ('[{"_type": "odoo_recordset", "model": "base", "ids": [1]}]', "no model"),
            ('[{"_type": "odoo_recordset", "model": "res.users", "ids": "1"}]', "ids"),
            ('[{"_type": "odoo_recordset", "model": "res.users", "ids": [0]}]', "ids"),
        ):
            with (
                self.subTest(args=args[:80]),
                self.assertRaisesRegex(UserError, message),
            ):
                self.run_again(args=args)
        with self.assertRaisesRegex(UserError, "kwargs must be an object"):
            self.run_again(kwargs="[]")
        with self.assertRaisesRegex(UserError, "does not take these arguments"):
            self.run_again(kwargs='{"first": 1}')

    def test_xml_brings_no_files_of_the_server(self):
        evil = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>'
        for text in (evil, "<a"):
            args = json.dumps([{"_type": "etree_element", "value": text}])
            with self.subTest(text), self.assertRaisesRegex(UserError, r"args\[0\]"):
                self.run_again(args=args)
        args = json.dumps([{"_type": "etree_element", "value": "<a><b/></a>"}])
        self.assertEqual(self.run_again(args=args).args[0].tag, "a")

    def test_markup_is_only_what_the_job_had(self):
        job = self.delay_as_root("take_it", Markup("<b>x</b>"))
        again = self.run_again(job=job)
        self.assertEqual(again.args[0], Markup("<b>x</b>"))
        self.assertIsInstance(again.args[0], Markup)
        args = json.dumps([{"_type": "markup", "value": "<script/>"}])
        with self.assertRaisesRegex(UserError, "markup is trusted"):
            self.run_again(job=job, args=args)

    def test_a_method_of_an_abstract_model_is_called_by_who_may_see_the_job(self):
        self.put(job(fresh(tell_rights)), model="queue.job.doctor")
        made = self.env["queue.job.doctor"].with_delay().tell_rights().db_record()
        again = self.run_again(job=made)
        self.assertEqual(self.performed(again)[:2], (self.manager.id, False))

    def test_only_a_method_that_is_a_job_is_called(self):
        write_row(self.job, method_name="unlink")
        with self.assertRaisesRegex(UserError, "not allowed to be delayed"):
            self.run_again()
        write_row(self.job, method_name="there_is_none")
        with self.assertRaises(UserError):
            self.run_again()

    def test_arguments_too_large_to_be_edited_are_said_to_be(self):
        job = self.delay_as_root("take_it", "x" * 200_001)
        with self.assertRaisesRegex(UserError, "too large"):
            self.wizard(job).args  # noqa: B018


class TestWhoRunsAgain(RunAgainCase):
    def test_users_who_only_read_jobs_may_not(self):
        reader = new_test_user(
            self.env, "reader", "base.group_user,queue_job.group_queue_job_user"
        )
        for user in (reader, self.user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, "queue.job", "open_run_again", self.job.ids)
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.wizard(user=user)

    def test_no_job_of_another_company(self):
        foreign = self.env["res.company"].create({"name": "Foreign"})
        write_row(self.job, company_id=foreign.id)
        with self.assertRaises(AccessError):
            self.wizard().run_again()

    def test_the_dialogue_of_another_manager_is_not_his(self):
        other = new_test_user(
            self.env, "other", "base.group_user,queue_job.group_queue_job_manager"
        )
        wizard = self.wizard()
        with self.assertRaises(AccessError):
            self.rpc(other, wizard._name, "run_again", wizard.ids)

    def test_the_private_door_is_none_for_clients(self):
        with self.assertRaises(AccessError):
            self.rpc(
                self.manager, "queue.job", "_run_again", self.job.ids, "[]", "{}", 1
            )

    def test_whence_a_job_comes_cannot_be_written(self):
        for command in (
            {"run_again_of": "x"},
            {"worker_host": "x"},
        ):
            with self.assertRaises(AccessError):
                self.rpc(self.manager, "queue.job", "write", self.job.ids, command)
        with self.assertRaises(AccessError):
            self.rpc(
                self.manager,
                "queue.requeue.job",
                "create",
                [{"job_ids": [Command.update(self.job.id, {"run_again_of": "x"})]}],
            )
