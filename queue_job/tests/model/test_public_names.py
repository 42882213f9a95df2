# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What modules written for earlier versions import, patch and read."""

from importlib import import_module

from odoo.orm.models import MetaModel
from odoo.tests import tagged

from odoo.addons.queue_job import exception
from odoo.addons.queue_job.models.part import ModelPart
from odoo.addons.queue_job.models.queue_job import channel_func_name

from .case import JobCase

NAMES = {
    "": "identity_exact job delay exception fields utils jobrunner controllers models"
    " wizards tests",
    "job": "Job job related_action identity_exact identity_exact_hasher"
    " DelayableRecordset _is_model_method PENDING ENQUEUED STARTED DONE FAILED"
    " WAIT_DEPENDENCIES CANCELLED STATES DEFAULT_PRIORITY DEFAULT_MAX_RETRIES"
    " RETRY_INTERVAL datetime",
    "delay": "group chain Graph DelayableGraph DelayableChain DelayableGroup Delayable"
    " DelayableRecordset Job",
    "exception": "BaseQueueJobError JobError NoSuchJobError NotReadableJobError"
    " FailedJobError RetryableJobError NothingToDoJob ChannelNotFound",
    "fields": "JobSerialized JobEncoder JobDecoder",
    "utils": "must_run_without_delay",
    "controllers.main": "RunJobController PG_RETRY _prevent_commit"
    " DEPENDS_MAX_TRIES_ON_CONCURRENCY_FAILURE",
    "jobrunner": "QueueJobRunnerThread WorkerJobRunner QueueJobRunner START_DELAY"
    " queue_job_config _is_runner_enabled _start_runner_thread runner channels",
    "jobrunner.runner": "QueueJobRunner Database MasterElectionLost _channels"
    " _connection_info_for",
    "jobrunner.channels": "ChannelManager Channel ChannelJob ChannelQueue"
    " PriorityQueue NOT_DONE split_strip",
    "models.base": "Base DelayableRecordset",
    "models.queue_job": "QueueJob channel_func_name",
    "tests.common": "trap_jobs JobsTrap JobCall JobCounter JobMixin mock_with_delay"
    " load_doctests OdooDocTestCase",
}


@tagged("post_install", "-at_install")
class TestPublicNames(JobCase):
    def test_they_are_where_they_always_were(self):
        for path, names in NAMES.items():
            module = import_module(f"odoo.addons.queue_job.{path}".rstrip("."))
            for name in names.split():
                with self.subTest(f"{path}.{name}"):
                    self.assertTrue(hasattr(module, name))

    def test_methods_of_the_controller_are_called_on_its_class(self):
        controller = import_module("odoo.addons.queue_job.controllers.main")
        for name in (
            "_acquire_job", "_load_job", "_try_perform_job", "_runjob",
            "_enqueue_dependent_jobs", "_get_failure_values",
        ):  # fmt: skip
            method = getattr(controller.RunJobController, name)
            self.assertIs(method.__self__, controller.RunJobController, name)

    def test_methods_of_jobs_are_patched_on_the_class_of_the_model(self):
        model = import_module("odoo.addons.queue_job.models.queue_job").QueueJob
        for name in (
            "create", "write", "requeue", "button_done", "button_cancelled",
            "open_related_action", "autovacuum", "requeue_stuck_jobs", "_gc_old_jobs",
            "_subscribe_users_domain", "_subscribe_job_creator", "_change_job_state",
            "_message_post_on_failure", "_message_failed_job",
            "_get_stuck_jobs_domain", "_get_stuck_jobs_to_requeue",
            "_needaction_domain_get", "related_action_open_record", "_test_job",
        ):  # fmt: skip
            self.assertTrue(hasattr(model, name), name)
            self.assertTrue(hasattr(self.env["queue.job"], name), name)

    def test_a_model_is_one_class_whose_fields_are_used_as_declared(self):
        """Parts are no models of their own, to Odoo: it registers none, and shares
        their fields between the databases of a process."""
        defined = MetaModel._module_to_models__["queue_job"]
        for name in ("queue.job", "queue.job.channel", "queue.job.function"):
            [model] = [each for each in defined if each._name == name]
            parts = [each for each in model.__mro__ if ModelPart in each.__bases__]
            self.assertIn(ModelPart, model.__mro__)
            for declared in (field for p in parts for field in p._field_definitions):
                with self.subTest(str(declared)):
                    self.assertEqual(declared._module, "queue_job")
                    if declared._direct:  # related ones are made for each database
                        used = self.env[name]._fields[declared.name]
                        self.assertIs(used, declared)

    def test_the_errors_and_what_they_are(self):
        error = exception.RetryableJobError("later", seconds=3, ignore_retry=True)
        self.assertEqual((error.seconds, error.ignore_retry), (3, True))
        self.assertEqual(str(error), "later")
        plain = exception.RetryableJobError("later")
        self.assertEqual((plain.seconds, plain.ignore_retry), (None, False))
        for name in (
            "NoSuchJobError", "NotReadableJobError", "FailedJobError",
            "RetryableJobError", "NothingToDoJob", "MaxRetryJobError",
        ):  # fmt: skip
            self.assertTrue(issubclass(getattr(exception, name), exception.JobError))
        self.assertTrue(
            issubclass(exception.MaxRetryJobError, exception.FailedJobError)
        )
        base = exception.BaseQueueJobError
        self.assertTrue(issubclass(exception.JobError, base))
        self.assertTrue(issubclass(exception.ChannelNotFound, base))
        self.assertFalse(issubclass(exception.ChannelNotFound, exception.JobError))

    def test_the_name_of_a_function_record(self):
        name = channel_func_name(self.partner, self.partner.write)
        self.assertEqual(name, "<res.partner>.write")

    def test_the_type_of_the_field_is_known_to_odoo(self):
        field = self.env["ir.model.fields"]._get("queue.job", "args")
        self.assertEqual(field.ttype, "job_serialized")
