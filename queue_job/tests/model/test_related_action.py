# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the *Related* button of a job opens."""

from odoo.exceptions import UserError

from odoo.addons.queue_job.job import job, related_action

from .case import fresh
from .cases import JobInMemoryCase, export_it


class TestRelatedActionOfAJob(JobInMemoryCase):
    def _stored(self, func=None):
        self.put(func or job(fresh(export_it)))
        return self.partner.with_delay().export_it()

    def test_by_default_it_opens_the_record(self):
        stored = self._stored()
        self.assertEqual(
            stored.related_action(),
            {
                "name": "Related Record",
                "type": "ir.actions.act_window",
                "res_model": "res.partner",
                "res_id": self.partner.id,
                "view_mode": "form",
            },
        )

    def test_of_several_records_it_opens_a_list(self):
        stored = self.partners.with_delay().export_it()
        self.assertEqual(
            stored.related_action(),
            {
                "name": "Related Records",
                "type": "ir.actions.act_window",
                "res_model": "res.partner",
                "view_mode": "list,form",
                "domain": [("id", "in", self.partners.ids)],
            },
        )

    def test_without_existing_record_there_is_none(self):
        stored = self._stored()
        self.partner.unlink()
        self.assertIsNone(stored.related_action())

    def test_the_decorator_names_it(self):
        def open_it(self, **kwargs):
            return {"uuid": self.uuid, **kwargs}

        self.put(open_it, "queue.job")
        named = related_action("open_it", view="form")(job(fresh(export_it)))
        stored = self._stored(named)
        self.assertEqual(stored.related_action(), {"uuid": stored.uuid, "view": "form"})

    def test_the_decorator_switches_it_off(self):
        stored = self._stored(related_action(action=None)(job(fresh(export_it))))
        self.assertIsNone(stored.related_action())

    def test_the_function_record_wins(self):
        def related_action_of_it(self, **kwargs):
            return kwargs

        self.put(related_action_of_it, "queue.job")
        action = {"func_name": "related_action_of_it", "kwargs": {"a": 1}}
        record = self.env["queue.job.function"].create(
            {
                "model_id": self.env.ref("base.model_res_partner").id,
                "method": "export_it",
                "edit_related_action": str(action),
            }
        )
        stored = self._stored(related_action("other")(job(fresh(export_it))))
        self.assertEqual(stored.related_action(), {"a": 1})
        record.edit_related_action = "{'enable': False}"
        self.assertIsNone(stored.related_action())

    def _configured(self, action):
        """A job whose function's record a manager has edited."""
        self.env["queue.job.function"].create(
            {
                "model_id": self.env.ref("base.model_res_partner").id,
                "method": "export_it",
                "edit_related_action": str(action),
            }
        )
        return self._stored()

    def _not_meant(self):
        """Names with which a call would come from a record, and what they are given."""
        forged = {"uuid": "forged", "model_name": "res.users", "method_name": "write"}
        yield "write", {"vals": {"user_id": self.env.ref("base.user_root").id}}
        yield "create", {"vals_list": [forged]}
        yield "unlink", {}
        yield "_insert_jobs_by_orm", {"values": [forged]}
        yield "env", {"su": True}
        yield "requeue", {}
        yield "message_subscribe", {"partner_ids": self.partner.ids}
        yield "export_data", {"fields_to_export": ["uuid"]}
        yield "open_related_action", {}

    def test_what_is_not_meant_as_a_related_action_is_not_called(self):
        admin = self.env.ref("base.user_admin")
        for name, kwargs in self._not_meant():
            with self.subTest(name), self.env.cr.savepoint() as point:
                # Given a record of before there was a rule, or of a data file
                stored = self._configured({"func_name": name, "kwargs": kwargs})
                for user in (self.manager, admin):
                    record = stored.db_record().with_user(user)
                    with self.assertRaisesRegex(UserError, "is not meant as"):
                        record.open_related_action()
                    self.assertEqual(record.user_id, self.env.user)
                point.rollback()

    def test_nor_can_people_name_it(self):
        functions = self.env["queue.job.function"]
        function = functions.create(
            {"model_id": self.env.ref("base.model_res_partner").id, "method": "export"}
        )
        for user in (self.manager, self.env.ref("base.user_admin")):
            for name, kwargs in self._not_meant():
                action = {"func_name": name, "kwargs": kwargs}
                for values in (
                    {"edit_related_action": str(action)},
                    {"related_action": action},
                ):
                    with self.subTest(user=user.login, name=name, values=values):
                        with self.assertRaisesRegex(UserError, "is not meant as"):
                            self.rpc(
                                user, functions._name, "write", function.ids, values
                            )
            action = {"func_name": "related_action_open_record"}
            values = {"edit_related_action": str(action)}
            self.rpc(user, functions._name, "write", function.ids, values)

    def test_code_marks_one_of_another_name(self):
        def open_it(self):
            return {"user": self.env.uid}

        open_it.is_related_action = True
        self.put(open_it, "queue.job")
        stored = self._configured({"func_name": "open_it"})
        record = stored.db_record().with_user(self.manager)
        self.assertEqual(record.open_related_action(), {"user": self.manager.id})

    def test_a_private_one_is_named_by_its_beginning(self):
        def _related_action_of_it(self):
            return {"private": True}

        self.put(_related_action_of_it, "queue.job")
        stored = self._configured({"func_name": "_related_action_of_it"})
        self.assertEqual(stored.related_action(), {"private": True})

    def test_it_runs_as_who_clicks(self):
        def open_it(self):
            return {"user": self.env.uid, "su": self.env.su, "lang": self.env.lang}

        self.put(open_it, "queue.job")
        self.put(related_action("open_it")(job(fresh(export_it))))
        stored = self.partner.with_context(lang="fr_FR").with_delay().export_it()
        record = stored.db_record().with_user(self.manager).with_context(lang="en_US")
        self.assertEqual(
            record.open_related_action(),
            {"user": self.manager.id, "su": False, "lang": "en_US"},
        )

    def test_a_record_cannot_be_smuggled_in_as_text(self):
        mark = {"_type": "odoo_recordset", "model": "res.users", "ids": [1], "su": True}
        action = {"func_name": "related_action_open_record", "kwargs": {"x": mark}}
        function = self.env["queue.job.function"].create(
            {"model_id": self.env.ref("base.model_res_partner").id, "method": "write"}
        )
        for field, value in (
            ("edit_related_action", str(action)),
            ("related_action", action),
        ):
            with (
                self.subTest(field),
                self.assertRaisesRegex(UserError, "cannot use {'"),
            ):
                function.write({field: value})

    def test_a_name_that_is_no_text_is_refused(self):
        stored = self._stored(related_action(action=42)(job(fresh(export_it))))
        with self.assertRaisesRegex(ValueError, "42"):
            stored.related_action()

    def test_what_cannot_be_opened_is_told_to_people(self):
        off = self._stored(related_action(action=None)(job(fresh(export_it))))
        with self.assertRaisesRegex(UserError, "No action available"):
            off.db_record().open_related_action()
        wrong = self._stored(related_action("no_such_one")(job(fresh(export_it))))
        with self.assertRaisesRegex(UserError, "no_such_one"):
            wrong.db_record().open_related_action()
        gone = self._stored()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET method_name = 'vanished' WHERE uuid = %s",
            (gone.uuid,),
        )
        self.env["queue.job"].invalidate_model()
        with self.assertRaisesRegex(UserError, "vanished"):
            gone.db_record().open_related_action()

    def test_people_open_it_by_the_button(self):
        stored = self._stored()
        action = stored.db_record().with_user(self.manager).open_related_action()
        self.assertEqual(action["res_id"], self.partner.id)
