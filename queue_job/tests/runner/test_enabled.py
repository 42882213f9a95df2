# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whether a server starts a runner: never against its configuration, never by
accident, and Odoo itself goes on whatever the configuration says."""

import logging

import pytest

from odoo.addons.queue_job import server
from odoo.addons.queue_job.jobrunner.config import RunnerConfig
from odoo.addons.queue_job.jobrunner.runner import QueueJobRunner

WRONG = {
    ":4": ":4",
    "root:4,:2": ":2",
    ":": ":",
    "root:": "root:",
    "root:x": "x",
    "root: ": "root",
    "root:1.5": "1.5",
    "root:four": "four",
    "root:4:sequential": "sequential",
    "a:2:sequential": "sequential",
    "a:0:sequential": "sequential",
    "root:4,a::sequential": "a::sequential",
    "a:sequential": "sequential",
    "root:4:throttle=x": "x",
    "root:4:throttle=1.5": "1.5",
    "root:4:throttle=": "throttle",
    "root:4:throttle=1=2": "throttle=1=2",
    "root:4:throttle=1:throttle=2": "throttle",
    "root:4:name=x": "name",
    "root:4:capacity=2": "capacity",
    "root:4;a:2": "4;a",
    "root=4:x": "x",
    "root..a:1": "root..a",
    "root:4\n:x": ":x",
}
OFF = ["root:0", "root : 0", "a:2,root:0", "root:4,root:0", "root:00", "a:1\nroot:0:x"]
ON = ["root:1", "root:05", "root.a:0", "a:0,root:4", "root:0,root:4", "root0:0"]


@pytest.fixture(autouse=True)
def channels(monkeypatch):
    def configure(text):
        monkeypatch.setenv("ODOO_QUEUE_JOB_CHANNELS", text)

    monkeypatch.setattr(server, "QueueJobRunnerThread", pytest.fail)
    return configure


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_word_is_named_and_the_runner_stays_off(text, channels, caplog):
    channels(text)
    with pytest.raises(ValueError):
        server._is_runner_enabled()
    assert server._start_runner_thread("threaded server") is None
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert record.name == "odoo.addons.queue_job.jobrunner"
    assert "the job runner stays off" in record.getMessage()
    assert WRONG[text] in record.getMessage()


@pytest.mark.parametrize("text", OFF)
def test_no_capacity_of_the_root_means_no_runner(text, channels, caplog):
    caplog.set_level(logging.INFO)
    channels(text)
    assert server._start_runner_thread("threaded server") is None
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
        (
            "INFO",
            "jobrunner thread (in threaded server) NOT started, "
            "because the root channel's capacity is set to 0",
        )
    ]


@pytest.mark.parametrize("text", ON)
def test_any_other_capacity_means_a_runner(text, channels):
    channels(text)
    assert server._is_runner_enabled()


def test_a_server_without_http_has_no_runner_unless_a_host_is_set(
    channels, monkeypatch, caplog
):
    caplog.set_level(logging.INFO)
    channels("root:4")
    monkeypatch.setitem(server.config.options, "http_enable", False)
    assert not server._may_start("threaded server")
    assert "answers no HTTP requests; set host" in caplog.text

    monkeypatch.setenv("ODOO_QUEUE_JOB_HOST", "odoo.example.com")
    assert server._may_start("threaded server")


def test_a_server_that_stops_after_its_start_runs_no_jobs(channels, monkeypatch):
    channels("root:4")
    monkeypatch.setitem(server.config.options, "stop_after_init", True)
    assert not server._is_runner_enabled()


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("SCHEME", "ftp"),
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("JOBRUNNER_DB_PORT", "x"),
    ],
)
def test_a_wrong_setting_is_named_and_the_runner_stays_off(
    key, word, channels, monkeypatch, caplog
):
    channels("root:4")
    monkeypatch.setenv(f"ODOO_QUEUE_JOB_{key}", word)
    assert server._start_runner_thread("threaded server") is None
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert f"{key.lower()}: {word!r}" in record.getMessage()


@pytest.mark.parametrize(
    ("interface", "host"),
    [
        ("0.0.0.0", "localhost"),
        ("::", "localhost"),
        ("", "localhost"),
        ("10.1.2.3", "10.1.2.3"),
        ("::1", "::1"),
    ],
)
def test_odoo_is_found_where_it_listens(interface, host, monkeypatch):
    monkeypatch.setitem(server.config.options, "http_interface", interface)
    monkeypatch.setitem(server.config.options, "http_port", 8123)
    found = RunnerConfig.from_environ_or_config()
    assert (found.scheme, found.host, found.port) == ("http", host, 8123)
    assert (found.user, found.password) == (None, None)


def test_settings_of_the_environment_reach_the_runner(channels, monkeypatch):
    channels("root:7,a:2")
    for key, value in {
        "SCHEME": "https",
        "HOST": "odoo.example.com",
        "PORT": "443",
        "HTTP_AUTH_USER": "queue",
        "HTTP_AUTH_PASSWORD": "secret",
    }.items():
        monkeypatch.setenv(f"ODOO_QUEUE_JOB_{key}", value)
    runner = QueueJobRunner.from_environ_or_config()
    assert runner.config == RunnerConfig(
        "root:7,a:2", "https", "odoo.example.com", 443, "queue", "secret"
    )
    assert "secret" not in repr(runner.config)
