# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged

METHODS = [
    ("res.partner", "registered_one", "root.registered.one"),
    ("res.users", "registered_two", "root"),
]


@tagged("post_install", "-at_install")
class TestRegisteredFunctions(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Function = cls.env["queue.job.function"]

    def registered(self, env=None):
        domain = [("method", "in", ("registered_one", "registered_two"))]
        return (env or self.env)["queue.job.function"].search(domain)

    def test_methods_get_their_record_and_channel(self):
        self.Function._register_jobs(METHODS)
        self.assertEqual(
            self.registered().mapped(lambda f: (f.name, f.channel)),
            [
                ("<res.partner>.registered_one", "root.registered.one"),
                ("<res.users>.registered_two", "root"),
            ],
        )
        self.assertEqual(self.registered().mapped("model_id.model"), [
            "res.partner", "res.users",
        ])  # fmt: skip

    def test_nothing_missing_costs_one_query(self):
        self.Function._register_jobs(METHODS)
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.Function._register_jobs(METHODS)

    def test_the_channel_a_manager_chose_survives(self):
        self.Function._register_jobs(METHODS)
        function = self.registered()[0]
        function.channel_id = self.env.ref("queue_job.channel_root")
        self.Function._register_jobs(METHODS)
        self.assertEqual(function.channel, "root")

    def test_a_model_without_record_is_left_out(self):
        self.Function._register_jobs([("no.such.model", "registered_one", "root")])
        self.assertFalse(self.registered())

    def test_one_method_can_be_registered_alone(self):
        def registered_one(self):
            pass

        registered_one.default_channel = "root.alone"
        partner = self.env["res.partner"]
        function = self.Function._register_job(partner, registered_one)
        self.assertEqual(function.channel, "root.alone")
        again = self.Function._register_job(partner, registered_one)
        self.assertEqual(again, function)

    def test_channels_are_found_or_made(self):
        channel = self.Function._find_or_create_channel("root.a.b")
        self.assertEqual(channel.complete_name, "root.a.b")
        self.assertEqual(channel.parent_id.complete_name, "root.a")
        self.assertEqual(self.Function._find_or_create_channel("root.a.b"), channel)
        root = self.env.ref("queue_job.channel_root")
        self.assertEqual(self.Function._find_or_create_channel("root"), root)

    def test_channels_begin_with_root(self):
        with self.assertRaises(AssertionError):
            self.Function._find_or_create_channel("a.root")

    def test_two_servers_may_register_the_same_methods_at_once(self):
        with self.new_env() as first, self.new_env() as second:
            self.addCleanup(self.forget_registered)
            self.assertFalse(self.registered(second))  # its snapshot is taken
            first["queue.job.function"]._register_jobs(METHODS)
            first.cr.commit()
            second["queue.job.function"]._register_jobs(METHODS)
            second.cr.commit()
        with self.new_env() as third:
            self.assertEqual(len(self.registered(third)), len(METHODS))

    def test_a_server_registers_what_the_faster_one_does_not_know(self):
        with self.new_env() as first, self.new_env() as second:
            self.addCleanup(self.forget_registered)
            self.assertFalse(self.registered(second))
            first["queue.job.function"]._register_jobs(METHODS[1:])
            first.cr.commit()
            second["queue.job.function"]._register_jobs(METHODS)
            second.cr.commit()
        with self.new_env() as third:
            self.assertEqual(len(self.registered(third)), len(METHODS))

    def new_env(self):
        """An environment on a connection of its own, as another server has it."""
        return OwnEnvironment(self.env.cr.dbname)

    def forget_registered(self):
        with self.new_env() as env:
            self.registered(env).unlink()
            domain = [("complete_name", "=like", "root.registered%")]
            channels = env["queue.job.channel"].search(domain)
            channels.sorted("complete_name", reverse=True).unlink()
            env.cr.commit()


class OwnEnvironment:
    def __init__(self, dbname):
        self.cr = db_connect(dbname).cursor()

    def __enter__(self):
        return api.Environment(self.cr, api.SUPERUSER_ID, {})

    def __exit__(self, *_exception):
        self.cr.rollback()
        self.cr.close()
