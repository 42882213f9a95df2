# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The transaction of a job's work begins afresh."""

from odoo.addons.queue_job.db.transaction import _reset

from .case import JobCase


class TestBegin(JobCase):
    def setUp(self):
        super().setUp()
        self.assertTrue(self.env.company)
        self.env.invalidate_all()  # as the end of the transaction before does
        self.assertIn("company", vars(self.env))

    def test_what_environments_keep_of_the_database_is_forgotten(self):
        _reset(self.env.transaction)
        self.assertNotIn("company", vars(self.env))

    def test_another_registry_is_that_of_all_environments(self):
        transaction = self.env.transaction
        own = transaction.registry
        self.addCleanup(_reset, transaction)
        transaction.registry = _Former(own.db_name)
        keeps_nothing_else = self.env(context={"made": "before"})
        self.assertIsInstance(keeps_nothing_else.registry, _Former)
        _reset(transaction)
        self.assertIs(keeps_nothing_else.registry, own)


class _Former:
    """A registry that was replaced since, as after an upgrade."""

    def __init__(self, db_name):
        self.db_name = db_name
