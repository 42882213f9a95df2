# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import classic
from . import order
from . import order_jobs
from . import order_buttons
from . import demo_run
from . import queue_job
