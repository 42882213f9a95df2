# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import date, datetime

from lxml import etree

from odoo.tests import BaseCase, tagged
from odoo.tools.func import lazy

from odoo.addons.queue_job.fields import JobDecoder, JobEncoder, JobSerialized
from odoo.addons.queue_job.job import Job

from .case import JobCase


def export_it(self, *args, **kwargs):
    return args, kwargs


class TestEncoding(JobCase):
    """The stored form is shared with rows that older versions wrote."""

    def _encoded(self, value):
        return json.loads(json.dumps(value, cls=JobEncoder))

    def _decoded(self, data, env=None):
        return json.loads(json.dumps(data), cls=JobDecoder, env=env or self.env)

    def test_plain_values_stay_as_they_are(self):
        for value in ("é", 1, 1.5, True, None, [1, [2]], {"a": {"b": None}}, "", []):
            with self.subTest(value):
                self.assertEqual(self._encoded(value), value)
                self.assertEqual(self._decoded(value), value)

    def test_a_tuple_and_other_keys_than_text_are_marked(self):
        self.assertEqual(
            self._encoded([(1,)]), [{"_type": "python_tuple", "value": [1]}]
        )
        self.assertEqual(
            self._encoded({1: "x"}), {"_type": "python_dict", "value": [[1, "x"]]}
        )

    def test_records(self):
        context = {"tz": "Europe/Berlin", "lang": "en_US", "unknown": 1}
        records = self.partners.with_user(self.user).with_context(**context)
        data = self._encoded({"x": [records]})
        self.assertEqual(
            data["x"][0],
            {
                "_type": "odoo_recordset",
                "model": "res.partner",
                "ids": self.partners.ids,
                "uid": self.user.id,
                "su": False,
                "context": {"tz": "Europe/Berlin", "lang": "en_US"},
            },
        )
        decoded = self._decoded(data)["x"][0]
        self.assertEqual(decoded, self.partners)
        self.assertEqual(decoded.env.user, self.user)
        self.assertFalse(decoded.env.su)
        self.assertEqual(decoded.env.context["tz"], "Europe/Berlin")
        self.assertNotIn("unknown", decoded.env.context)

    def test_the_superuser_flag_is_kept(self):
        data = self._encoded(self.partner.with_user(self.user).sudo())
        decoded = self._decoded(data, self.env(user=self.user, su=False))
        self.assertTrue(decoded.env.su)
        self.assertEqual(decoded.env.uid, self.user.id)

    def test_the_records_model_says_which_context_is_kept(self):
        def _job_prepare_context_before_enqueue_keys(self):
            return ("mine",)

        self.put(_job_prepare_context_before_enqueue_keys)
        context = {"mine": 1, "lang": "en_US"}
        data = self._encoded(self.partner.with_context(**context))
        self.assertEqual(data["context"], {"mine": 1})
        data = self._encoded(self.user.with_context(**context))
        self.assertEqual(data["context"], {"lang": "en_US"})

    def test_records_of_older_rows_are_read_as_the_reader(self):
        data = {"_type": "odoo_recordset", "model": "res.partner", "ids": [3, 1]}
        decoded = self._decoded(data, self.env(user=self.user, su=True))
        self.assertEqual(decoded.ids, [3, 1])
        self.assertEqual(decoded.env.user, self.user)
        self.assertFalse(decoded.env.su)
        decoded = self._decoded({**data, "uid": self.manager.id})
        self.assertEqual(decoded.env.user, self.manager)
        self.assertFalse(decoded.env.su)

    def test_whether_records_exist_is_not_asked(self):
        gone = self.env["res.partner"].browse(2**30)
        self.assertEqual(self._decoded(self._encoded(gone)), gone)

    def test_a_subclass_adds_types(self):
        class Encoder(JobEncoder):
            def default(self, o):
                return sorted(o) if isinstance(o, set) else super().default(o)

        self.assertEqual(json.dumps([{2, 1}], cls=Encoder), "[[1, 2]]")
        with self.assertRaises(TypeError):
            json.dumps(object(), cls=Encoder)

    def test_unsaved_records_are_refused(self):
        new = self.env["res.partner"].new({"name": "x"})
        with self.assertRaisesRegex(TypeError, "res.partner.*has no row"):
            self._encoded(new)

    def test_no_records_of_a_model(self):
        empty = self.env["res.partner"]
        decoded = self._decoded(self._encoded(empty))
        self.assertEqual(decoded, empty)
        self.assertEqual(decoded._name, "res.partner")

    def test_dates(self):
        moment = datetime(2020, 2, 3, 4, 5, 6, 789)
        data = self._encoded([moment, moment.date()])
        self.assertEqual(
            data,
            [
                {
                    "_type": "datetime_isoformat",
                    "value": "2020-02-03T04:05:06.000789",
                },
                {"_type": "date_isoformat", "value": "2020-02-03"},
            ],
        )
        decoded = self._decoded(data)
        self.assertEqual(decoded, [moment, moment.date()])
        self.assertIs(type(decoded[1]), date)

    def test_xml(self):
        text = '<a b="1">é<c/>d</a>'
        data = self._encoded(etree.fromstring(text))
        self.assertEqual(data, {"_type": "etree_element", "value": text})
        self.assertEqual(etree.tostring(self._decoded(data), encoding="unicode"), text)

    def test_xml_without_the_text_behind_it(self):
        element = etree.fromstring("<p>see <b>this</b> now</p>")[0]
        data = self._encoded(element)
        self.assertEqual(data, {"_type": "etree_element", "value": "<b>this</b>"})
        with self.assertRaises(TypeError):
            self._encoded(etree.Comment("x"))

    def test_lazy_values_are_evaluated(self):
        self.assertEqual(self._encoded({"x": lazy(lambda: [1])}), {"x": [1]})

    def test_an_unknown_mark_stays_a_dictionary(self):
        for data in ({"_type": "other", "value": 1}, {"_type": None}, {"_type": []}):
            self.assertEqual(self._decoded(data), data)

    def test_what_json_has_not_is_a_type_error(self):
        for value in (b"x", {1}, object(), self.env):
            with self.subTest(value), self.assertRaises(TypeError):
                json.dumps(value, cls=JobEncoder)

    def test_a_decoder_wants_its_environment(self):
        with self.assertRaises(KeyError):
            JobDecoder()


