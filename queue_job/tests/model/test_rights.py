# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What managers may change of a job, and as whom they may let it run."""

import json
from contextlib import suppress

import psycopg2

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.queue_job.core.states import TRANSITIONS, State
from odoo.addons.queue_job.job import Job

from .any_state import AnyState
from .case import JobCase

MANAGER = "base.group_user,queue_job.group_queue_job_manager"
#: What people plan of a job, as the form lets them.
PLANNED = {
    "user_id", "state", "priority", "eta", "max_retries", "channel", "timeout",
    "expires_at",
}  # fmt: skip


def show_user(self):
    return self.env.uid, self.env.su


class RightsCase(AnyState, JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(show_user)
        self.job = self._delay()

    def _delay(self, **options):
        records = self.partner.with_user(self.user)
        return records.with_delay(**options).show_user().db_record()

    def _doors(self, job, values):
        """The ways over which a client writes values of a job."""
        yield (
            "write",
            lambda: self.rpc(self.manager, "queue.job", "write", job.ids, values),
        )
        yield (
            "web_save",
            lambda: self.rpc(
                self.manager, "queue.job", "web_save", job.ids, values, {}
            ),
        )
        command = {"job_ids": [Command.update(job.id, values)]}
        for wizard in ("queue.requeue.job", "queue.jobs.to.done"):
            yield (
                wizard,
                lambda wizard=wizard: self.rpc(
                    self.manager, wizard, "create", [command]
                ),
            )

    def assert_closed(self, job, values):
        for door, write in self._doors(job, values):
            with self.subTest(door=door, **values), self.assertRaises(AccessError):
                write()
                self.env.flush_all()

    def run_as(self, record):
        """The user and the flag that a job runs with."""
        self.env.flush_all()
        self.env.invalidate_all()
        return Job.load(self.env, record.uuid).perform()


class TestWrittenValues(RightsCase):
    """A value is converted once, then judged, then stored as judged."""

    def test_a_user_that_is_named_in_another_way_is_the_same_user(self):
        for root in (SUPERUSER_ID, str(SUPERUSER_ID), (SUPERUSER_ID, "x")):
            self.assert_closed(self.job, {"user_id": root})
        self.assertEqual(self.run_as(self.job), (self.user.id, False))

    def test_what_is_no_user_is_refused(self):
        for value in ("x", " 1", "1.0", 1.0, True, [1], [[6, 0, [1]]], {"id": 1}, {1}):
            for door, write in self._doors(self.job, {"user_id": value}):
                with self.subTest(door=door, value=value):
                    with self.assertRaisesRegex(UserError, "no value of user_id"):
                        write()
        self.assertEqual(self.job.user_id, self.user)

    def test_a_user_that_is_named_as_text_is_that_user(self):
        self.rpc(
            self.manager, "queue.job", "write", self.job.ids,
            {"user_id": str(self.manager.id)},
        )  # fmt: skip
        self.assertEqual(self.run_as(self.job), (self.manager.id, False))

    def test_an_import_is_a_write(self):
        self.env.flush_all()
        columns, values = [".id", "user_id/.id"], [str(self.job.id), str(SUPERUSER_ID)]
        loaded = self.rpc(self.manager, "queue.job", "load", columns, [values])
        self.assertFalse(loaded["ids"])
        self.assertEqual(self.run_as(self.job), (self.user.id, False))

    def test_a_state_that_is_none_is_refused(self):
        for value in ("x", False, None, "", [], ["pending"], {}, 1, True):
            with self.subTest(value=value), self.assertRaises(UserError):
                self.rpc(
                    self.manager, "queue.job", "write", self.job.ids, {"state": value}
                )
        self.assertEqual(self.job.state, State.PENDING)

    def test_people_make_the_moves_of_people(self):
        jobs = self.make_job_in_each_state()
        for source, job in jobs.items():
            for target in State:
                is_open = source == target or any(
                    move.made_by == "person"
                    and source in move.sources
                    and target == move.target
                    for move in TRANSITIONS.values()
                )
                with self.subTest(source=source, target=target):
                    with self.env.cr.savepoint() as point:
                        if is_open:
                            job.with_user(self.manager).state = target
                        else:
                            with self.assertRaises(UserError):
                                job.with_user(self.manager).state = target
                        point.rollback()

    def test_the_state_that_a_job_has_is_no_move(self):
        """A row may be written for another reason while it is named."""
        failed = self.make_job(State.FAILED)
        failed.sudo().date_failed = "2020-01-01 00:00:00"
        before = failed.date_failed
        for _door, write in self._doors(failed, {"state": "failed", "priority": 3}):
            write()
        self.assertEqual(failed.date_failed, before)
        told = failed.message_ids.subtype_id
        self.assertNotIn(self.env.ref("queue_job.mt_job_failed"), told)
        self.assertEqual(failed.priority, 3)

    def test_a_running_job_is_not_written_with_the_state_that_it_has(self):
        running = self.make_job(State.STARTED)
        self.put_on(self.registry["queue.job"], "_is_unlocked", lambda self: False)
        values = {"state": "started", "priority": 3}
        for door, write in self._doors(running, values):
            with self.subTest(door), self.assertRaisesRegex(UserError, "is running"):
                write()
        self.assertNotEqual(running.priority, 3)

    def test_buttons_take_ids(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        elsewhere = self.make_job(State.FAILED, company_id=company.id)
        for job in (elsewhere, self.job):
            for ids in ([str(job.id)], str(job.id), [float(job.id)], [True]):
                for button in ("requeue", "button_done", "button_cancelled"):
                    with self.subTest(ids=ids, button=button):
                        with self.env.cr.savepoint(), self.assertRaises(UserError):
                            self.rpc(self.manager, "queue.job", button, ids)
        self.assertEqual(elsewhere.state, State.FAILED)

    def test_a_selection_reaches_no_further_than_its_user(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        elsewhere = self.make_job(State.FAILED, company_id=company.id)
        for ids in ([elsewhere.id], [str(elsewhere.id)]):
            for door in ({"job_ids": [[6, 0, ids]]}, {"job_ids": [[4, ids[0], 0]]}, {}):
                with self.subTest(ids=ids, door=door), self.env.cr.savepoint() as point:
                    with suppress(UserError, psycopg2.ProgrammingError):
                        wizard = self.rpc(
                            self.manager, "queue.requeue.job", "create", [door],
                            context={"active_model": "queue.job", "active_ids": ids},
                        )  # fmt: skip
                        self.rpc(self.manager, "queue.requeue.job", "requeue", wizard)
                        self.assertEqual(elsewhere.state, State.FAILED)
                    point.rollback()

    def test_who_paused_a_channel_is_not_written_by_clients(self):
        channel = self.env["queue.job.channel"].create(
            {"name": "stamped", "parent_id": self.env.ref("queue_job.channel_root").id}
        )
        channel.with_user(self.manager).pause()
        paused = channel.date_paused
        for values in (
            {"paused_by_id": SUPERUSER_ID, "date_paused": "2020-01-01 00:00:00"},
            {"is_paused": "yes", "paused_by_id": SUPERUSER_ID},
            {"is_paused": 1, "date_paused": "2020-01-01 00:00:00"},
        ):
            with self.subTest(values):
                admin = self.env.ref("base.user_admin")
                self.rpc(admin, "queue.job.channel", "write", channel.ids, values)
                self.assertTrue(channel.is_paused)
                self.assertEqual(channel.paused_by_id, self.manager)
                self.assertEqual(channel.date_paused, paused)


class TestManyJobs(RightsCase):
    def many(self):
        jobs = self.env["queue.job"].browse()
        for _number in range(120):
            jobs |= self.make_job(State.FAILED)
        return jobs

    def test_the_right_to_move_many_jobs_is_judged_without_reading_them(self):
        jobs = self.many().with_user(self.manager)
        self.env.invalidate_all()
        jobs.check_access("write")
        company = jobs._fields["company_id"]
        self.assertFalse(company._get_cache(jobs.env))

    def test_one_of_many_jobs_that_is_not_his_is_refused(self):
        jobs = self.many()
        jobs[70].company_id = self.env["res.company"].create({"name": "Elsewhere"})
        jobs = jobs.with_user(self.manager)
        for move in ("requeue", "button_done", "button_cancelled"):
            with self.assertRaises(AccessError):
                getattr(jobs, move)()
        self.assertEqual(jobs._filtered_access("write"), jobs - jobs[70])
        self.assertEqual(set(jobs.sudo().mapped("state")), {"failed"})
        (jobs - jobs[70]).requeue()

    def test_who_is_no_manager_may_move_none_of_many_jobs(self):
        jobs = self.many().with_user(self.user)
        self.assertFalse(jobs._filtered_access("write"))
        with self.assertRaises(AccessError):
            jobs.requeue()


class TestRowsWithoutUser(RightsCase):
    def _forget_user(self, **stored):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET user_id = NULL WHERE id = %s", self.job.ids
        )
        self.env.invalidate_all()
        field = self.job._fields["records"]
        records = {**field.convert_to_read(self.job.records, self.job), **stored}
        self.env.cr.execute(
            "UPDATE queue_job SET records = %s WHERE id = %s",
            (json.dumps(records), self.job.id),
        )
        self.env.invalidate_all()

    def test_with_rights_in_the_records_it_never_runs(self):
        for stored in (
            {"uid": SUPERUSER_ID}, {"su": True}, {"uid": "1"}, {"uid": None},
        ):  # fmt: skip
            with self.subTest(**stored), self.env.cr.savepoint() as point:
                self._forget_user(**stored)
                delayed = Job.load(self.env, self.job.uuid)
                self.run_failing(delayed)
                self.assertIn("has no user: set one", self.job.exc_message)
                point.rollback()
                self.env.invalidate_all()

    def test_nor_does_it_where_another_add_on_performs_it(self):
        self._forget_user(su=True)
        with self.assertRaisesRegex(Exception, "has no user: set one"):
            Job.load(self.env, self.job.uuid).perform()

    def test_it_runs_as_an_ordinary_user_that_the_records_name(self):
        self._forget_user()
        self.assertEqual(self.run_as(self.job), (self.user.id, False))


class TestChosenUser(RightsCase):
    """A manager lets jobs run as himself, as who delayed them, or as one who may do
    nothing that he may not."""

    def setUp(self):
        super().setUp()
        self.job.user_id = self.manager
        self.company = self.env["res.company"].create({"name": "Elsewhere"})

    def _user(self, login, groups="base.group_user", **values):
        return new_test_user(self.env, login, groups, **values)

    def _choose(self, user, chooser=None):
        self.job.with_user(chooser or self.manager).user_id = user

    def test_himself_and_who_delayed_it(self):
        for user in (self.user, self.manager, self.user):
            self._choose(user)
            self.assertEqual(self.run_as(self.job), (user.id, False))

    def test_who_delayed_it_though_he_may_more(self):
        mighty = self._user("mighty", "base.group_system")
        self.user = mighty
        self.job = self._delay()
        for user in (self.manager, mighty, self.manager):
            self._choose(user)
            self.assertEqual(self.run_as(self.job), (user.id, False))

    def test_one_of_fewer_or_the_same_groups(self):
        for user in (self._user("plain"), self._user("equal", MANAGER)):
            self._choose(user)
            self.assertEqual(self.run_as(self.job), (user.id, False))

    def test_nobody_of_a_group_that_he_has_not(self):
        group = self.env["res.groups"].create({"name": "Accountants"})
        implying = self.env["res.groups"].create(
            {"name": "Chief", "implied_ids": [Command.link(group.id)]}
        )
        own = self._user("own", MANAGER)
        own.group_ids |= implying
        accountant = self._user("accountant")
        accountant.group_ids |= group
        strangers = [
            accountant,
            self._user("rights", "base.group_user,base.group_erp_manager"),
            self._user("settings", "base.group_system"),
            self._user("customer", "base.group_portal"),
            self.env.ref("base.user_root"),
            self.env.ref("base.user_admin"),
        ]
        for user in strangers:
            with self.subTest(user.login):
                for door, write in self._doors(self.job, {"user_id": user.id}):
                    with (
                        self.subTest(door),
                        self.assertRaisesRegex(AccessError, "may do more than you"),
                    ):
                        write()
                self.assertEqual(self.job.user_id, self.manager)
        self._choose(accountant, own)  # his groups imply it
        self.assertEqual(self.run_as(self.job), (accountant.id, False))

    def test_nobody_of_a_company_that_he_is_not_of(self):
        companies = [Command.set((self.company | self.env.company).ids)]
        elsewhere = self._user("elsewhere", company_ids=companies)
        with self.assertRaises(AccessError):
            self._choose(elsewhere)
        self.manager.company_ids |= self.company
        self._choose(elsewhere)
        self.assertEqual(self.job.user_id, elsewhere)

    def test_an_administrator_anybody(self):
        admin = self.env.ref("base.user_admin")
        for user in (self._user("customer", "base.group_portal"), admin):
            self._choose(user, admin)
            self.assertEqual(self.job.user_id, user)

    def test_each_job_of_several_is_judged(self):
        mighty = self._user("mighty", "base.group_system")
        own = self.partner.with_user(mighty).with_delay().show_user().db_record()
        own.user_id = self.manager
        with self.assertRaises(AccessError):
            (own | self.job).with_user(self.manager).user_id = mighty
        own.with_user(self.manager).user_id = mighty
        self.assertEqual(self.run_as(own), (mighty.id, False))

    def test_nobody_forges_who_delayed_it(self):
        self.assert_closed(self.job, {"delayed_by": SUPERUSER_ID})
        with self.assertRaises(AccessError):
            self.job.sudo().delayed_by = SUPERUSER_ID

    def test_emptied_it_still_knows_who_delayed_it(self):
        self._choose(False)
        self.assertEqual(self.job.delayed_by, self.user.id)
        self._choose(self.user)
        self.assertEqual(self.run_as(self.job), (self.user.id, False))


class TestWhatTheQueueKeeps(RightsCase):
    def test_people_do_not_write_it(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        for values in (
            {"identity_key": "theirs"}, {"identity_until": "done"},
            {"identity_period": 9}, {"identity_on_duplicate": "merge"},
            {"identity_deadline": "2030-01-01 00:00:00"}, {"same_as": "x"},
            {"identity_supersedes": True},
            {"graph_uuid": "x"}, {"company_id": company.id}, {"company_id": False},
            {"retry": 0}, {"result": "x"}, {"exc_info": "x"}, {"exec_time": 9},
            {"date_done": "2030-01-01 00:00:00"}, {"date_failed": False},
            {"worker_pid": 9},
        ):  # fmt: skip
            self.assert_closed(self.job, values)

    def test_every_column_is_planned_by_people_or_closed_to_them(self):
        for name, field in self.job._fields.items():
            is_own = (
                field.store
                and field.column_type
                and ("queue_job" in field._modules and name != "id")
            )
            if is_own:
                with self.subTest(name):
                    closed = self.job._is_closed_to_people(name)
                    self.assertNotEqual(name in PLANNED, closed)

    def _assert_no_trace(self, context):
        records = self.partner.with_user(self.manager).with_context(**context)
        job = records.with_delay().show_user().db_record()
        self.assertFalse(job.delayed_by)
        self.assertFalse(job.same_as)
        self.assertEqual(job.attempt, 0)
        self.assert_closed(job, {"user_id": SUPERUSER_ID})

    def test_no_default_of_somebody_fills_it(self):
        """With one that says who delayed a job, it could run as any user."""
        for name, value in (
            ("delayed_by", SUPERUSER_ID), ("same_as", "x"), ("attempt", 9),
        ):  # fmt: skip
            self.rpc(self.manager, "ir.default", "set", "queue.job", name, value, True)
        self._assert_no_trace({})
        self.put_on(
            self.registry["queue.job"], "_needs_no_more_than", lambda self, names: False
        )
        self._assert_no_trace({})
        self._assert_no_trace(
            {
                "default_delayed_by": SUPERUSER_ID,
                "default_same_as": "x",
                "default_attempt": 9,
            }
        )

    def test_what_it_begins_with_is_what_code_says(self):
        context = {"default_state": "done", "default_repeats": 3}
        model = self.env["queue.job"].with_context(**context)
        self.assertEqual(
            model.default_get(["state", "attempt", "repeats", "priority"]),
            {"state": "pending", "attempt": 0, "priority": 10},
        )

    def test_code_writes_it(self):
        values = {"company_id": False, "retry": 3, "result": "x", "identity_key": "k"}
        self.job.sudo().write(values)
        self.assertEqual(self.job.retry, 3)

    def test_managers_see_the_links_of_the_jobs_of_their_companies(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        links = self.env["queue.job.dependency"].with_user(self.manager)
        here, nowhere = self.make_job(), self.make_job(company_id=None)
        elsewhere = self.make_job(company_id=company.id)
        made = {}
        for name, parent, child in (
            ("within", here, nowhere), ("behind", here, elsewhere),
            ("before", elsewhere, here), ("beyond", elsewhere, elsewhere),
        ):  # fmt: skip
            made[name] = self.env["queue.job.dependency"].create(
                {"parent_id": parent.id, "child_id": child.id}
            )
        made["barrier"] = self.env["queue.job.dependency"].create(
            {"parent_id": here.id, "barrier_id": 1}
        )
        ids = [link.id for link in made.values()]
        seen = links.search([("id", "in", ids)])
        self.assertEqual(seen, made["within"] | made["barrier"])
        with self.assertRaises(AccessError):
            self.rpc(self.manager, links._name, "read", made["behind"].ids)
