# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.queue_job.core.states import State

from .any_state import AnyState
from .case import JobCase

BUTTONS = (
    "requeue", "button_done", "button_cancelled", "open_related_action", "button_stop",
)  # fmt: skip
MODELS = (
    "queue.job",
    "queue.job.attempt",
    "queue.job.channel",
    "queue.job.function",
    "queue.job.failure",
    "queue.job.failure.hour",
    "queue.requeue.job",
    "queue.jobs.to.done",
    "queue.jobs.to.cancelled",
    "queue.jobs.adopt",
    "queue.jobs.change",
    "queue.job.action",
    "queue.jobs.stop",
    "queue.job.stop",
)


@tagged("post_install", "-at_install")
class TestSecurity(AnyState, JobCase):
    # --- strangers ---------------------------------------------------------------

    def test_a_stranger_cannot_use_any_button(self):
        for state, job in self.make_job_in_each_state().items():
            for button in BUTTONS:
                with self.subTest(button=button, state=state):
                    with self.assertRaises(AccessError):
                        self.rpc(self.user, "queue.job", button, job.ids)
            self.assertEqual(job.state, state)

    def test_a_stranger_sees_and_touches_nothing(self):
        for model in MODELS:
            for operation in ("read", "write", "create", "unlink"):
                with self.subTest(model=model, operation=operation):
                    records = self.env[model].with_user(self.user)
                    self.assertFalse(records.has_access(operation))

    def test_a_stranger_may_delay_all_the_same(self):
        model = self.env["queue.job"].with_user(self.user)
        job = model.with_delay()._test_job().db_record()
        self.assertEqual(job.user_id, self.user)

    def test_a_stranger_does_not_see_the_menu(self):
        menus = self.env["ir.ui.menu"].with_user(self.user)._visible_menu_ids()
        root = self.env.ref("queue_job.menu_queue_job_root")
        self.assertNotIn(root.id, menus)

    # --- managers ----------------------------------------------------------------

    def test_a_manager_may_use_the_buttons(self):
        jobs = self.make_job_in_each_state()
        for button in BUTTONS[:3]:
            self.assertIs(
                self.rpc(self.manager, "queue.job", button, jobs[State.FAILED].ids),
                True,
            )

    def test_a_manager_cannot_forge_jobs_over_rpc(self):
        values = {
            "uuid": "forged",
            "model_name": "res.users",
            "method_name": "unlink",
            "user_id": self.env.ref("base.user_root").id,
        }
        for user in (self.manager, self.env.ref("base.user_admin"), self.user):
            for method, args in (
                ("create", [values]),
                ("create", [[values]]),
                ("name_create", ["forged"]),
                ("copy", [self.make_job().ids]),
                ("web_save", [[], values, {}]),
            ):
                with self.subTest(user=user.login, method=method):
                    with self.assertRaises(AccessError):
                        self.rpc(user, "queue.job", method, *args)
                        self.env.flush_all()
                        raise AssertionError(f"{method} made a job")
        self.assertFalse(self.env["queue.job"].search([("uuid", "=", "forged")]))

    def test_a_manager_cannot_import_jobs(self):
        fields, values = ["uuid", "state"], ["forged", "pending"]
        loaded = self.rpc(self.manager, "queue.job", "load", fields, [values])
        self.assertFalse(loaded["ids"])
        self.assertIn("not allowed", loaded["messages"][0]["message"])
        self.assertFalse(self.env["queue.job"].search([("uuid", "=", "forged")]))

    def test_nobody_deletes_expired_jobs_over_rpc(self):
        for user in (self.manager, self.user):
            with self.assertRaises(AccessError):
                self.rpc(user, "queue.job", "autovacuum")

    def test_a_manager_cannot_delete_jobs(self):
        job = self.make_job(State.DONE)
        with self.assertRaises(AccessError):
            self.rpc(self.manager, "queue.job", "unlink", job.ids)

    def test_nobody_changes_what_a_job_calls(self):
        job = self.make_job()
        values = {
            "uuid": "x", "name": "x", "date_created": "2020-01-01 00:00:00",
            "model_name": "res.users", "method_name": "unlink", "func_string": "x",
            "channel_method_name": "x", "job_function_id": False,
            "records": {"_type": "odoo_recordset", "model": "res.users", "ids": [1]},
            "args": [1], "kwargs": {"a": 1}, "attempt": 9, "worker_backend": 9,
        }  # fmt: skip
        for field, value in values.items():
            with self.subTest(field=field):
                with self.assertRaises(AccessError):
                    self.rpc(
                        self.manager, "queue.job", "write", job.ids, {field: value}
                    )
                with self.assertRaises(AccessError):
                    job.sudo().write({field: value})

    def test_the_key_to_the_protected_fields_does_not_come_over_rpc(self):
        job = self.make_job()
        for key in ("true", True, 1, {}, "EDIT_SENTINEL"):
            with self.subTest(key=key), self.assertRaises(AccessError):
                self.rpc(
                    self.manager, "queue.job", "write", job.ids, {"args": [1]},
                    context={"_job_edit_sentinel": key},
                )  # fmt: skip

    def test_private_methods_cannot_be_called(self):
        job = self.make_job()
        for method in ("_move", "_test_job", "_change_job_state", "init"):
            with self.subTest(method=method):
                with self.assertRaises(AccessError):
                    self.rpc(self.manager, "queue.job", method, job.ids)

    def test_a_manager_plans_a_job_that_waits(self):
        job = self.make_job()
        values = {
            "priority": 3,
            "channel": "root.other",
            "eta": "2030-01-01 00:00:00",
            "max_retries": 0,
        }
        self.rpc(self.manager, "queue.job", "write", job.ids, values)
        self.assertEqual(job.priority, 3)
        self.assertEqual(job.channel, "root.other")

    def test_attempts_are_read_only(self):
        attempts = self.env["queue.job.attempt"].with_user(self.manager)
        self.assertTrue(attempts.has_access("read"))
        for operation in ("write", "create", "unlink"):
            self.assertFalse(attempts.has_access(operation))

    # --- those who only look --------------------------------------------------------

    def _viewer(self):
        groups = "base.group_user,queue_job.group_queue_job_user"
        return new_test_user(self.env, "viewer", groups)

    def test_a_viewer_changes_nothing(self):
        viewer = self._viewer()
        jobs = self.make_job_in_each_state()
        failure = self.env["queue.job.failure"].create({"fingerprint": "x"})
        root = self.env.ref("queue_job.channel_root")
        buttons = (*BUTTONS[:3], "button_stop")
        each = [(job, name) for job in jobs.values() for name in buttons]
        each += [(root, "pause"), (root, "resume")]
        actions = ("ignore", "mark_fixed", "reopen", "requeue_failed_jobs")
        each += [(failure, name) for name in actions]
        for record, method in each:
            with self.subTest(method), self.assertRaises(AccessError):
                self.rpc(viewer, record._name, method, record.ids)
        for model, method, *args in (
            ("queue.job", "write", jobs[State.PENDING].ids, {"priority": 1}),
            ("queue.job", "message_post", jobs[State.PENDING].ids),
            ("queue.requeue.job", "create", [{}]),
            ("queue.jobs.to.done", "create", [{}]),
            ("queue.jobs.to.cancelled", "create", [{}]),
            ("queue.jobs.stop", "create", [{}]),
            ("queue.job.dashboard", "get_dashboard"),
            ("queue.job.health", "action_examine"),
        ):
            with self.subTest(model, method=method), self.assertRaises(AccessError):
                self.rpc(viewer, model, method, *args)
        for state, job in jobs.items():
            self.assertEqual(job.state, state)
        self.assertFalse(root.is_paused)

    def test_a_viewer_opens_every_job(self):
        viewer = self._viewer()
        jobs = self.make_job_in_each_state()
        failure = self.env["queue.job.failure"].create({"fingerprint": "x"})
        jobs[State.FAILED].sudo().failure_id = failure
        views = [(False, kind) for kind in ("form", "list", "kanban", "search")]
        found = self.rpc(viewer, "queue.job", "get_views", views)
        names = found["models"]["queue.job"]["fields"]
        shown = {
            name: {"fields": {"display_name": {}}}
            if names[name]["type"] == "many2one"
            else {}
            for name in names
        }
        for state, job in jobs.items():
            [read] = self.rpc(viewer, "queue.job", "web_read", job.ids, shown)
            self.assertEqual(read["state"], state)

    # --- companies ---------------------------------------------------------------

    def test_a_manager_sees_the_jobs_of_his_companies_and_of_none(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        elsewhere = self.make_job(State.FAILED, company_id=company.id)
        here = self.make_job(State.FAILED, company_id=self.manager.company_id.id)
        nowhere = self.make_job(State.FAILED, company_id=None)
        all_jobs = elsewhere | here | nowhere
        jobs = self.env["queue.job"].with_user(self.manager)
        visible = jobs.search([("id", "in", all_jobs.ids)])
        self.assertEqual(visible, here | nowhere)
        with self.assertRaises(AccessError):
            self.rpc(self.manager, "queue.job", "requeue", elsewhere.ids)
        self.assertEqual(elsewhere.state, State.FAILED)

    def test_attempts_are_seen_with_their_job(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        elsewhere = self.make_job(State.FAILED, company_id=company.id)
        here = self.make_job(State.FAILED, company_id=self.manager.company_id.id)
        for job in (elsewhere, here):
            self.env["queue.job.attempt"].create({"job_id": job.id, "number": 1})
        attempts = self.env["queue.job.attempt"].with_user(self.manager)
        self.assertEqual(attempts.search([]).job_id & (elsewhere | here), here)

    def test_what_belongs_to_jobs_is_seen_with_them(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        elsewhere = self.make_job(State.FAILED, company_id=company.id)
        here = self.make_job(State.FAILED, company_id=self.manager.company_id.id)
        values = {
            "queue.job.record": {"model": "res.partner", "res_id": 1},
            "queue.job.progress": {"attempt": 1},
            "queue.job.checkpoint": {"attempt": 1},
        }
        for model, columns in values.items():
            for job in (elsewhere, here):
                self.env[model].create({"job_id": job.id, **columns})
            found = self.env[model].with_user(self.manager).search([])
            self.assertEqual(found.job_id & (elsewhere | here), here, model)

    # --- the group ---------------------------------------------------------------

    def test_administrators_are_managers_from_the_start(self):
        group = self.env.ref("queue_job.group_queue_job_manager")
        for xmlid in ("base.user_root", "base.user_admin"):
            user = self.env.ref(xmlid).with_context(active_test=False)
            self.assertIn(group, user.all_group_ids)
        self.assertEqual(
            group.privilege_id, self.env.ref("queue_job.privilege_queue_job")
        )

    def test_other_groups_can_imply_the_managers(self):
        group = self.env["res.groups"].create(
            {
                "name": "Operators",
                "implied_ids": [
                    Command.link(self.env.ref("queue_job.group_queue_job_manager").id)
                ],
            }
        )
        operator = new_test_user(self.env, "operator", "base.group_user")
        operator.group_ids |= group
        job = self.make_job(State.FAILED)
        self.assertIs(self.rpc(operator, "queue.job", "requeue", job.ids), True)
