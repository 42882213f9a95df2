# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import functools

from odoo.addons.queue_job.job import Job, job
from odoo.addons.queue_job.tests.common import trap_jobs

from .case import JobCase, fresh


def export_it(self, url, mode="half", *, quick=False):
    """Export the partner"""
    return url, mode, quick


def export_slowly(self, url):
    yield url


async def export_async(self, url):
    return url


def remember(func):
    """An ordinary decorator: it passes on what it gets, and adds to it."""

    @functools.wraps(func)
    def remembering(self, *args, **kwargs):
        return func(self, "added", *args, **kwargs)

    return remembering


class TestRefusedCalls(JobCase):
    def count(self):
        return self.env["queue.job"].sudo().search_count([])

    def assert_refused(self, delaying, words):
        before = self.count()
        with self.assertRaisesRegex(TypeError, words) as raised:
            delaying()
        self.assertIn("<res.partner>.", str(raised.exception))
        self.assertEqual(self.count(), before)

    def test_a_method_that_yields_is_refused(self):
        self.put_job(export_slowly)
        for delaying in (
            lambda: self.partner.with_delay().export_slowly("u"),
            lambda: self.partner.with_delay_each().export_slowly("u"),
            lambda: self.partner.delay_many("export_slowly", [("u",)]),
            lambda: self.partner.delayable().export_slowly("u").delay(),
            lambda: Job.enqueue(self.partner.export_slowly, args=("u",)),
        ):
            self.assert_refused(delaying, "export_slowly cannot be delayed.*generator")

    def test_an_async_method_is_refused(self):
        self.put_job(export_async)
        self.assert_refused(
            lambda: self.partner.with_delay().export_async("u"), "async.*awaited"
        )

    def test_a_call_that_cannot_bind_is_refused(self):
        self.put_job(export_it)
        for args, kwargs, words in (
            ((), {}, "missing a required argument: 'url'"),
            (("u", "half", "more"), {}, "too many positional arguments"),
            (("u",), {"url": "again"}, "multiple values for argument 'url'"),
            (("u",), {"color": 1}, "unexpected keyword argument 'color'"),
            (("u",), {"self": 1}, "multiple values for argument 'self'"),
        ):
            with self.subTest(args=args, kwargs=kwargs):
                self.assert_refused(
                    lambda a=args, k=kwargs: self.partner.with_delay().export_it(
                        *a, **k
                    ),
                    words,
                )

    def test_a_call_that_binds_is_stored(self):
        self.put_job(export_it)
        for args, kwargs in (
            (("u",), {}),
            (("u", "half"), {}),
            ((), {"url": "u", "quick": True}),
            (("u",), {"mode": "x"}),
        ):
            with self.subTest(args=args, kwargs=kwargs):
                delayed = self.partner.with_delay().export_it(*args, **kwargs)
                self.assertTrue(delayed.db_record())

    def test_a_method_named_like_one_of_every_model_is_looked_at(self):
        slowly = fresh(export_slowly)
        slowly.__name__ = "read_group"
        self.put(job(slowly))
        self.assert_refused(
            lambda: self.partner.with_delay().read_group("u"), "read_group.*generator"
        )
        named = fresh(export_it)
        named.__name__ = "unlink"
        self.put(job(named))
        self.assert_refused(lambda: self.partner.with_delay().unlink(), "'url'")
        self.assertTrue(self.partner.with_delay().unlink("u").db_record())

    def test_a_method_of_every_model_takes_its_own_arguments(self):
        mapped = self.partner.mapped
        for args, kwargs, words in (
            (("name", "more"), {}, "too many positional arguments"),
            ((), {"color": 1}, "missing a required argument|unexpected keyword"),
        ):
            self.assert_refused(
                lambda a=args, k=kwargs: Job(mapped, args=a, kwargs=k).store(), words
            )
        # add-ons take one in tests, without arguments, to have any job
        for args in (("name",), ()):
            some = Job(mapped, args=args)
            some.store()
            self.assertTrue(some.db_record())

    def test_what_a_decorator_does_with_arguments_is_its_matter(self):
        self.put(job(remember(fresh(export_it))))
        self.assertTrue(self.partner.with_delay().export_it().db_record())

    def test_a_method_that_delays_itself_is_looked_at_beneath(self):
        self.put(fresh(export_it))
        self.put_on(
            self.registry["res.partner"],
            "export_it",
            self.partner._patch_job_auto_delay("export_it"),
        )
        self.assert_refused(lambda: self.partner.export_it(), "'url'")
        self.assertTrue(self.partner.export_it("u").db_record())

    def test_one_refused_call_stores_none_beside_it(self):
        self.put_job(export_it)
        self.assert_refused(
            lambda: self.partner.delay_many("export_it", [("u",), ()]), "'url'"
        )


class TestNamedLikeOptions(JobCase):
    """A method may have the name of an option."""

    NAMES = (
        "priority", "eta", "max_retries", "description", "channel", "identity_key",
        "size", "options",
    )  # fmt: skip

    def setUp(self):
        super().setUp()
        for name in self.NAMES:
            method = fresh(export_it)
            method.__name__ = name
            self.put(job(method))

    def delay_by(self, kind, name, **options):
        if kind == "each":
            made = self.partner.with_delay_each(**options)
            return getattr(made, name)("u", mode="x")[0]
        if kind == "graph":
            made = getattr(self.partner.delayable(**options), name)("u", mode="x")
            made.set(max_retries=3).delay()
            return made._generated_job
        return getattr(self.partner.with_delay(**options), name)("u", mode="x")

    def test_it_is_delayed_and_the_options_hold(self):
        for kind in ("alone", "each", "graph"):
            for name in self.NAMES:
                if name == "size" and kind == "graph":
                    continue
                with self.subTest(kind, name=name):
                    record = self.delay_by(
                        kind, name, priority=4, channel="root.x", max_retries=3
                    ).db_record()
                    self.assertEqual(record.method_name, name)
                    self.assertEqual(record.args, ["u"])
                    self.assertEqual(record.kwargs, {"mode": "x"})
                    self.assertEqual(record.priority, 4)
                    self.assertEqual(record.channel, "root.x")
                    self.assertEqual(record.max_retries, 3)

    def test_slices_keep_the_options(self):
        split = self.partners.delayable(priority=4).description("u").split(1)
        split.delay()
        records = [part._generated_job.db_record() for part in split.members]
        self.assertEqual([record.priority for record in records], [4, 4])
        self.assertEqual(
            [record.name for record in records],
            [f"Export the partner (split {number}/2)" for number in (1, 2)],
        )

    def test_a_trap_sees_the_options(self):
        with trap_jobs() as trap:
            self.partner.with_delay(priority=4).channel("u")
        trap.assert_enqueued_job(
            self.partner.channel, args=("u",), properties={"priority": 4}
        )

    def test_one_that_is_not_declared_is_refused(self):
        method = fresh(export_it)
        method.__name__ = "eta"
        self.put(method)
        with self.assertRaisesRegex(AttributeError, "not allowed to be delayed"):
            self.partner.with_delay().eta("u")
