# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import queue_job_dry_run
from . import queue_job_health
from . import queue_job_run_again
from . import queue_job_selection
from . import queue_jobs_adopt
from . import queue_jobs_change
from . import queue_jobs_stop
from . import queue_jobs_to_cancelled
from . import queue_jobs_to_done
from . import queue_requeue_job
