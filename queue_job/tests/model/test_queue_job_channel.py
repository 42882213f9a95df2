# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestQueueJobChannel(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Channel = cls.env["queue.job.channel"]
        cls.root = cls.env.ref("queue_job.channel_root")
        cls.sale = cls.Channel.create({"name": "sale", "parent_id": cls.root.id})

    def test_a_complete_name_lists_all_ancestors(self):
        export = self.Channel.create({"name": "export", "parent_id": self.sale.id})
        self.assertEqual(export.complete_name, "root.sale.export")
        self.assertEqual(export.display_name, "root.sale.export")

    def test_renaming_a_channel_renames_those_below(self):
        export = self.Channel.create({"name": "export", "parent_id": self.sale.id})
        self.sale.name = "shop"
        self.assertEqual(export.complete_name, "root.shop.export")

    def test_a_function_follows_its_renamed_channel(self):
        function = self.env.ref("queue_job.job_function_queue_job__test_job")
        function.channel_id = self.sale
        self.assertEqual(function.job_config(function.name).channel, "root.sale")
        self.sale.name = "shop"
        self.assertEqual(function.job_config(function.name).channel, "root.shop")

    def test_ended_jobs_are_kept_thirty_days_unless_said_otherwise(self):
        self.assertEqual(self.sale.removal_interval, 30)

    def test_ended_jobs_cannot_be_kept_for_less_than_no_time(self):
        with self.assertRaises(ValidationError):
            self.sale.removal_interval = -1

    def test_two_channels_cannot_have_one_name(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.Channel.create({"name": "sale", "parent_id": self.root.id})

    def test_only_the_root_has_no_parent(self):
        with self.assertRaises(ValidationError):
            self.Channel.create({"name": "orphan"})
        with self.assertRaises(ValidationError):
            self.sale.parent_id = False

    def test_a_channel_is_not_its_own_grandparent(self):
        export = self.Channel.create({"name": "export", "parent_id": self.sale.id})
        with self.assertRaises(ValidationError):
            self.sale.parent_id = export

    def test_a_name_that_no_configuration_could_spell_is_refused(self):
        for name in ("a,b", "a:4", "a\nb", " a"):
            with self.subTest(name=name), self.assertRaises(ValidationError):
                self.Channel.create({"name": name, "parent_id": self.root.id})

    def test_the_root_keeps_its_name_its_place_and_its_life(self):
        with self.assertRaises(UserError):
            self.root.name = "trunk"
        with self.assertRaises(UserError):
            self.root.parent_id = self.sale
        with self.assertRaises(UserError):
            self.root.unlink()

    def test_data_files_may_write_the_root_as_it_is(self):
        self.root.write({"name": "root", "parent_id": False, "removal_interval": 5})
        self.assertEqual(self.root.removal_interval, 5)

    def test_a_data_file_takes_over_a_channel_that_exists(self):
        values = {"name": "sale", "parent_id": self.root.id, "removal_interval": 3}
        channel = self.Channel.with_context(install_mode=True).create(values)
        self.assertEqual(channel, self.sale)
        self.assertEqual(self.sale.removal_interval, 3)

    def test_a_data_file_leaves_a_channel_that_is_not_to_be_updated(self):
        self.env["ir.model.data"].create(
            {
                "name": "channel_sale",
                "module": "queue_job",
                "model": "queue.job.channel",
                "res_id": self.sale.id,
                "noupdate": True,
            }
        )
        values = {"name": "sale", "parent_id": self.root.id, "removal_interval": 3}
        channel = self.Channel.with_context(install_mode=True).create(values)
        self.assertEqual(channel, self.sale)
        self.assertEqual(self.sale.removal_interval, 30)

    def test_a_data_file_may_name_the_same_channel_twice(self):
        values = {"name": "twice", "parent_id": self.root.id}
        channels = self.Channel.with_context(install_mode=True).create([values] * 2)
        self.assertEqual(len(channels), 2)
        self.assertEqual(channels[0], channels[1])
