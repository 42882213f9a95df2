# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import test_classic
from . import test_demo_run
from . import test_order_jobs
from . import test_order_shows_jobs
from . import test_order_graphs
