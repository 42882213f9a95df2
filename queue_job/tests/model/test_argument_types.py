# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A value arrives equal and of the same type, or the delaying call raises."""

import enum
import random
from collections import Counter, OrderedDict, defaultdict, namedtuple
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytz
from freezegun import freeze_time
from lxml import etree, html
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from odoo import fields
from odoo.fields import Command
from odoo.tools import frozendict

from odoo.addons.queue_job.fields import from_plain, storable_text
from odoo.addons.queue_job.job import Job

from .case import JobCase

Point = namedtuple("Point", "x y")
BERLIN = ZoneInfo("Europe/Berlin")
PYTZ_BERLIN = pytz.timezone("Europe/Berlin")


class Colour(str, enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 1


class Text(str):
    pass


class Lowered(dict):
    def __getitem__(self, key):
        return super().__getitem__(key.upper())


class Attributes(dict):
    __getattr__ = dict.get


class Sorted(OrderedDict):
    pass


class Moment(datetime):
    pass


def export_it(self, *args, **kwargs):
    return args, kwargs


class ArgumentCase(JobCase):
    def setUp(self):
        super().setUp()
        self.put_job(export_it)

    def arrived(self, *args, **kwargs):
        """What the method gets in the worker."""
        delayed = self.partner.with_delay().export_it(*args, **kwargs)
        self.env.flush_all()
        self.env.invalidate_all()
        return Job.load(self.env, delayed.uuid)

    def assert_same(self, one, other):
        """Equal and of the same type, all the way down; to the order of keys, the sign
        of zero and the clock of a zone."""
        self.assertIs(type(one), type(other), (one, other))
        if isinstance(one, dict):
            self.assert_same(list(one.items()), list(other.items()))
        elif isinstance(one, list | tuple):
            self.assertEqual(len(one), len(other))
            for first, second in zip(one, other, strict=True):
                self.assert_same(first, second)
        elif isinstance(one, datetime):
            self.assertEqual(repr(one), repr(other))
        elif isinstance(one, float):
            self.assertEqual(repr(one), repr(other))
        else:
            self.assertEqual(one, other)

    def assert_arrives(self, value):
        self.assert_same(self.arrived([value]).args, ([value],))
        self.assert_same(self.arrived(k=value).kwargs, {"k": value})


class TestWhatArrives(ArgumentCase):
    def test_keys_come_in_the_order_they_were_given(self):
        loaded = self.arrived({"zz": 1, "a": {"c": 1, "b": 2}}, zeta=1, b=2, aa=3)
        self.assertEqual(list(loaded.args[0]), ["zz", "a"])
        self.assertEqual(list(loaded.args[0]["a"]), ["c", "b"])
        self.assertEqual(list(loaded.kwargs), ["zeta", "b", "aa"])
        outcome = self.run_job(loaded)
        self.assertEqual(outcome, "done")
        self.assertIn("{'zeta': 1, 'b': 2, 'aa': 3}", loaded.db_record().result)

    def test_numbers(self):
        for value in (1e16, 1e22, -0.0, 0.0, 1.0, 1, True, 0.1, 5e-324, 2**200):
            with self.subTest(value):
                self.assert_arrives(value)

    def test_text_that_is_markup(self):
        value = Markup("<p>%s</p>") % "<b>"
        self.assert_arrives(value)
        self.assertEqual(self.arrived(value).args[0] + "<", "<p>&lt;b&gt;</p>&lt;")

    def test_tuples(self):
        for value in ((), (1, (2, [3])), [("name", "=", 1)], {"a": (1,)}):
            with self.subTest(value):
                self.assert_arrives(value)

    def test_commands(self):
        commands = [Command.create({"name": "x"}), Command.set([1, 2]), Command.clear()]
        self.assert_arrives(commands)
        self.assertIs(self.arrived(commands).args[0][0][0], Command.CREATE)

    def test_keys_of_every_kind(self):
        for value in (
            {1: "a", "1": "b"}, {True: 1, None: 2, 1.5: 3}, {(1, "a"): 1},
            {date(2020, 1, 2): 1, datetime(2020, 1, 2): 2},
        ):  # fmt: skip
            with self.subTest(value):
                self.assert_arrives(value)

    def test_dictionaries_of_every_kind(self):
        for value in (
            frozendict(a=1, b=[2]), OrderedDict([("z", 1), ("a", (2,))]),
            Counter("hello"), frozendict({1: frozendict()}), OrderedDict(_type="x"),
        ):  # fmt: skip
            with self.subTest(value):
                self.assert_arrives(value)

    def test_somebodys_own_type_key_is_no_mark(self):
        for kind in ("odoo_recordset", "python_tuple", "markup", "other", None, 1, []):
            with self.subTest(kind):
                self.assert_arrives({"_type": kind, "value": "x", "ids": [1]})
        self.assertEqual(self.arrived(_type="markup").kwargs, {"_type": "markup"})

    def test_moments(self):
        for value in (
            datetime(2020, 1, 2, 3, 4, 5, 6), date(2020, 1, 2),
            datetime(2020, 10, 25, 2, 30, fold=1),
            datetime(2020, 1, 2, tzinfo=timezone.utc),
            datetime(2020, 1, 2, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
            datetime(2020, 7, 2, 9, tzinfo=BERLIN),
            datetime(2020, 10, 25, 2, 30, tzinfo=BERLIN),
            datetime(2020, 10, 25, 2, 30, fold=1, tzinfo=BERLIN),
            datetime(2020, 3, 29, 2, 30, tzinfo=BERLIN),
            PYTZ_BERLIN.localize(datetime(2020, 10, 25, 2, 30), is_dst=True),
            PYTZ_BERLIN.localize(datetime(2020, 10, 25, 2, 30), is_dst=False),
            datetime(2020, 1, 2, tzinfo=pytz.utc),
        ):  # fmt: skip
            with self.subTest(repr(value)):
                self.assert_arrives(value)

    def test_tomorrow_at_nine_is_at_nine(self):
        before_summer = datetime(2030, 3, 30, 9, tzinfo=BERLIN)
        tomorrow = self.arrived(before_summer).args[0] + timedelta(days=1)
        self.assertEqual(tomorrow.isoformat(), "2030-03-31T09:00:00+02:00")

    def test_a_moment_of_a_frozen_clock(self):
        with freeze_time("2020-01-02 03:04:05"):
            now, today = fields.Datetime.now(), fields.Date.today()
            args = self.arrived(now, today).args
        self.assertEqual(args, (datetime(2020, 1, 2, 3, 4, 5), date(2020, 1, 2)))

    def test_nesting_up_to_its_bound(self):
        for wrap in (lambda v: [v], lambda v: (v,), lambda v: {1: v}):
            value = 0
            for _level in range(99):  # the arguments are a list themselves
                value = wrap(value)
            loaded = self.arrived(value)
            self.assertEqual(loaded.args, (value,))
            self.assertEqual(self.run_job(loaded), "done")

    def test_equal_calls_are_merged_as_before(self):
        from odoo.addons.queue_job.delaying.identity import Identity

        identity = Identity("one", on_duplicate="merge")
        for partner in self.partners:
            partner.with_delay(identity_key=identity).export_it((1,), a={1: 2}, b=1e16)
        first = self.env["queue.job"].search([], order="id DESC", limit=1)
        self.dispatch(Job.load(self.env, first.uuid))
        jobs = self.env["queue.job"].search([("identity_key", "=", "one")])
        self.env.invalidate_all()
        self.assertEqual(sorted(jobs.mapped("state")), ["done", "enqueued"])
        runs = jobs.filtered(lambda job: job.state == "enqueued")
        self.assertEqual(runs.records, self.partners)
        self.assertEqual(runs.args, [(1,)])


class TestWhatIsRefused(ArgumentCase):
    def assert_refused(self, value, cure):
        for args, path in (([value],), r"args\[0\]\[0\]"), ((1, value), r"args\[1\]"):
            with self.assertRaisesRegex(TypeError, f"export_it.*{path}.*{cure}"):
                self.partner.with_delay().export_it(*args)

    def test_what_only_looks_like_a_plain_value(self):
        for value, cure in (
            (Colour.RED, r"\.value"), (Level.HIGH, r"\.value"), (Point(1, 2), "tuple"),
            (defaultdict(list, a=[1]), "dict"), (Text("x"), "str"),
            (Moment(2020, 1, 2), "datetime"), (html.fromstring("<p>x</p>"), "text"),
            (type("Number", (int,), {})(1), "int"),
            (type("Number", (float,), {})(1), "float"),
            (type("Many", (list,), {})(), "list"),
        ):  # fmt: skip
            with self.subTest(value):
                self.assert_refused(value, cure)

    def test_dictionaries_that_tell_other_than_what_is_in_them(self):
        for value in (MultiDict([("a", "1"), ("a", "2")]), Lowered(A=1)):
            with self.assertRaisesRegex(TypeError, r"args\[0\].*pass dict"):
                self.arrived(value)

    def test_dictionaries_of_classes_of_ones_own_arrive_as_plain_ones(self):
        for kind in (Attributes, Sorted):
            job = self.arrived(kind(a=1))
            self.assertEqual(job.args, ({"a": 1},))
            self.assertIs(type(job.args[0]), dict)

    def test_zones_without_a_name(self):
        local = datetime(2020, 1, 2, tzinfo=PYTZ_BERLIN)  # its mean time, of 1890
        fixed = datetime(2020, 1, 2, tzinfo=pytz.FixedOffset(60))
        for value in (local, fixed):
            self.assert_refused(value, "astimezone")

    def test_times_for_which_a_zone_has_no_end(self):
        for value in (
            datetime.max.replace(tzinfo=PYTZ_BERLIN),
            datetime.min.replace(tzinfo=PYTZ_BERLIN),
        ):
            self.assert_refused(value, "pass it in UTC")

    def test_keys(self):
        for key in (b"x", Colour.RED, Text("x"), self.partner, frozenset()):
            self.assert_refused({key: 1}, "keys are")

    def test_records_without_a_row(self):
        new = self.env["res.partner"].new({"name": "x"}, origin=self.partner)
        self.assert_refused(new, "has no row: save it")
        self.assert_refused(self.partner + new, "has no row: save it")

    def test_nesting_beyond_its_bound(self):
        for wrap in (lambda v: [v], lambda v: (v,), lambda v: {"k": v}):
            for levels in (100, 3000):
                value = 0
                for _level in range(levels):
                    value = wrap(value)
                with self.assertRaisesRegex(TypeError, "args.*more than 100"):
                    self.partner.with_delay().export_it(value)

    def test_xml_that_the_parser_would_refuse(self):
        deep = top = etree.Element("a")
        for _level in range(300):
            deep = etree.SubElement(deep, "a")
        self.assert_refused(top, "parsed again")
        long = etree.Element("a")
        long.text = "x" * 10_000_001
        self.assert_refused(long, "parsed again")


ATOMS = (
    None, True, False, 0, 1, -1, 2**70, 0.0, -0.0, 1e16, 1.5, "", "1", "_type", "é\n",
    "\\u0000", Markup("<b>"), date(2020, 1, 2), datetime(2020, 1, 2, 3, fold=1),
    datetime(2020, 7, 2, tzinfo=BERLIN), Command.LINK, Colour.RED, Level.HIGH,
    Text("x"), b"x", float("nan"), "a\0b", "\ud800", Point(1, 2), {1}, 1j,
)  # fmt: skip


class TestAnyValue(ArgumentCase):
    def any_value(self, draw, depth=0):
        kind = draw.choice("aaaaltdfoc" if depth < 4 else "a")
        if kind == "a":
            return draw.choice((*ATOMS, self.partners, self.partner.sudo()))
        size = draw.randrange(3)
        inside = [self.any_value(draw, depth + 1) for _ in range(size)]
        if kind in "lt":
            return inside if kind == "l" else tuple(inside)
        try:
            items = {draw.choice(ATOMS): value for value in inside}
        except TypeError:  # no key at all
            items = {}
        kinds = {"d": dict, "f": frozendict, "o": OrderedDict, "c": Counter}
        return kinds[kind](items)

    def test_arrives_equal_and_of_the_same_type_or_is_refused(self):
        outcomes = Counter()
        for seed in range(3000):
            value = self.any_value(random.Random(seed))
            with self.subTest(seed=seed, value=repr(value)):
                try:
                    text = storable_text([value], "args")
                except TypeError:
                    outcomes["refused"] += 1
                    continue
                outcomes["arrived"] += 1
                # PostgreSQL takes it, and gives it back letter by letter
                self.env.cr.execute("SELECT %s::json, %s::json::text", (text, text))
                data, kept = self.env.cr.fetchone()
                self.assertEqual(kept, text)
                self.assert_same(from_plain(data, self.env), [value])
        self.assertGreater(min(outcomes.values()), 500, outcomes)
