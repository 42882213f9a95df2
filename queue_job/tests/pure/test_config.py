# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Settings: environment, then [queue_job], then default; read when asked for."""

import os
import sys
from configparser import ConfigParser
from types import SimpleNamespace

import pytest

import odoo.addons
from odoo.addons.queue_job import config

LOGGER = "odoo.addons.queue_job.config"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in [n for n in os.environ if n.startswith("ODOO_QUEUE_JOB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(config, "_server_environment", lambda: None)
    monkeypatch.setattr(config, "_config_file", lambda: None)
    config.forget()


@pytest.fixture
def section(tmp_path, monkeypatch):
    """Writes the section of the configuration file."""
    file = tmp_path / "odoo.conf"
    monkeypatch.setattr(config, "_config_file", lambda: str(file))

    def write(**settings):
        lines = [f"{key} = {value}" for key, value in settings.items()]
        text = "\n".join(["[options]", "db_name = x", "[queue_job]", *lines])
        file.write_text(text)
        os.utime(file, ns=(write.changed, write.changed))
        write.changed += 1_000_000

    write.changed = 1_700_000_000_000_000_000
    return write


def test_without_anything_the_default_holds():
    assert config.setting("channels") is None
    assert config.setting("channels", "root:1") == "root:1"
    assert dict(config.queue_job_config) == {}


def test_the_section_is_found_and_the_environment_wins(section, monkeypatch):
    section(channels="root:3", port="8070")
    assert config.setting("channels") == "root:3"
    monkeypatch.setenv("ODOO_QUEUE_JOB_CHANNELS", "root:9")
    assert config.setting("channels") == "root:9"
    assert config.setting("port") == "8070"
    assert config.queue_job_config["channels"] == "root:3", "the file alone"


def test_a_percent_sign_is_a_percent_sign(section):
    section(http_auth_password="per%cent%s")
    assert config.setting("http_auth_password") == "per%cent%s"


def test_a_changed_file_is_read_anew(section):
    section(channels="root:3")
    assert config.setting("channels") == "root:3"
    section(channels="root:4")
    assert config.setting("channels") == "root:4"


def test_a_file_without_the_section_says_nothing(tmp_path, monkeypatch):
    file = tmp_path / "odoo.conf"
    file.write_text("[options]\n")
    monkeypatch.setattr(config, "_config_file", lambda: str(file))
    assert config.setting("channels") is None


def test_a_missing_file_says_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "_config_file", lambda: str(tmp_path / "none.conf"))
    assert config.setting("channels") is None


def test_an_unreadable_file_is_named(tmp_path, monkeypatch):
    file = tmp_path / "odoo.conf"
    file.write_text("no section at all\n")
    monkeypatch.setattr(config, "_config_file", lambda: str(file))
    with pytest.raises(config.SettingError, match="odoo.conf"):
        config.setting("channels")


def test_the_server_environment_add_on_replaces_the_file(section, monkeypatch):
    section(channels="root:3")
    served = {"channels": "root:7"}
    monkeypatch.setattr(config, "_server_environment", lambda: served)
    assert config.setting("channels") == "root:7"


@pytest.mark.parametrize("word", ["1", "true", "True", "YES", "on", " on "])
def test_words_that_mean_yes(word, monkeypatch):
    monkeypatch.setenv("ODOO_QUEUE_JOB_DELAY_ANY_METHOD", word)
    assert config.delay_any_method()


@pytest.mark.parametrize("word", ["0", "false", "No", "off", ""])
def test_words_that_mean_no(word, section, caplog):
    section(delay_any_method=word)
    assert not config.delay_any_method()
    assert not caplog.records


def test_a_word_that_means_neither_is_named_once(monkeypatch, caplog):
    monkeypatch.setenv("ODOO_QUEUE_JOB_DELAY_ANY_METHOD", "maybe")
    assert not config.delay_any_method()
    assert not config.delay_any_method()
    [record] = caplog.records
    assert record.levelname == "ERROR" and "'maybe'" in record.getMessage()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, False),
        ({"jobrunner_db_user": "runner"}, False),
        ({"jobrunner_db_host": "db.example.com"}, True),
        ({"jobrunner_db_port": "5432"}, True),
    ],
)
def test_another_address_for_the_runner_means_a_pooler(section, settings, expected):
    section(**settings)
    assert config.goes_past_pooler() is expected


def test_an_add_on_that_is_missing_is_looked_for_once_per_addons_path(monkeypatch):
    monkeypatch.undo()  # the fixture's stand-in, too
    config.forget()
    asked = []

    class Finder:
        def find_spec(self, name, path=None, target=None):
            if name == config._SERVER_ENVIRONMENT:
                asked.append(list(path))

    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    for _time in range(3):
        assert config._server_environment() is None
    assert len(asked) == 1
    monkeypatch.setattr(odoo.addons, "__path__", [*odoo.addons.__path__, "/nowhere"])
    assert config._server_environment() is None
    assert asked[1][-1] == "/nowhere"
    module = SimpleNamespace(serv_config=ConfigParser())
    module.serv_config.read_dict({"queue_job": {"channels": "root:7"}})
    monkeypatch.setitem(sys.modules, config._SERVER_ENVIRONMENT, module)
    assert config._server_environment()["channels"] == "root:7"
