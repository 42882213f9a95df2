# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a client puts into the context of a call switches nothing."""

import json
import threading
import xmlrpc.client
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import api
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.queue_job.job import job

from .case import QueueHttpCase

SWITCHES = (
    "queue_job__no_delay", "test_queue_job_no_delay", "_job_force_sync", "job_uuid",
)  # fmt: skip
RPC_LOGGERS = (
    "odoo.addons.rpc.controllers.xmlrpc",
    "odoo.addons.rpc.controllers.jsonrpc",
)


def export_it(self):
    self.name = "exported at once"


class TestClientContext(QueueHttpCase):
    def setUp(self):
        super().setUp()
        self.user = new_test_user(
            self.env, "stranger", "base.group_user,base.group_partner_manager",
            password="stranger",
        )  # fmt: skip
        self.partner = self.env["res.partner"].create({"name": "before"})
        self.company = self.env["res.company"].create({"name": "Elsewhere"})
        self.chosen = {}

        def delay_it(self):
            self.with_delay().export_it()
            self.delayable().export_it().delay()
            self.with_delay_each().export_it()
            self.export_by_itself()
            return True

        def delay_it_as_code_says(records):
            return delay_it(records.with_context(**self.chosen))

        def delay_it_in_a_thread(records):
            """As an add-on does that hands its context on."""

            def work(context):
                env = api.Environment(records.env.cr, records.env.uid, context)
                delay_it(records.with_env(env))

            context = dict(records.with_context(**self.chosen).env.context)
            thread = threading.Thread(target=work, args=(context,))
            thread.start()
            thread.join()
            return True

        def export_by_itself(self):
            self.name = "exported at once"

        place = self.registry["res.partner"]
        self._put(place, "export_it", job(export_it))
        self._put(place, "delay_it", delay_it)
        self._put(place, "delay_it_as_code_says", delay_it_as_code_says)
        self._put(place, "delay_it_in_a_thread", delay_it_in_a_thread)
        self._put(place, "export_by_itself", export_by_itself)
        delaying = self.env["res.partner"]._patch_job_auto_delay("export_by_itself")
        self._put(place, "export_by_itself", delaying)
        self.env["queue.job"].search([]).unlink()
        keys = self.env["res.users.apikeys"].with_user(self.user)
        tomorrow = datetime.now() + timedelta(days=1)
        self.key = keys._generate("rpc", "test", tomorrow)
        self.authenticate("stranger", "stranger")

    def _put(self, place, name, value):
        patcher = patch.object(place, name, value, create=True)
        patcher.start()
        self.addCleanup(patcher.stop)

    # --- doors ------------------------------------------------------------------

    def _by_web(self, method, context):
        self.make_jsonrpc_request(
            f"/web/dataset/call_kw/res.partner/{method}",
            {
                "model": "res.partner",
                "method": method,
                "args": [self.partner.ids],
                "kwargs": {"context": context},
            },
        )

    def _by_button(self, method, context):
        self.make_jsonrpc_request(
            "/web/dataset/call_button",
            {
                "model": "res.partner",
                "method": method,
                "args": [self.partner.ids],
                "kwargs": {"context": context},
            },
        )

    def _by_json_2(self, method, context):
        response = self.url_open(
            f"/json/2/res.partner/{method}",
            data=json.dumps({"ids": self.partner.ids, "context": context}),
            headers={
                "Authorization": f"Bearer {self.key}",
                "Content-Type": "application/json",
            },
        )
        self.assertEqual(response.status_code, 200, response.text)

    def _arguments(self, method, context):
        return [
            self.env.cr.dbname, self.user.id, "stranger", "res.partner", method,
            [self.partner.ids], {"context": context},
        ]  # fmt: skip

    def _by_xml_rpc(self, method, context):
        body = xmlrpc.client.dumps(
            tuple(self._arguments(method, context)), "execute_kw", allow_none=True
        )
        headers = {"Content-Type": "text/xml"}
        with mute_logger(*RPC_LOGGERS):
            answer = self.url_open("/xmlrpc/2/object", data=body, headers=headers)
        self.assertEqual(xmlrpc.client.loads(answer.content)[0], (True,))

    def _by_json_rpc(self, method, context):
        with mute_logger(*RPC_LOGGERS):
            self.make_jsonrpc_request(
                "/jsonrpc",
                {
                    "service": "object",
                    "method": "execute_kw",
                    "args": self._arguments(method, context),
                },
            )

    def _doors(self):
        for name in dir(self):
            if name.startswith("_by_"):
                yield name.removeprefix("_by_"), getattr(self, name)

    def _new_jobs(self):
        """The jobs that a call made; forgotten from then on."""
        self.env.invalidate_all()
        jobs = self.env["queue.job"].search([])
        found = [(made.state, made.company_id) for made in jobs]
        jobs.unlink()
        return found

    # --- tests ------------------------------------------------------------------

    def test_a_client_cannot_turn_delaying_off(self):
        delayed = [("pending", self.user.company_id)] * 4
        for door, call in self._doors():
            for key in SWITCHES:
                for value in (True, [1]):
                    with self.subTest(door=door, key=key, value=value):
                        call("delay_it", {key: value})
                        self.assertEqual(self._new_jobs(), delayed)
                        self.assertEqual(self.partner.name, "before")

    def test_a_client_does_not_choose_who_sees_the_job(self):
        delayed = [("pending", self.user.company_id)] * 4
        for door, call in self._doors():
            for value in (self.company.id, False, str(self.company.id), 0):
                with self.subTest(door=door, value=value):
                    call("delay_it", {"company_id": value})
                    self.assertEqual(self._new_jobs(), delayed)

    def test_nor_in_a_thread_that_gets_his_context(self):
        delayed = [("pending", self.user.company_id)] * 4
        for door, call in self._doors():
            for key in ("company_id", *SWITCHES):
                value = self.company.id if key == "company_id" else True
                with self.subTest(door=door, key=key):
                    call("delay_it_in_a_thread", {key: value})
                    self.assertEqual(self._new_jobs(), delayed)
                    self.assertEqual(self.partner.name, "before")

    def test_code_sets_them_for_a_thread_all_the_same(self):
        self.chosen = {"company_id": self.company.id}
        found = [("pending", self.company)] * 4
        for door, call in self._doors():
            for sent in ({}, {"company_id": self.user.company_id.id}):
                with self.subTest(door=door, sent=sent):
                    call("delay_it_in_a_thread", sent)
                    self.assertEqual(self._new_jobs(), found)

    def test_code_on_the_server_does_both(self):
        for door, call in self._doors():
            for key in SWITCHES:
                for context in ({"lang": "en_US"}, {key: False}):
                    self.chosen = {key: True}
                    with self.subTest(door=door, key=key, context=context):
                        with mute_logger("odoo.addons.queue_job.models.base"):
                            call("delay_it_as_code_says", context)
                        stored = 3 if key == "job_uuid" else 0
                        self.assertEqual(len(self._new_jobs()), stored)
                        self.assertEqual(self.partner.name, "exported at once")
                        self.partner.name = "before"
            for sent in ({}, {"company_id": self.user.company_id.id}):
                self.chosen = {"company_id": self.company.id}
                with self.subTest(door=door, sent=sent):
                    call("delay_it_as_code_says", sent)
                    found = [("pending", self.company)] * 4
                    self.assertEqual(self._new_jobs(), found)
