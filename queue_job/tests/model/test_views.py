# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Views and data name states, fields and records that others rely on."""

import ast
import re

from lxml import etree

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open

from odoo.addons.queue_job.core.states import FINAL, TRANSITIONS, State

#: ``state == 'x'``, ``state not in ('x', 'y')`` in an expression of a view.
_COMPARISON = re.compile(r"\bstate\s*(?:==|!=|(?:not\s+)?in)\s*(\([^)]*\)|'[^']*')")
#: ``('state', '=', 'x')``, ``('state', 'in', ('x', 'y'))`` in a domain.
_CONDITION = re.compile(r"\('state',\s*'[^']+',\s*(\([^)]*\)|\[[^]]*\]|'[^']*')\)")
_WORD = re.compile(r"'([^']*)'")

XML_IDS = """
    module_category_queue_job privilege_queue_job group_queue_job_manager
    queue_job_comp_rule channel_root mt_job_failed job_function_queue_job__test_job
    ir_cron_autovacuum_queue_jobs ir_cron_queue_job_garbage_collector
    view_queue_job_form view_queue_job_tree view_queue_job_search view_queue_job_pivot
    view_queue_job_graph view_queue_job_channel_form view_queue_job_channel_tree
    view_queue_job_channel_search view_queue_job_function_form
    view_queue_job_function_tree view_queue_job_function_search view_requeue_job
    view_set_jobs_done view_set_jobs_cancelled action_queue_job
    action_queue_job_channel action_queue_job_function action_requeue_job
    action_set_jobs_done action_set_jobs_cancelled menu_queue_job_root menu_queue
    menu_queue_job menu_queue_job_channel menu_queue_job_function model_queue_job
    access_queue_job_manager access_queue_job_function_manager
    access_queue_job_channel_manager access_queue_requeue_job
    access_queue_jobs_to_done access_queue_jobs_to_cancelled
""".split()

FORM_ANCHORS = [
    *(f"//header/button[@name='{name}']" for name in
      ("requeue", "button_done", "button_cancelled", "open_related_action")),
    "//div[@name='button_box']",
    *(f"//field[@name='{name}']" for name in (
        "name", "uuid", "graph_uuid", "func_string", "job_function_id", "channel",
        "priority", "eta", "company_id", "user_id", "date_created", "date_enqueued",
        "date_started", "date_done", "date_cancelled", "retry", "max_retries", "state",
        "exec_time", "identity_key", "same_as_id", "attempt_ids",
    )),
    "//group[@name='result']",
    "//group[@name='exc_info']",
    "//page[@name='results']",
    "//page[@name='dependencies']",
    "//chatter",
]  # fmt: skip

SEARCH_ANCHORS = [
    "//field[@name='channel']",
    *(f"//filter[@name='{state}']" for state in State),
    "//filter[@name='retried']",
    *(f"//filter[@name='group_by_{name}']" for name in (
        "channel", "job_function_id", "state", "priority", "model_name", "exc_name",
        "exc_message", "graph", "date_created",
    )),
]  # fmt: skip


def manifest():
    with file_open("queue_job/__manifest__.py") as file:
        return ast.literal_eval(file.read())


def xml_texts():
    """Name and text of each XML file of the addon's data."""
    for name in manifest()["data"]:
        if name.endswith(".xml"):
            with file_open(f"queue_job/{name}") as file:
                yield name, file.read().replace("&#39;", "'")


def spelt_states(text):
    spelt = _COMPARISON.findall(text) + _CONDITION.findall(text)
    return {word for part in spelt for word in _WORD.findall(part)}


