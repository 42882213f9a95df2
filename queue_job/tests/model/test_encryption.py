# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import logging
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.exceptions import UserError

from odoo.addons.queue_job import encryption
from odoo.addons.queue_job.command.keys import encrypt
from odoo.addons.queue_job.delaying.identity import Identity
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import Job

from .case import WORKER_LOGGER, JobCase

OLD, NEW = (Fernet.generate_key().decode() for _key in range(2))
SECRET = "correct horse battery staple"
RAN = []


def pay(self, card, *, code=None):
    """Pay with a card"""
    RAN.append((self, card, code))


def refuse(self, card):
    try:
        raise ValueError(card)
    except ValueError as error:
        raise KeyError(f"no card {card}") from error


def ask_again(self, card):
    raise RetryableJobError(f"busy with {card}", seconds=5)


class TestEncryption(JobCase):
    """Arguments that nobody is to see but the job."""

    def setUp(self):
        super().setUp()
        RAN.clear()
        self.use_keys(OLD)

    def use_keys(self, *keys):
        found = {"encryption_keys": ", ".join(keys)}
        patcher = patch.object(encryption, "setting", found.get)
        patcher.start()
        self.addCleanup(patcher.stop)

    def delay_secret(self, func=pay, **options):
        self.put_job(func, encrypted=True)
        delayed = getattr(self.partner.with_delay(**options), func.__name__)
        return delayed(SECRET, code=self.user) if func is pay else delayed(SECRET)

    def row(self, delayed):
        """All columns of the job and of its attempts, as text."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT to_json(job)::text || coalesce((SELECT json_agg(a)::text FROM"
            " queue_job_attempt a WHERE a.job_id = job.id), '') FROM queue_job job"
            " WHERE uuid = %s",
            (delayed.uuid,),
        )
        return self.env.cr.fetchone()[0]

    def test_the_job_gets_them_as_they_were(self):
        delayed = self.delay_secret()
        self.assertNotIn(SECRET, self.row(delayed))
        self.assertEqual(self.run_job(delayed), "done")
        self.assertEqual(RAN, [(self.partner, SECRET, self.user)])
        self.assertNotIn(SECRET, self.row(delayed))

    def test_many_at_once_are_encrypted_too(self):
        self.put_job(pay, encrypted=True)
        delayed = self.partner.delay_many("pay", [(SECRET,), (SECRET,)])
        for one in delayed:
            self.assertNotIn(SECRET, self.row(one))
            self.assertEqual(Job.load(self.env, one.uuid).args, (SECRET,))

    def test_another_add_on_that_makes_the_rows_gets_them_encrypted(self):
        with patch.object(self.registry["queue.job"], "_insert_jobs", by_orm):
            delayed = self.delay_secret()
        self.assertNotIn(SECRET, self.row(delayed))
        self.assertEqual(self.run_job(delayed), "done")
        self.assertEqual(RAN, [(self.partner, SECRET, self.user)])

    def test_a_manager_chooses_it_for_a_method(self):
        self.put_job(pay)
        function = self.env["queue.job.function"].create(
            {"name": "<res.partner>.pay", "is_encrypted": True}
        )
        self.assertNotIn(SECRET, self.row(self.partner.with_delay().pay(SECRET)))
        function.is_encrypted = False
        self.assertIn(SECRET, self.row(self.partner.with_delay().pay(SECRET)))

    def test_clients_and_exports_see_that_they_are_encrypted(self):
        record = self.delay_secret().db_record()
        self.env.flush_all()
        self.env.invalidate_all()
        names = ["args", "kwargs", "func_string", "name"]
        [read] = self.rpc(self.manager, "queue.job", "read", record.ids, names)
        self.assertEqual(read["args"], ["encrypted"])
        self.assertEqual(read["kwargs"], {"encrypted": True})
        self.assertEqual(
            read["func_string"], f"res.partner({self.partner.id},).pay(encrypted)"
        )
        exported = record.export_data(names)
        self.assertNotIn(SECRET, str(exported))
        self.assertNotIn("value", str(exported))
        self.assertEqual(record.args, ["encrypted"])

    def test_nobody_runs_it_again_with_other_arguments_or_for_trial(self):
        record = self.delay_secret().db_record().with_user(self.manager)
        with self.assertRaisesRegex(UserError, "encrypted"):
            record.open_run_again()
        with self.assertRaisesRegex(UserError, "encrypted"):
            record._run_again("[]", "{}", self.manager)
        self.manager.group_ids += self.env.ref("base.group_system")
        with self.assertRaisesRegex(UserError, "encrypted"):
            record._dry_run()

    def test_nothing_is_kept_of_its_log(self):
        self.put_job(pay, encrypted=True, keep_log="always")
        delayed = self.partner.with_delay().pay(SECRET)
        self.assertEqual(delayed.call.keep_log, "off")

    def test_what_an_error_quotes_is_told_nowhere(self):
        delayed = self.delay_secret(refuse)
        logged = self.run_failing(delayed)
        row = self.row(delayed)
        for text in (logged, row):
            self.assertNotIn(SECRET, text)
            self.assertIn("KeyError", text)
        record = delayed.db_record()
        self.assertIn("test_encryption.py", record.exc_info)
        self.assertIn("ValueError", record.exc_info)
        self.assertIn("encrypted", record.exc_message)
        self.assertNotIn(SECRET, str(record.message_ids.mapped("body")))

    def test_nor_what_one_says_that_asks_for_another_attempt(self):
        delayed = self.delay_secret(ask_again)
        with self.assertLogs(WORKER_LOGGER, logging.DEBUG) as logged:
            self.assertEqual(self.run_job(delayed), "postponed")
        self.assertNotIn(SECRET, "\n".join(logged.output))
        self.assertNotIn(SECRET, self.row(delayed))

    def test_without_a_key_nothing_is_stored(self):
        self.use_keys()
        before = self.env["queue.job"].search_count([])
        with self.assertRaisesRegex(ValueError, r"res.partner>.pay .*encryption_keys"):
            self.delay_secret()
        self.assertEqual(self.env["queue.job"].search_count([]), before)

    def test_a_wrong_key_is_named_and_not_shown(self):
        self.use_keys(OLD, "hunter2")
        with self.assertRaisesRegex(ValueError, "key number 2") as caught:
            self.delay_secret()
        self.assertNotIn("hunter2", str(caught.exception))

    def test_they_cannot_be_merged(self):
        key = Identity("k", on_duplicate="merge")
        with self.assertRaisesRegex(ValueError, "cannot be compared"):
            self.delay_secret(identity_key=key)

    def test_an_older_key_still_decrypts(self):
        delayed = self.delay_secret()
        self.use_keys(NEW, OLD)
        self.assertEqual(self.run_job(delayed), "done")
        self.assertEqual(RAN, [(self.partner, SECRET, self.user)])

    def test_a_job_whose_key_is_gone_fails_and_says_which(self):
        delayed = self.delay_secret()
        self.use_keys(NEW)
        logged = self.run_failing(delayed)
        self.assertIn(encryption.name_of(OLD), logged)
        self.use_keys(NEW, OLD)
        delayed.db_record().requeue()
        self.assertEqual(self.run_job(delayed), "done")

    def test_a_damaged_text_fails_clearly(self):
        delayed = self.delay_secret()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET args = jsonb_set(args::jsonb, '{value}', '\"x\"')"
            " WHERE uuid = %s",
            (delayed.uuid,),
        )
        self.assertIn("damaged", self.run_failing(delayed))

    def test_what_cannot_be_made_of_them_is_told_nowhere(self):
        delayed = self.delay_secret()
        odd = [{"_type": "date_isoformat", "value": SECRET}]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET args = %s WHERE uuid = %s",
            (json.dumps(encryption.encrypt(json.dumps(odd))), delayed.uuid),
        )
        self.env.invalidate_all()
        logged = self.run_failing(delayed)
        self.assertIn(
            "cannot be made again, ValueError", delayed.db_record().exc_message
        )
        for told in (logged, self.row(delayed)):
            self.assertNotIn(SECRET, told)

    def test_what_waits_is_encrypted_with_a_new_key(self):
        delayed, started = self.delay_secret(), self.delay_secret()
        self.delay(pay, "no secret")
        self.dispatch(started)
        self.env.cr.execute(
            "UPDATE queue_job SET state = 'started' WHERE uuid = %s", (started.uuid,)
        )
        self.use_keys(NEW, OLD)
        told = []
        status = encrypt(command_call(self.env, told))
        self.assertEqual(status, 1)
        self.assertIn({"encrypted": 1, "left": 1}, told)
        self.use_keys(NEW)
        self.assertEqual(self.run_job(delayed), "done")
        self.assertEqual(RAN, [(self.partner, SECRET, self.user)])

    def test_a_call_that_looks_encrypted_is_a_call(self):
        looks = {"_type": "encrypted", "key": "k", "value": "v"}
        delayed = self.delay(pay, looks)
        self.assertEqual(self.run_job(delayed), "done")
        self.assertEqual(RAN[-1][1], looks)
        stored = self.row(delayed)
        self.assertIn("python_dict", json.dumps(stored))


def by_orm(self, vals_list, calls):
    return self._insert_jobs_by_orm(vals_list)


class Told:
    """What a subcommand answers."""

    def __init__(self, told):
        self.answer = self.say = self.complain = told.append


def command_call(env, told):
    class Call:
        out = Told(told)

        def commit(self):
            pass

        def log(self, *args):
            pass

    call = Call()
    call.env = env
    return call
