# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where in a request a context may stand."""

import json
import threading
from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import quote, urlencode

from odoo.service import model

from odoo.addons.queue_job import client_context, utils

from .case import JobCase

KEY = "queue_job__no_delay"
SENT = {KEY: True}
TEXT = json.dumps(SENT)


class TestContextsOfARequest(JobCase):
    def _is_on(self, params):
        env = self.env(context=SENT)
        with patch.object(client_context, "request", SimpleNamespace(params=params)):
            return utils.is_on(env, KEY)

    def test_wherever_it_stands_it_is_the_clients(self):
        escaped = TEXT.replace("_", "\\u005f")
        for params in (
            {"context": SENT},
            {"context": TEXT},
            {"context": escaped},
            {"context": repr(SENT)},
            {"args": [[1], {"partner_id": {"context": SENT}}]},
            {"specification": {"lines": {"fields": {"x": {"context": SENT}}}}},
            {"data": json.dumps({"model": "m", "params": {"context": SENT}})},
            {"data": json.dumps([f"/report/pdf/x/1?{urlencode({'context': TEXT})}"])},
            {"data": f"/report/pdf/x/1?cont%65xt={quote(TEXT)}"},
            {"data": f"/x?{urlencode({'context': TEXT})}&context=%7B%7D"},
        ):
            with self.subTest(params):
                self.assertFalse(self._is_on(params))

    def test_elsewhere_it_is_none(self):
        for params in (
            {},
            {"context": {"lang": "en_US"}},
            {"context": {KEY: False}},
            {"context": None},
            {"context": "no context"},
            {"args": [[1], {"comment": KEY}]},
            {"args": [[1], SENT]},
            {"data": "{[ not JSON"},
            None,
        ):
            with self.subTest(params):
                self.assertTrue(self._is_on(params))

    def test_it_is_the_clients_when_the_call_is_over(self):
        """The end of a transaction computes and calls hooks, where no request is known
        to a client that calls by XML-RPC."""
        env = self.env(context=SENT)
        seen = []
        thread = threading.current_thread()
        with (
            patch.object(thread, "uid", None, create=True),
            patch.object(thread, "dbname", thread.dbname),
            patch.object(model, "Registry"),
            patch.object(model, "api"),
            patch.object(
                model, "execute_cr", lambda *_args: seen.append(utils.is_on(env, KEY))
            ),
        ):
            for sent in (SENT, {}):
                params = ["db", 2, "secret", "m", "f", [[1]], {"context": sent}]
                model.dispatch("execute_kw", params)
        self.assertEqual(seen, [False, True])

    def test_the_context_carries_a_note_of_it_on(self):
        params = {"context": {**SENT, "lang": "en_US"}}
        with patch.object(client_context, "request", SimpleNamespace(params=params)):
            sent = self.partner.with_context({**SENT, "lang": "en_US"})
            again = sent.with_context(**SENT)
        plain = self.partner.with_context(lang="en_US")
        self.assertNotIn(client_context.SENT, plain.env.context)
        for partner in (sent, again, sent.with_context(more=1)):
            self.assertFalse(utils.is_on(self.env(context=partner.env.context), KEY))
        self.assertFalse(utils.is_on(sent.with_context(**SENT).env, KEY))
        # What code says without a client does not need one
        chosen = self.partner.with_context(**SENT)
        self.assertEqual(chosen.env.context[KEY], True)
        self.assertNotIn(client_context.SENT, chosen.env.context)

    def test_who_forges_the_note_switches_nothing_on(self):
        for note in (True, "x", [KEY], {KEY: False}, {}, None):
            context = {**SENT, client_context.SENT: note}
            params = {"context": context}
            request = SimpleNamespace(params=params)
            with self.subTest(note), patch.object(client_context, "request", request):
                partner = self.partner.with_context(context)
            self.assertFalse(utils.is_on(partner.env, KEY))

    def test_a_request_is_read_once(self):
        params = {"context": SENT}
        env = self.env(context=SENT)
        with (
            patch.object(client_context, "request", SimpleNamespace(params=params)),
            patch.object(
                client_context, "_contexts_in", wraps=client_context._contexts_in
            ) as read,
        ):
            for _time in range(3):
                self.assertFalse(utils.is_on(env, KEY))
        self.assertEqual(read.call_count, 1)

    def test_a_call_of_an_interface_is_read_once(self):
        """However often its method makes a context, and whatever that says."""
        seen = []

        def make_contexts(records):
            for number in range(50):
                records.with_context(company_id=number)
                seen.append(len(records.env.cr.cache[client_context._CACHE]))

        self.put(make_contexts)
        with patch.object(
            client_context, "_contexts_in", wraps=client_context._contexts_in
        ) as read:
            context = {"company_id": 1}
            self.rpc(self.env.user, "res.partner", "make_contexts", [], context=context)
        self.assertEqual(set(seen), {seen[0]})
        self.assertLessEqual(read.call_count, 2 * seen[0])

    def test_calls_of_interfaces_that_are_over_are_not_kept(self):
        seen = []

        def make_context(records):
            records.with_context(company_id=2)
            seen.append(len(records.env.cr.cache[client_context._CACHE]))

        self.put(make_context)
        for number in range(50):
            context = {"company_id": number}
            self.rpc(self.env.user, "res.partner", "make_context", [], context=context)
        self.assertEqual(set(seen), {seen[0]})

    def _walks(self):
        """Count how often the stack is searched for what a client has sent."""
        return patch.object(
            client_context, "_sent_data", wraps=client_context._sent_data
        )

    def test_the_stack_is_walked_once_for_all_keys(self):
        with self._walks() as walks:
            self.partner.with_context(company_id=1, job_uuid="x", **SENT)
        self.assertEqual(walks.call_count, 1)

    def test_a_job_that_hands_its_context_on_walks_no_stack(self):
        walked = []

        def hand_on(self):
            more = self.with_context(more=1)  # not looked at: it names no switch
            with walks() as counted:
                for number in range(50):
                    self.with_context(dict(self.env.context, number=number))
                walked.append(counted.call_count)
                for number in range(50):
                    more.with_context(dict(more.env.context, number=number))
                walked.append(counted.call_count)

        walks = self._walks
        self.assertEqual(self.run_job(self.delay(hand_on)), "done")
        self.assertEqual(walked, [0, 1])

    def test_the_note_is_made_wherever_the_context_came_from(self):
        params = {"context": SENT}
        made = self.partner.with_env(self.env(context=SENT))  # by no with_context()
        with patch.object(client_context, "request", SimpleNamespace(params=params)):
            for _time in range(2):
                noted = made.with_context(dict(made.env.context, more=1))
                self.assertEqual(noted.env.context[client_context.SENT], SENT)
            again = noted.with_context(**SENT, more=2)
            self.assertEqual(again.env.context[client_context.SENT], SENT)
            without = noted.with_context(SENT)
            self.assertEqual(without.env.context[client_context.SENT], SENT)

    def test_none_is_a_value_like_others(self):
        partner = self.partner.with_context(SENT)
        params = {"context": {"job_uuid": None}}
        with patch.object(client_context, "request", SimpleNamespace(params=params)):
            sent = partner.with_context(SENT, job_uuid=None)
        self.assertEqual(sent.env.context[client_context.SENT], {"job_uuid": None})

    def test_what_is_equal_is_the_clients_whatever_its_type(self):
        """Odoo makes one environment of equal contexts: where code has had one with
        True in it, it is that which a client gets who says 1, and the other way round.
        """
        for said, sent in ((True, 1), (1, True), (False, 0), (0, False), (1, 1.0)):
            with self.subTest(said=said, sent=sent):
                env = self.env(context={KEY: said, "pair": f"{said} {sent}"})
                request = SimpleNamespace(params={"context": {KEY: sent}})
                again = self.env(context={**env.context, KEY: sent})
                self.assertIs(again, env)
                with patch.object(client_context, "request", request):
                    self.assertFalse(client_context.is_set_by_code(again, KEY))

    def test_a_note_of_one_stands_for_true(self):
        """A client may send both. What the context says is noted, where the call is not
        known any more."""
        for first, second in ((1, True), (True, 1)):
            sent = [{"context": {KEY: first}}, {"context": {KEY: second}}]
            request = SimpleNamespace(params={"args": sent})
            with (
                self.subTest(first=first, second=second),
                patch.object(client_context, "request", request),
            ):
                noted = self.partner.with_context(**{KEY: first})
                noted = noted.with_context(**{KEY: second})
            self.assertFalse(client_context.is_set_by_code(noted.env, KEY))
