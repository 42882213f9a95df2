# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.addons.queue_job.job import Job

from .case import JobCase


def export_it(self, *args, **kwargs):
    """Export the partner

    More about it.
    """
    return args, kwargs


class TestWhatCannotBeStored(JobCase):
    """The delaying call fails, and names the argument."""

    def setUp(self):
        super().setUp()
        self.put_job(export_it)

    def _assert_refused(self, culprit, *args, **kwargs):
        with self.assertRaises(TypeError) as caught:
            self.partner.with_delay().export_it(*args, **kwargs)
        self.assertIn(culprit, str(caught.exception))
        self.assertIn("export_it", str(caught.exception))

    def test_kinds_that_json_has_not(self):
        from datetime import time
        from decimal import Decimal

        for value in (
            b"bytes", {1, 2}, frozenset(), Decimal(1), time(), object(), len,
            type(self.partner), lambda: 0, 1j, iter([]), range(2), self.env,
        ):  # fmt: skip
            with self.subTest(value):
                self._assert_refused("args[1]", 0, value)
                self._assert_refused("kwargs['lines'][0]['x']", lines=[{"x": value}])

    def test_numbers_that_json_has_not(self):
        for value in (float("nan"), float("inf"), -float("inf")):
            with self.subTest(value):
                self._assert_refused("args[0]", value)

    def test_text_that_postgresql_has_not(self):
        for value in ("a\0b", "\ud800", "x\udfff"):
            with self.subTest(value):
                self._assert_refused("args[0]", value)
                self._assert_refused("kwargs['d']", d={value: 1})

    def test_text_that_only_looks_so_is_stored(self):
        for value in (r"\u0000", r"\\u0000", r"C:\u0000\ud800", "\\"):
            delayed = self.partner.with_delay().export_it(value)
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(Job.load(self.env, delayed.uuid).args, (value,))

    def test_keys_that_json_has_not(self):
        self._assert_refused("kwargs['d'], key b'x'", d={b"x": 3})
        self._assert_refused("args[0], key (1, b'x')", {(1, b"x"): 3})

    def test_mappings_that_are_no_dictionaries(self):
        from types import MappingProxyType

        self._assert_refused("args[0]", MappingProxyType({"a": 1}))

    def test_a_forged_mark_stays_a_dictionary(self):
        forged = {"_type": "odoo_recordset", "model": "res.users", "ids": [1], "su": 1}
        delayed = self.partner.with_delay().export_it(forged, **forged)
        self.env.flush_all()
        self.env.invalidate_all()
        loaded = Job.load(self.env, delayed.uuid)
        self.assertEqual((loaded.args, loaded.kwargs), ((forged,), forged))

    def test_values_that_hold_themselves(self):
        endless = [1]
        endless.append(endless)
        self._assert_refused("args[0][1]", endless)

    def test_nothing_is_stored_of_it(self):
        before = self.env["queue.job"].search_count([])
        self._assert_refused("args[0]", object())
        self.assertEqual(self.env["queue.job"].search_count([]), before)