class TestStoredCalls(JobCase):
    """A call comes back from the database as it was made."""

    def _there_and_back(self, *args, **kwargs):
        delayed = self.delay(export_it, *args, **kwargs)
        self.env.flush_all()
        self.env.invalidate_all()
        return Job.load(self.env, delayed.uuid)

    def test_every_kind_of_argument(self):
        args = (
            1, -2.5, "é\n'\"\\", True, None, [], {}, [1, {"a": [None]}], "",
            datetime(2020, 1, 2, 3), date(2020, 1, 2), self.partners, 2**40,
        )  # fmt: skip
        kwargs = {"k": self.partner, "deep": {"x": [self.partners, {"y": "z"}]}}
        loaded = self._there_and_back(*args, **kwargs)
        self.assertEqual(loaded.args, args)
        self.assertIsInstance(loaded.args, tuple)
        self.assertEqual(loaded.kwargs, kwargs)
        self.assertEqual(loaded.perform(), (args, kwargs))

    def test_on_the_record_args_are_a_list(self):
        loaded = self._there_and_back((1, 2), x=(3,))
        record = loaded.db_record()
        self.assertEqual(record.args, [(1, 2)])
        self.assertEqual(record.kwargs, {"x": (3,)})

    def test_xml(self):
        loaded = self._there_and_back(etree.fromstring("<a>b</a>"))
        self.assertEqual(loaded.args[0].text, "b")

    def test_each_run_gets_arguments_of_its_own(self):
        loaded = self._there_and_back([1])
        loaded.args[0].append(2)
        loaded.kwargs["k"] = 1
        again = Job.load(self.env, loaded.uuid)
        self.assertEqual((again.args, again.kwargs), (([1],), {}))

    def test_the_column_holds_json(self):
        loaded = self._there_and_back(1, k="v")
        self.env.cr.execute(
            "SELECT json_typeof(args), json_typeof(kwargs), json_typeof(records)"
            " FROM queue_job WHERE uuid = %s",
            (loaded.uuid,),
        )
        self.assertEqual(self.env.cr.fetchone(), ("array", "object", "object"))

    def test_calls_can_be_searched(self):
        loaded = self._there_and_back("needle", k=(1, "in a haystack"))
        jobs = self.env["queue.job"]
        for name, word in (("args", "needle"), ("kwargs", "haystack")):
            with self.subTest(name):
                self.assertEqual(jobs.search([(name, "ilike", word)]).uuid, loaded.uuid)
                self.assertFalse(jobs.search([(name, "ilike", "straw")]))
                self.assertFalse(jobs.search([(name, "=", False)]) & loaded.db_record())
        self.assertFalse(jobs.search([("args", "=", "needle")]))
        self.assertIn(loaded.db_record(), jobs.search([("args", "!=", "needle")]))
        self.assertIn(loaded.db_record(), jobs.search([("args", "!=", False)]))

    def test_clients_read_plain_data(self):
        loaded = self._there_and_back(self.partner, datetime(2020, 1, 1))
        [values] = loaded.db_record().read(["args", "kwargs", "records"])
        json.dumps(values)
        self.assertEqual(values["args"][0]["ids"], self.partner.ids)
        self.assertEqual(values["records"]["model"], "res.partner")


@tagged("post_install", "-at_install")
class TestJobSerializedField(BaseCase):
    def test_without_base_type_it_holds_a_dictionary(self):
        self.assertIs(JobSerialized().base_type, dict)

    def test_another_base_type_is_refused_at_set_up(self):
        field = JobSerialized(base_type=set)
        field._setup_attrs__ = lambda *args: None
        with self.assertRaisesRegex(ValueError, "base_type"):
            field.base_type = set
            field.setup_nonrelated(None)
