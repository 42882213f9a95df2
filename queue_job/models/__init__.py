# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import base
from . import ir_mail_server
from . import ir_model_fields
from . import mail_scheduled_message
from . import queue_job
from . import queue_job_action
from . import queue_job_attempt
from . import queue_job_channel
from . import queue_job_dashboard
from . import queue_job_dependency
from . import queue_job_failure
from . import queue_job_failure_digest
from . import queue_job_doctor
from . import queue_job_alert
from . import queue_job_function
from . import queue_job_log
from . import queue_job_statistics
from . import queue_job_statistics_history
from . import queue_job_mixin
from . import queue_job_progress
from . import queue_job_record
from . import queue_job_stop
