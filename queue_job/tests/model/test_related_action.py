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
        def open_it(self, **kwargs):
            return kwargs

        self.put(open_it, "queue.job")
        record = self.env["queue.job.function"].create(
            {
                "model_id": self.env.ref("base.model_res_partner").id,
                "method": "export_it",
                "edit_related_action": "{'func_name': 'open_it', 'kwargs': {'a': 1}}",
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

    def test_a_manager_can_name_no_more_than_he_could_call_himself(self):
        forged = {"uuid": "forged", "model_name": "res.users", "method_name": "write"}
        for name, kwargs in (
            ("create", {"vals_list": [forged]}),
            ("unlink", {}),
            ("_give_birth_by_orm", {"values": [forged]}),
            ("env", {"su": True}),
        ):
            with self.subTest(name), self.env.cr.savepoint() as point:
                stored = self._configured({"func_name": name, "kwargs": kwargs})
                record = stored.db_record().with_user(self.manager)
                with self.assertRaises(UserError):  # an AccessError is one
                    record.open_related_action()
                point.rollback()

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