@tagged("post_install", "-at_install")
class TestViews(TransactionCase):
    def arch(self, name):
        return etree.fromstring(self.env.ref(f"queue_job.{name}").arch)

    def test_all_promised_ids_are_there(self):
        for name in XML_IDS:
            with self.subTest(name=name):
                self.assertTrue(self.env.ref(f"queue_job.{name}", False))

    def test_views_can_be_extended_at_the_promised_places(self):
        for view, anchors in (
            ("view_queue_job_form", FORM_ANCHORS),
            ("view_queue_job_search", SEARCH_ANCHORS),
            ("view_queue_job_function_form", ["//group[1]//field[@name='name']"]),
        ):
            arch = self.arch(view)
            for anchor in anchors:
                with self.subTest(view=view, anchor=anchor):
                    self.assertTrue(arch.xpath(anchor))

    def test_the_reader_of_spellings_finds_them(self):
        text = "state == 'a' or state not in ('b', 'c') [('state', 'in', ('d', 'e'))]"
        self.assertEqual(spelt_states(text), set("abcde"))

    def test_xml_spells_states_as_the_core_does(self):
        found = set()
        for name, text in xml_texts():
            with self.subTest(file=name):
                self.assertLessEqual(spelt_states(text), set(State))
            found |= spelt_states(text)
        self.assertEqual(found, set(State))

    def test_the_status_bar_shows_states_of_the_core(self):
        bar = self.arch("view_queue_job_form").find(".//field[@name='state']")
        self.assertLessEqual(set(bar.get("statusbar_visible").split(",")), set(State))

    def test_buttons_show_in_the_states_in_which_they_act(self):
        form = self.arch("view_queue_job_form")
        for button, move in (
            ("requeue", "requeue"),
            ("button_done", "set_done"),
            ("button_cancelled", "cancel"),
        ):
            node = form.find(f".//button[@name='{button}']")
            hidden = re.fullmatch(r"state not in (\(.*\))", node.get("invisible"))
            with self.subTest(button=button):
                shown = set(ast.literal_eval(hidden[1]))
                self.assertEqual(shown, TRANSITIONS[move].sources)

    def test_a_running_or_ended_job_cannot_be_planned(self):
        form = self.arch("view_queue_job_form")
        for name in ("channel", "priority", "eta", "max_retries", "user_id"):
            readonly = form.find(f".//field[@name='{name}']").get("readonly")
            with self.subTest(field=name):
                # a failed job may be corrected before it is requeued
                ended = FINAL - {State.FAILED}
                self.assertEqual(spelt_states(readonly), ended | {State.STARTED})

    def test_each_filter_of_a_state_finds_that_state(self):
        search = self.arch("view_queue_job_search")
        for state in State:
            node = search.find(f".//filter[@name='{state}']")
            domain = ast.literal_eval(node.get("domain"))
            self.assertEqual(domain, [("state", "=", str(state))])

    def test_jobs_open_without_those_that_ended_well(self):
        action = self.env.ref("queue_job.action_queue_job")
        chosen = {
            key.removeprefix("search_default_")
            for key in ast.literal_eval(action.context)
        }
        self.assertEqual(chosen, set(State) - {State.DONE, State.CANCELLED})

    def test_every_time_shows_its_seconds(self):
        views = self.env["ir.ui.view"].search(
            [
                ("model", "=like", "queue.job%"),
                ("type", "in", ("form", "list", "kanban")),
            ]
        )
        times = {
            name
            for model in set(views.mapped("model"))
            for name, field in self.env[model]._fields.items()
            if field.type == "datetime"
        }
        shown = 0
        for view in views:
            for node in etree.fromstring(view.arch).iterfind(".//field"):
                is_shown = node.get("position") is None  # else it names another's
                if is_shown and node.get("name") in times:
                    shown += 1
                    with self.subTest(view=view.name, field=node.get("name")):
                        self.assertIn("show_seconds", node.get("options", ""))
        self.assertTrue(shown)

    def test_every_filter_can_be_searched(self):
        search = self.arch("view_queue_job_search")
        jobs = self.env["queue.job"]
        for node in search.iterfind(".//filter[@domain]"):
            with self.subTest(filter=node.get("name")):
                jobs.search(ast.literal_eval(node.get("domain")))

    def test_jobs_can_be_grouped_by_everything_offered(self):
        search = self.arch("view_queue_job_search")
        for node in search.iterfind(".//filter[@context]"):
            field = ast.literal_eval(node.get("context"))["group_by"]
            group = f"{field}:day" if field.startswith("date") else field
            with self.subTest(field=field):
                self.env["queue.job"].formatted_read_group([], [group], ["__count"])

    def test_the_search_panel_counts_states(self):
        panel = self.env["queue.job"].search_panel_select_multi_range(
            "state", enable_counters=True, expand=True
        )
        self.assertEqual([value["id"] for value in panel["values"]], list(State))

    def test_wizards_are_offered_on_lists_of_jobs(self):
        bindings = self.env["ir.actions.actions"].get_bindings("queue.job")
        names = {action["id"] for action in bindings["action"]}
        for name in ("requeue_job", "set_jobs_done", "set_jobs_cancelled"):
            self.assertIn(self.env.ref(f"queue_job.action_{name}").id, names)

    def test_crons_call_methods_of_the_jobs(self):
        vacuum = self.env.ref("queue_job.ir_cron_autovacuum_queue_jobs")
        collector = self.env.ref("queue_job.ir_cron_queue_job_garbage_collector")
        self.assertEqual(vacuum.code, "model.autovacuum()")
        self.assertEqual(collector.code, "model.requeue_stuck_jobs()")
        intervals = [(c.interval_number, c.interval_type) for c in vacuum | collector]
        self.assertEqual(intervals, [(1, "days"), (5, "minutes")])
        self.assertTrue(self.env["queue.job"].requeue_stuck_jobs())

    def test_followers_hear_of_failures(self):
        subtype = self.env.ref("queue_job.mt_job_failed")
        self.assertEqual(subtype.res_model, "queue.job")
        self.assertTrue(subtype.default)

    def test_every_menu_leads_to_its_action(self):
        for name in ("", "_channel", "_function"):
            menu = self.env.ref(f"queue_job.menu_queue_job{name}")
            action = self.env.ref(f"queue_job.action_queue_job{name}")
            self.assertEqual(menu.action, action)
            self.assertEqual(menu.parent_id, self.env.ref("queue_job.menu_queue"))
