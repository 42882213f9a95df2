from . import classic
from . import order
from . import order_jobs
from . import order_buttons
from . import demo_run
from . import queue_job
