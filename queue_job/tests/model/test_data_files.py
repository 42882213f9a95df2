"""Channels and functions in the data files of other add-ons."""

from io import BytesIO

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

    def test_what_is_there_already_is_taken_over(self):
        functions = self.env["queue.job.function"]
        channel = functions._find_or_create_channel("root.shop.orders")
        function = functions.create({"name": "<res.partner>.export_values"})
        self._load()
        self.assertEqual(self._ref("channel_orders"), channel)
        self.assertEqual(self._ref("function_values"), function)
        self.assertEqual(function.channel_id, channel)
