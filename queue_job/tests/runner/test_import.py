# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Importing the runner has no effect; only a server-wide addon changes servers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import rig
from rig.postgresql import PATIENCE

_PROBE = Path(rig.__path__[0]) / "probes" / "server.py"


@pytest.fixture
def probe(tmp_path):
    def run(*actions, load="base,web"):
        conf = tmp_path / "odoo.conf"
        conf.write_text(
            f"[options]\naddons_path = {os.environ['ODOO_ADDONS_PATH']}\n"
            "[queue_job]\nchannels = root:x\n"
        )
        command = [sys.executable, _PROBE, conf, load, *actions]
        done = subprocess.run(command, text=True, capture_output=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    return run


NOTHING = {"patched": [], "opened": [], "threads": 0, "stops": 0}


def test_importing_the_runner_has_no_effect(probe):
    assert probe("import_jobrunner") == NOTHING


def test_loading_the_addon_for_a_database_has_no_effect(probe):
    assert probe("load_addon") == NOTHING


def test_a_server_wide_addon_hooks_into_both_servers_once(probe):
    actions = ("load_addon", "load_again")
    assert probe(*actions, load="base,web,queue_job") == {
        "patched": [
            "PreforkServer.process_spawn",
            "ThreadedServer.cron_spawn",
            "ThreadedServer.process_limit",
            "ThreadedServer.signal_handler",
            "ThreadedServer.stop",
            "Worker.check_limits",
            "Worker.signal_handler",
            "Worker.signal_time_expired_handler",
        ],
        "opened": [],
        "threads": 0,
        "stops": 0,
    }


def test_a_threaded_server_ends_its_runner_before_it_ceases_to_listen(probe):
    actions = ("load_addon", "stop_threaded_server")
    probe(*actions, load="base,web,queue_job")
