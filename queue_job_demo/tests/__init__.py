from . import test_classic
from . import test_demo_run
from . import test_order_jobs
from . import test_order_graphs
