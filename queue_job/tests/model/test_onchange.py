# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Nothing is delayed while a user fills in a form."""

from odoo import api
from odoo.exceptions import UserError
from odoo.tests import Form

from odoo.addons.queue_job.job import Job

from .case import JobCase


def export_it(self):
    self.name = "exported"


class TestOnchange(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)
        self.env["queue.job"].search([]).unlink()

    def on_change(self, act):
        """Let a change of a partner's ``ref`` do something with a real record."""
        other = self.partners[1]

        def look(self):
            act(other.with_env(self.env))

        model = self.registry["res.partner"]
        self.put(look)
        methods = {**model._onchange_methods, "ref": [look]}
        self.put_on(model, "_onchange_methods", methods)

    def change(self, **context):
        return self.rpc(
            self.env.user, "res.partner", "onchange", self.partner.ids,
            {"ref": "x"}, ["ref"], {"ref": {}}, context=context,
        )  # fmt: skip

    def jobs(self):
        return self.env["queue.job"].search([])

    def test_a_real_record_is_not_delayed(self):
        ways = {
            "with_delay": lambda other: other.with_delay().export_it(),
            "no context": lambda other: other.with_context({}).with_delay().export_it(),
            "superuser": lambda other: other.sudo().with_delay().export_it(),
            "a key": lambda other: other.with_delay(identity_key="k").export_it(),
            "delayable": lambda other: other.delayable().export_it().delay(),
            "with_delay_each": lambda other: other.with_delay_each().export_it(),
            "delay_many": lambda other: other.delay_many("export_it", [()]),
            "enqueue": lambda other: Job.enqueue(other.export_it),
        }
        for way, act in ways.items():
            with self.subTest(way=way):
                self.on_change(act)
                with self.assertRaisesRegex(UserError, "Delay it in create"):
                    self.change()
                self.assertFalse(self.jobs())

    def test_a_default_is_not_delayed_for_either(self):
        other = self.partner

        def default_get(self, names):
            other.with_env(self.env).with_delay().export_it()
            return {}

        self.put(api.model(default_get))
        with self.assertRaisesRegex(UserError, "Delay it in create"):
            Form(self.env["res.partner"])
        self.assertFalse(self.jobs())

    def test_what_is_switched_off_is_called_at_once(self):
        self.on_change(
            lambda other: (
                other.with_context(queue_job__no_delay=True).with_delay().export_it()
            )
        )
        self.change()
        self.assertEqual(self.partners[1].name, "exported")

    def test_what_another_transaction_delays_is_its_own(self):
        delayed = []

        def act(other):
            cr = self.registry.cursor()
            try:
                others = other.with_env(other.env(cr=cr))
                delayed.append(others.with_delay().export_it())
            finally:
                cr.rollback()
                cr.close()

        self.on_change(act)
        self.change()
        self.assertEqual(len(delayed), 1)

    def test_after_it_and_after_its_failure_all_is_as_before(self):
        def fail(other):
            raise ValueError("no")

        for act in (fail, lambda other: None):
            self.on_change(act)
            try:
                self.change()
            except ValueError:
                pass
            self.partner.with_delay().export_it()
        self.assertEqual(len(self.jobs()), 2)
