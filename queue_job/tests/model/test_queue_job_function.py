# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.queue_job.models.queue_job_function import JobConfig


@tagged("post_install", "-at_install")
class TestQueueJobFunction(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Function = cls.env["queue.job.function"]
        cls.function = cls.Function.create({"name": "<res.partner>.export"})

    def test_a_name_says_model_and_method(self):
        self.assertEqual(self.function.model_id.model, "res.partner")
        self.assertEqual(self.function.method, "export")

    def test_model_and_method_make_the_name(self):
        model = self.env.ref("base.model_res_users")
        function = self.Function.create({"model_id": model.id, "method": "export"})
        self.assertEqual(function.name, "<res.users>.export")

    def test_a_name_of_another_form_is_refused(self):
        for name in (
            "res.partner.export",
            "<res.partner>export",
            "<>.x",
            "",
            "<a>.b c",
        ):
            with self.subTest(name=name), self.assertRaises(UserError):
                self.Function.create({"name": name})

    def test_a_name_of_an_unknown_model_is_refused(self):
        with self.assertRaisesRegex(UserError, "no.such.model"):
            self.Function.create({"name": "<no.such.model>.export"})

    def test_without_record_the_default_configuration_holds(self):
        config = self.Function.job_config("<res.partner>.nothing")
        self.assertEqual(config, self.Function.job_default_config())
        self.assertEqual(
            config, JobConfig("root", {}, True, None, {}, None, False, None)
        )

    def test_the_configuration_of_a_record(self):
        channel = self.Function._find_or_create_channel("root.shop")
        self.function.write(
            {
                "channel_id": channel.id,
                "edit_retry_pattern": "{1: 10, 5: (60, 120)}",
                "edit_related_action": "{'func_name': 'open', 'kwargs': {'a': 1}}",
                "on_fail_method": "export_failed",
            }
        )
        config = self.Function.job_config("<res.partner>.export")
        self.assertEqual(config.channel, "root.shop")
        self.assertEqual(config.retry_pattern, {1: 10, 5: (60, 120)})
        self.assertTrue(config.related_action_enable)
        self.assertEqual(config.related_action_func_name, "open")
        self.assertEqual(config.related_action_kwargs, {"a": 1})
        self.assertEqual(config.job_function_id, self.function.id)
        self.assertEqual(config.on_fail_method_name, "export_failed")

    def test_the_configuration_is_read_once(self):
        self.Function.job_config(self.function.name)
        with self.assertQueryCount(0):
            self.Function.job_config(self.function.name)

    def test_the_configuration_follows_every_change(self):
        self.Function.job_config("<res.users>.later")
        function = self.Function.create({"name": "<res.users>.later"})
        config = self.Function.job_config("<res.users>.later")
        self.assertEqual(config.job_function_id, function.id)
        function.unlink()
        config = self.Function.job_config("<res.users>.later")
        self.assertIsNone(config.job_function_id)

    def test_anybody_may_have_the_configuration_read(self):
        user = self.env.ref("base.user_demo", False) or self.env.ref("base.public_user")
        function = self.Function.with_user(user)
        self.assertEqual(function.job_config(self.function.name).channel, "root")

    def test_no_client_has_the_configuration_read(self):
        user = new_test_user(self.env, "somebody", "base.group_user")
        for method in ("job_config", "job_default_config"):
            args = [self.function.name] if method == "job_config" else []
            with self.subTest(method), self.assertRaises(AccessError):
                call_kw(self.Function.with_user(user), method, args, {})

    def test_options_are_shown_as_they_were_typed(self):
        self.function.edit_retry_pattern = "{1: 10, 5: (60, 120)}"
        self.function.edit_related_action = "{'enable': False}"
        self.env.flush_all()
        self.function.invalidate_recordset()
        self.assertEqual(self.function.edit_retry_pattern, "{1: 10, 5: (60, 120)}")
        self.assertEqual(self.function.edit_related_action, "{'enable': False}")

    def test_emptied_options_are_no_options(self):
        self.function.edit_retry_pattern = "{1: 10}"
        self.function.edit_related_action = "{'enable': False}"
        self.function.edit_retry_pattern = " "
        self.function.edit_related_action = False
        self.assertEqual(self.function.retry_pattern, {})
        self.assertEqual(self.function.related_action, {})

    def test_what_is_no_retry_pattern_is_refused(self):
        wrong = (
            "10", "[1, 2]", "{1: 10", "{1: 'ten'}", "{1: 1.5}", "{1: True}",
            "{1: (1,)}", "{1: (1, 2, 3)}", "{1: (1, 'b')}", "{'a': 10}", "{-1: 10}",
            "{1: -10}", "{1: {2}}", "{1: 1, '1': 2}", "__import__('os')", "{(1, 2): 3}",
        )  # fmt: skip
        for text in wrong:
            with self.subTest(text=text), self.assertRaises(UserError):
                self.function.edit_retry_pattern = text

    def test_what_is_no_stored_option_is_refused(self):
        for name, values in (
            ("retry_pattern", (5, [1, 2], "text", {"9" * 5_000: 10}, {"x": 1})),
            ("related_action", (5, ["func_name"], "text", {"x": 1})),
        ):
            for value in values:
                with self.subTest(name, value=type(value)):
                    with self.assertRaisesRegex(UserError, "is a dictionary"):
                        self.function.write({name: value})

    def test_what_is_no_related_action_is_refused(self):
        wrong = (
            "'open'", "{'func': 'open'}", "{'enable': 1}", "{'func_name': 3}",
            "{'kwargs': []}", "{'kwargs': {'a': {1}}}", "{", "open()",
        )  # fmt: skip
        for text in wrong:
            with self.subTest(text=text), self.assertRaises(UserError):
                self.function.edit_related_action = text

    def test_the_refusal_names_the_function_and_the_cure(self):
        with self.assertRaisesRegex(UserError, r"<res.partner>.export.*\{1: 10"):
            self.function.edit_retry_pattern = "ten"

    def test_data_files_are_checked_as_well(self):
        with self.assertRaises(UserError):
            self.function.retry_pattern = {1: "ten"}
        with self.assertRaises(UserError):
            self.function.related_action = {"function": "open"}

    def test_a_data_file_takes_over_a_function_found_in_the_code(self):
        channel = self.Function._find_or_create_channel("root.shop")
        model = self.env.ref("base.model_res_partner")
        install = self.Function.with_context(install_mode=True)
        by_model = {"model_id": model.id, "method": "export", "channel_id": channel.id}
        self.assertEqual(install.create(by_model), self.function)
        self.assertEqual(self.function.channel, "root.shop")
        by_name = {"name": "<res.partner>.export", "on_fail_method": "oops"}
        self.assertEqual(install.create(by_name), self.function)
        self.assertEqual(self.function.on_fail_method, "oops")

    def test_functions_go_with_their_model(self):
        field = self.Function._fields["model_id"]
        self.assertEqual(field.ondelete, "cascade")
