# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The tests that Odoo runs. Those of the other folders are run by ``script/test``."""

from odoo.tools import config

# Add-ons import ``tests.common`` in servers that run no test: there the framework of
# Odoo's tests must not be loaded.
if config["test_enable"]:
    from .http import test_client_context
    from .http import test_no_storing
    from .http import test_other_routes
    from .http import test_progress
    from .http import test_reading
    from .http import test_runjob
    from .model import test_acting_user
    from .model import test_acting_ways
    from .model import test_adopt
    from .model import test_argument_types
    from .model import test_background_tasks
    from .model import test_creation
    from .model import test_channel_limits
    from .model import test_channel_spelling
    from .model import test_clock
    from .model import test_common
    from .model import test_current_job
    from .model import test_data_files
    from .model import test_decorators
    from .model import test_delay_many
    from .model import test_delayable
    from .model import test_delaying
    from .model import test_drawn_graph
    from .model import test_executor
    from .model import test_executor_failures
    from .model import test_failure_messages
    from .model import test_dispatches
    from .model import test_former
    from .model import test_graph_jobs
    from .model import test_identity
    from .model import test_identity_rules
    from .model import test_in_place
    from .model import test_job
    from .model import test_job_transitions
    from .model import test_job_options
    from .model import test_job_row
    from .model import test_job_states
    from .model import test_large_graphs
    from .model import test_lists
    from .model import test_loose_references
    from .model import test_model_hooks
    from .model import test_no_delay
    from .model import test_onchange
    from .model import test_public_names
    from .model import test_queue_job_channel
    from .model import test_queue_job_function
    from .model import test_queue_job_function_register
    from .model import test_refused_calls
    from .model import test_related_action
    from .model import test_rights
    from .model import test_searched_lists
    from .model import test_security
    from .model import test_sent_contexts
    from .model import test_serialisation
    from .model import test_stored_contexts
    from .model import test_stuck_jobs
    from .model import test_migration
    from .model import test_translations
    from .model import test_uninstall
    from .model import test_unserved
    from .model import test_unstorable
    from .model import test_vacuum
    from .model import test_views
    from .model import test_what_is_gone
    from .model import test_wizards
    from .model import test_work_put_off
    from .ui import test_hoot
    from .ui import test_web_client
