# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Importing the runner has no effect; only a server-wide addon changes servers."""

import json
import os
import subprocess
import sys

import pytest

_PROBE = """
import sys
sys.argv = ["probe"]
import odoo.init
import odoo.http, odoo.service.server as server
from odoo.tools import config
config.parse_config(["-c", {conf!r}, "--load", {load!r}], setup_logging=False)
import odoo.modules.module as module
module.initialize_sys_path()

def patched():
    return [
        f"{{kind.__name__}}.{{name}}"
        for kind in (
        server.CommonServer, server.ThreadedServer, server.PreforkServer, server.Worker
    )
        for name, member in vars(kind).items()
        if getattr(member, "__code__", patched.__code__) is not patched.__code__
        and member.__code__.co_filename != server.__file__
    ]

opened = []
sys.addaudithook(
    lambda event, args: opened.append(str(args[0])) if event == "open" else None
)
import threading
threads = threading.active_count()
{action}
import json
print(json.dumps({{
    "patched": sorted(patched()),
    "opened": [o for o in opened if o.endswith((".conf", ".rc", ".odoorc"))],
    "threads": threading.active_count() - threads,
    "stops": len(server.CommonServer._on_stop_funcs),
}}))
"""
_IMPORT_ALL = """
import importlib, pkgutil
import odoo.addons.queue_job.jobrunner as jobrunner
for found in pkgutil.iter_modules(jobrunner.__path__):
    importlib.import_module(f"{jobrunner.__name__}.{found.name}")
for name in ("QueueJobRunnerThread", "WorkerJobRunner", "QueueJobRunner",
             "queue_job_config", "START_DELAY", "_is_runner_enabled",
             "_start_runner_thread", "runner", "channels"):
    getattr(jobrunner, name)
"""
_LOAD = "module.load_openerp_module('queue_job')"


@pytest.fixture
def probe(tmp_path):
    def run(action, load="base,web"):
        conf = tmp_path / "odoo.conf"
        conf.write_text(
            f"[options]\naddons_path = {os.environ['ODOO_ADDONS_PATH']}\n"
            "[queue_job]\nchannels = root:x\n"
        )
        script = _PROBE.format(conf=str(conf), load=load, action=action)
        done = subprocess.run(
            [sys.executable, "-c", script], text=True, capture_output=True, timeout=60
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    return run


NOTHING = {"patched": [], "opened": [], "threads": 0, "stops": 0}


def test_importing_the_runner_has_no_effect(probe):
    assert probe(_IMPORT_ALL) == NOTHING


def test_loading_the_addon_for_a_database_has_no_effect(probe):
    assert probe(_LOAD) == NOTHING


def test_a_server_wide_addon_hooks_into_both_servers_once(probe):
    twice = f"{_LOAD}\nfrom odoo.addons.queue_job import post_load; post_load()"
    once = "\nassert not hasattr(server.ThreadedServer.cron_spawn.queue_job_original,"
    once += " 'queue_job_original')"
    assert probe(twice + once, "base,web,queue_job") == {
        "patched": [
            "PreforkServer.process_spawn",
            "ThreadedServer.cron_spawn",
            "ThreadedServer.process_limit",
            "ThreadedServer.stop",
            "Worker.check_limits",
            "Worker.signal_handler",
        ],
        "opened": [],
        "threads": 0,
        "stops": 0,
    }


_STOP = """
from types import SimpleNamespace
from odoo.addons.queue_job.worker import shutdown
found = server.ThreadedServer.__new__(server.ThreadedServer)
told = []
found.queue_job_thread = SimpleNamespace(
    runner=SimpleNamespace(stop=lambda: told.append("runner"))
)
class Reached(Exception):
    pass
def cease_to_listen():
    assert shutdown.is_stopping()
    assert told == ["runner"]
    raise Reached
found.httpd = SimpleNamespace(shutdown=cease_to_listen)
try:
    found.stop()
except Reached:
    told.append("server")
assert told == ["runner", "server"]
"""


def test_a_threaded_server_ends_its_runner_before_it_ceases_to_listen(probe):
    probe(f"{_LOAD}{_STOP}", "base,web,queue_job")
