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
