# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api
from odoo.tests import BaseCase, tagged

from odoo.addons.queue_job.delaying.decorators import declaration, related_action_of
from odoo.addons.queue_job.job import job, related_action
from odoo.addons.queue_job.models.base import Base

from .case import JobCase


@tagged("post_install", "-at_install")
class TestJobDecorator(BaseCase):
    def test_it_returns_the_function_itself_with_its_options(self):
        def method(self):
            return 7

        decorated = job(method, default_channel="root.a", retry_pattern={1: 5})

        self.assertIs(decorated, method)
        self.assertTrue(method.delayable)
        self.assertEqual(method.default_channel, "root.a")
        self.assertEqual(method.retry_pattern, {1: 5})

    def test_it_works_without_parentheses(self):
        @job
        def method(self):
            return 7

        self.assertTrue(method.delayable)
        self.assertEqual(method.default_channel, "root")
        self.assertIsNone(method.retry_pattern)
        self.assertEqual(method(None), 7)

    def test_with_options_only_it_is_a_partial_that_shows_them(self):
        unapplied = job(default_channel="root.a", retry_pattern={1: 5})
        self.assertEqual(
            unapplied.keywords,
            {"default_channel": "root.a", "retry_pattern": {1: 5}},
        )
        self.assertTrue(unapplied(lambda self: None).delayable)

    def test_nothing_is_checked_before_it_is_applied(self):
        unapplied = job(default_channel="wrong")
        with self.assertRaisesRegex(AssertionError, "wrong"):
            unapplied(lambda self: None)

    def test_a_channel_outside_of_root_is_refused(self):
        for channel in ("", "heavy", "rooty", "roots.a", None, 1):
            with self.subTest(channel), self.assertRaises(AssertionError):
                job(lambda self: None, default_channel=channel)

    def test_a_retry_pattern_that_is_no_dictionary_is_refused(self):
        for pattern in (10, [1, 2], "1: 2", ()):
            with self.subTest(pattern), self.assertRaises(AssertionError):
                job(lambda self: None, retry_pattern=pattern)

    def test_a_method_called_on_failure_that_is_no_name_is_refused(self):
        for method in (1, "", "a b", "env.cr", lambda self: None):
            with self.subTest(method), self.assertRaisesRegex(TypeError, "on_fail_m"):
                job(lambda self: None, on_fail_method=method)

    def test_the_method_has_no_delay_of_its_own(self):
        decorated = job(lambda self: None)
        with self.assertRaisesRegex(AttributeError, r"with_delay\(\)"):
            decorated.delay(1, key=2)

    def test_it_stands_on_either_side_of_api_decorators(self):
        @job
        @api.model
        def above(self):
            return 1

        @api.model
        @job
        def below(self):
            return 2

        self.assertTrue(above.delayable)
        self.assertTrue(below.delayable)


@tagged("post_install", "-at_install")
class TestRelatedActionDecorator(BaseCase):
    def test_it_keeps_the_name_and_the_arguments(self):
        @related_action(action="open_it", view="form")
        def method(self):
            return 7

        self.assertEqual(method.related_action, "open_it")
        self.assertEqual(method.kwargs, {"view": "form"})
        self.assertEqual(method(None), 7)

    def test_the_name_may_be_positional_or_absent(self):
        self.assertEqual(related_action("x")(lambda self: 0).related_action, "x")
        self.assertIsNone(related_action()(lambda self: 0).related_action)

    def test_it_stacks_with_job_in_either_order(self):
        above = related_action("x")(job(lambda self: 0, default_channel="root.a"))
        below = job(related_action("x")(lambda self: 0), default_channel="root.a")
        for method in (above, below):
            self.assertTrue(method.delayable)
            self.assertEqual(method.default_channel, "root.a")
            self.assertEqual(method.related_action, "x")


class TestFindingDeclarations(JobCase):
    def _override(self, name, func):
        """An override of a method in a module loaded later: nearer in the MRO."""
        func.__name__ = name
        self.put(func)

    def _definition(self, name, func):
        """The definition below it, in a module loaded earlier."""
        func.__name__ = name
        self.put_on(Base, name, func)
        return func

    def test_an_override_without_decorator_is_looked_through(self):
        below = job(lambda self: "below", default_channel="root.below")
        self._definition("export_it", below)
        self._override("export_it", lambda self: "above")

        self.assertIs(declaration(self.partner, "export_it"), below)
        delayed = self.partner.with_delay().export_it()
        self.assertEqual(delayed.channel, "root.below")
        self.assertEqual(delayed.perform(), "above")

    def test_what_is_put_in_place_later_is_found(self):
        self.assertIsNone(declaration(self.partner, "export_it"))
        self._override("export_it", lambda self: "plain")
        self.assertIsNone(declaration(self.partner, "export_it"))
        below = job(lambda self: "below")
        self._definition("export_it", below)
        for _time in range(2):
            self._override("export_it", lambda self: "above")
            self.assertIs(declaration(self.partner, "export_it"), below)

    def test_the_nearest_decorator_counts(self):
        self._definition("export_it", job(lambda self: 0, default_channel="root.below"))
        self._override("export_it", job(lambda self: 0, default_channel="root.above"))
        self.assertEqual(self.partner.with_delay().export_it().channel, "root.above")

    def test_the_related_action_is_looked_for_by_itself(self):
        below = related_action("open_it", view="form")(job(lambda self: 0))
        self._definition("export_it", below)
        self._override("export_it", job(lambda self: 0))
        found = related_action_of(self.partner, "export_it")
        self.assertEqual(found.related_action, "open_it")

    def test_what_nobody_declared_is_not_found(self):
        self.assertIsNone(declaration(self.partner, "write"))
        self.assertIsNone(declaration(self.partner, "no_such_method"))
        self.assertIsNone(related_action_of(self.partner, "write"))
