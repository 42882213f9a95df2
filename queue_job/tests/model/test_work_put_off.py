# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A job that returns its work instead of doing it fails, and says so."""

import asyncio
import functools

from .cases import FailureCase


def quiet(func):
    @functools.wraps(func)
    def quietly(self, *args, **kwargs):
        return func(self, *args, **kwargs)

    return quietly


def iterated(func):
    @functools.wraps(func)
    def iterating(self, *args, **kwargs):
        return list(func(self, *args, **kwargs))

    return iterating


def export_slowly(self):
    self.name = "exported"
    yield 1


async def export_async(self):
    self.name = "exported"


class TestWorkPutOff(FailureCase):
    def delay_decorated(self, decorate, func):
        self.put_job(decorate(func))
        return getattr(self.partner.with_delay(), func.__name__)()

    def test_a_generator_behind_a_decorator(self):
        delayed = self.delay_decorated(quiet, export_slowly)
        self.run_failing(delayed)
        self._assert_failed(
            delayed,
            "odoo.addons.queue_job.exception.FailedJobError",
            "<res.partner>.export_slowly did nothing: it is a generator",
        )

    def test_a_coroutine_behind_a_decorator(self):
        delayed = self.delay_decorated(quiet, export_async)
        self.run_failing(delayed)
        record = self._assert_failed(
            delayed,
            "odoo.addons.queue_job.exception.FailedJobError",
            "<res.partner>.export_async did nothing: it is async",
        )
        self.assertIn("delay an ordinary method", record.exc_message)

    def test_a_decorator_that_does_the_work(self):
        delayed = self.delay_decorated(iterated, export_slowly)
        self.assertEqual(self.run_job(delayed), "done")
        self.assertEqual(self.partner.name, "exported")

    def test_a_decorator_that_awaits(self):
        def awaited(func):
            @functools.wraps(func)
            def awaiting(self):
                return asyncio.run(func(self))

            return awaiting

        delayed = self.delay_decorated(awaited, export_async)
        self.assertEqual(self.run_job(delayed), "done")
        self.assertEqual(self.partner.name, "exported")

    def test_what_somebody_else_is_to_iterate_is_a_result(self):
        def export_it(self):
            self.name = "exported"
            return (number for number in range(3))

        self.assertEqual(self.run_job(self.delay(export_it)), "done")
        self.assertEqual(self.partner.name, "exported")
