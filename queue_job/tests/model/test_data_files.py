# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Channels and functions in the data files of other add-ons."""

import logging
from io import BytesIO

from odoo.tools import mute_logger
from odoo.tools.convert import convert_xml_import

from .case import JobCase

DATA = b"""<odoo>
    <record id="channel_shop" model="queue.job.channel">
        <field name="name">shop</field>
        <field name="parent_id" ref="queue_job.channel_root" />
    </record>
    <record id="channel_orders" model="queue.job.channel">
        <field name="name">orders</field>
        <field name="parent_id" ref="channel_shop" />
        <field name="removal_interval">7</field>
    </record>
    <record id="function_values" model="queue.job.function">
        <field name="model_id" ref="base.model_res_partner" />
        <field name="method">export_values</field>
        <field name="channel_id" ref="channel_orders" />
        <field name="retry_pattern" eval="{1: 60, 5: (300, 310)}" />
        <field
            name="related_action"
            eval="{'func_name': 'open_it', 'kwargs': {'mode': 'x'}}"
        />
    </record>
    <record id="function_texts" model="queue.job.function">
        <field name="name">&lt;res.partner&gt;.export_texts</field>
        <field name="edit_retry_pattern">{1: 5, 3: (10, 20)}</field>
        <field name="edit_related_action">{"enable": False}</field>
        <field name="on_fail_method">export_failed</field>
        <field name="allow_commit" eval="True" />
    </record>
</odoo>"""


LOGGER = "odoo.addons.queue_job.models.queue_job_function.declared"


def protected(data):
    """The data, not to be changed by updates."""
    return data.replace(b"<odoo>", b'<odoo noupdate="1">')


class TestDataFiles(JobCase):
    def _load(self, mode="init", data=DATA):
        file = BytesIO(data)
        file.name = "data.xml"
        env = self.env(context={"install_mode": True})
        convert_xml_import(env, "queue_job", file, {}, mode)
        self.env.flush_all()

    def _config(self, method):
        functions = self.env["queue.job.function"]
        return functions.job_config(functions.job_function_name("res.partner", method))

    def _ref(self, name):
        return self.env.ref(f"queue_job.{name}")

    def test_options_may_be_values(self):
        self._load()
        config = self._config("export_values")
        self.assertEqual(config.channel, "root.shop.orders")
        self.assertEqual(config.retry_pattern, {1: 60, 5: (300, 310)})
        self.assertEqual(config.related_action_func_name, "open_it")
        self.assertEqual(config.related_action_kwargs, {"mode": "x"})
        self.assertEqual(self._ref("channel_orders").removal_interval, 7)

    def test_options_may_be_texts(self):
        self._load()
        config = self._config("export_texts")
        self.assertEqual(config.channel, "root")
        self.assertEqual(config.retry_pattern, {1: 5, 3: (10, 20)})
        self.assertFalse(config.related_action_enable)
        self.assertEqual(config.on_fail_method_name, "export_failed")
        self.assertTrue(config.allow_commit)

    def test_an_update_changes_nothing(self):
        self._load()
        records = {
            model: self.env[model].search([])
            for model in ("queue.job.function", "queue.job.channel")
        }
        before = {model: found.read() for model, found in records.items()}
        self._load("update")
        for model, found in records.items():
            self.assertEqual(self.env[model].search([]), found)
            self.assertEqual(found.read(), before[model])

    def _later(self):
        """What a later version says: another method called on failure, and more."""
        return DATA.replace(
            b'<field name="method">export_values</field>',
            b"""<field name="method">export_values</field>
            <field name="on_fail_method">export_failed</field>
            <field name="is_never_repeated" eval="True" />""",
        ).replace(b"{1: 5, 3: (10, 20)}", b"{1: 7}")

    def _told(self, data):
        """What is logged after an update with the data."""
        functions = self.env["queue.job.function"]

        def declarations(self, module):
            return self._declarations_of(module, data)

        self.put_on(type(functions), "_declarations_in", declarations)
        with self.assertLogs(LOGGER, logging.INFO) as logged:
            logging.getLogger(LOGGER).info("the update is over")
            functions._tell_of_differences(["queue_job"])
        return logged.output[1:]

    def test_an_update_reaches_records_that_are_not_protected(self):
        self._load()
        self._load("update", self._later())
        config = self._config("export_values")
        self.assertEqual(config.on_fail_method_name, "export_failed")
        self.assertEqual(self._config("export_texts").retry_pattern, {1: 7})
        self.assertEqual(self._told(self._later()), [])

    def test_an_update_reaches_functions_that_were_found_in_the_code(self):
        self.env["queue.job.function"].create({"name": "<res.partner>.export_values"})
        self._load("update", protected(self._later()))
        config = self._config("export_values")
        self.assertEqual(config.on_fail_method_name, "export_failed")
        self.assertEqual(self._told(protected(self._later())), [])

    def test_the_log_names_what_a_protected_record_does_not_take_over(self):
        self._load(data=protected(DATA))
        self.assertEqual(self._told(protected(DATA)), [])
        later = protected(self._later())
        self._load("update", later)
        before = self._config("export_values"), self._config("export_texts")
        told = self._told(later)
        self.assertEqual(len(told), 3)
        lines = "\n".join(told)
        values = "<res.partner>.export_values: queue_job.function_values says "
        self.assertIn(f"{values}on_fail_method='export_failed'", lines)
        self.assertIn(f"{values}is_never_repeated=True", lines)
        self.assertRegex(lines, r"export_texts.*retry_pattern=\{'1': 7\}.*\{'1': 5, ")
        # to tell of it changes nothing
        self.assertEqual(before[0].on_fail_method_name, None)
        after = self._config("export_values"), self._config("export_texts")
        self.assertEqual(after, before)

    def test_the_log_names_what_another_module_keeps_from_being_in_force(self):
        self._load(data=protected(DATA))
        other = self._later().replace(b'"function_', b'"other_function_')
        self._load("init", other)
        self.assertEqual(
            self._ref("other_function_values"), self._ref("function_values")
        )
        self.assertEqual(len(self._told(other)), 3)

    def test_a_declaration_that_cannot_be_loaded_stops_nothing(self):
        self._load(data=protected(DATA))
        broken = DATA.replace(b'ref="channel_orders"', b'ref="no_such_channel"')
        with mute_logger("odoo.tools.convert", "odoo.sql_db"):
            self.assertEqual(self._told(protected(broken)), [])
        self.assertEqual(self._config("export_values").channel, "root.shop.orders")

    def test_the_data_files_of_a_module_are_found(self):
        functions = self.env["queue.job.function"]
        names = [name for name, _element in functions._declarations_in("queue_job")]
        self.assertEqual(names, ["queue_job.job_function_queue_job__test_job"])
        with mute_logger("odoo.modules.module"):
            self.assertEqual(list(functions._declarations_in("no_such_module")), [])

    def test_what_is_there_already_is_taken_over(self):
        functions = self.env["queue.job.function"]
        channel = functions._find_or_create_channel("root.shop.orders")
        function = functions.create({"name": "<res.partner>.export_values"})
        self._load()
        self.assertEqual(self._ref("channel_orders"), channel)
        self.assertEqual(self._ref("function_values"), function)
        self.assertEqual(function.channel_id, channel)
