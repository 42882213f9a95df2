# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What some action in a process does to Odoo's servers: run as a program.

Its words: a configuration file, the server-wide modules, and the actions by name.
Prints what it saw as JSON.
"""

import importlib
import json
import pkgutil
import sys
import threading
from types import SimpleNamespace

conf, load, *actions = sys.argv[1:]
sys.argv = ["probe"]
import odoo.http  # noqa: E402, F401
import odoo.init  # noqa: E402, F401
import odoo.service.server as server  # noqa: E402
from odoo.tools import config  # noqa: E402

config.parse_config(["-c", conf, "--load", load], setup_logging=False)
import odoo.modules.module as module  # noqa: E402

module.initialize_sys_path()
_SERVERS = (
    server.CommonServer,
    server.ThreadedServer,
    server.PreforkServer,
    server.Worker,
)
_FACADE = (
    "QueueJobRunnerThread", "WorkerJobRunner", "QueueJobRunner", "queue_job_config",
    "START_DELAY", "_is_runner_enabled", "_start_runner_thread", "runner", "channels",
)  # fmt: skip


def patched():
    return [
        f"{kind.__name__}.{name}"
        for kind in _SERVERS
        for name, member in vars(kind).items()
        if getattr(member, "__code__", patched.__code__) is not patched.__code__
        and member.__code__.co_filename != server.__file__
    ]


def load_addon():
    module.load_openerp_module("queue_job")


def load_again():
    from odoo.addons.queue_job import post_load

    post_load()
    hook = server.ThreadedServer.cron_spawn.queue_job_original
    assert not hasattr(hook, "queue_job_original")


def import_jobrunner():
    jobrunner = importlib.import_module("odoo.addons.queue_job.jobrunner")
    for found in pkgutil.iter_modules(jobrunner.__path__):
        importlib.import_module(f"{jobrunner.__name__}.{found.name}")
    for name in _FACADE:
        getattr(jobrunner, name)


class Reached(Exception):
    """The point where the server ceases to listen."""


def stop_threaded_server():
    """The runner is told first."""
    from odoo.addons.queue_job.worker import shutdown

    told = []

    def cease_to_listen():
        assert shutdown.is_stopping()
        assert told == ["runner"]
        raise Reached

    found = server.ThreadedServer.__new__(server.ThreadedServer)
    runner = SimpleNamespace(stop=lambda: told.append("runner"))
    found.queue_job_thread = SimpleNamespace(runner=runner)
    found.httpd = SimpleNamespace(shutdown=cease_to_listen)
    try:
        found.stop()
    except Reached:
        told.append("server")
    assert told == ["runner", "server"]


opened = []
sys.addaudithook(
    lambda event, args: opened.append(str(args[0])) if event == "open" else None
)
threads = threading.active_count()
for action in actions:
    globals()[action]()
seen = {
    "patched": sorted(patched()),
    "opened": [o for o in opened if o.endswith((".conf", ".rc", ".odoorc"))],
    "threads": threading.active_count() - threads,
    "stops": len(server.CommonServer._on_stop_funcs),
}
print(json.dumps(seen))
