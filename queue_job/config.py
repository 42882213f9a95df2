# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Settings of the job queue: environment, then ``[queue_job]``, then default.

Nothing is read before it is asked for: a standalone runner imports this module
before it has parsed its ``-c``.
"""

import configparser
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from .core.channels.lanes import Lanes
from .core.health import Thresholds
from .core.runner.load_control import Load
from .core.stopping import StopSteps
from .core.thresholds import read as read_thresholds

_logger = logging.getLogger(__name__)

SECTION = "queue_job"
_ENVIRONMENT_PREFIX = "ODOO_QUEUE_JOB_"
_DB_KEYS = ("host", "port", "user", "password")
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"", "0", "false", "no", "off", "none"})

#: (file, time of its last change) and what its section held then.
_cache: tuple[tuple[str, int] | None, dict[str, str]] = (None, {})
_SERVER_ENVIRONMENT = "odoo.addons.server_environment"
#: The addons path on which that was looked for in vain: Python reads all its folders
#: each time.
_without: list[str] | None = None
#: Words already complained about: a wrong word is said once, not at every call.
_complained: set[str] = set()


class SettingError(ValueError):
    """A setting cannot be used; the message names it, its word and the cure."""


class _Section(Mapping[str, str]):
    """The ``[queue_job]`` section as it is at this moment."""

    def __getitem__(self, key: str) -> str:
        return _section()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(_section())

    def __len__(self) -> int:
        return len(_section())


#: The ``[queue_job]`` section of the configuration, without the environment.
queue_job_config: Mapping[str, str] = _Section()


def setting(key: str, default: str | None = None) -> str | None:
    """Return the value of a setting, a text, or ``default`` where none was given.

    :param key: name in the ``[queue_job]`` section, e.g. ``jobrunner_db_host``
    """
    value = os.environ.get(_ENVIRONMENT_PREFIX + key.upper())
    return value or queue_job_config.get(key) or default


def delay_any_method() -> bool:
    """Tell whether methods that are not declared may be delayed, too."""
    return _is_on("delay_any_method")


def keeps_statistics() -> bool:
    """Tell whether the runner writes down how many jobs ended, and when."""
    return _is_on("statistics", default="yes")


def stop_steps() -> StopSteps:
    """When each step is taken to end a job that is to be stopped.

    :raise SettingError: for other than three numbers of seconds
    """
    word = setting("stop_after")
    if word is None:
        return StopSteps()
    try:
        return StopSteps.parse(word)
    except ValueError as error:
        raise SettingError(f"setting stop_after: {error}") from None


def users_first() -> Load:
    """Return the load from which on fewer jobs run; each threshold only where one is
    set.

    :raise SettingError: when one is not a number above 0
    """
    return Load(
        wait=_threshold("users_first_wait", setting("users_first_wait")),
        machine=_threshold("users_first_load", setting("users_first_load")),
        backends=_threshold("users_first_sessions", setting("users_first_sessions")),
    )


def _threshold(key: str, word: str | None) -> float | None:
    if not word:
        return None
    try:
        number = float(word)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise SettingError(f"setting {key}: {word!r} is not a number above 0")
    return number


def database_overrides() -> dict[str, str]:
    """Connection parameters of the queue's own connections that differ from Odoo's.

    A connection pooler between Odoo and PostgreSQL does not carry LISTEN and
    session locks; they have to go past it.

    :raise SettingError: when the port is none
    """
    found = {key: setting(f"jobrunner_db_{key}") for key in _DB_KEYS}
    if found["port"]:
        port_number("jobrunner_db_port", found["port"])
    return {key: value for key, value in found.items() if value}


@cache
def goes_past_pooler() -> bool:
    """Tell whether the queue's own connections go elsewhere than Odoo's: then there is
    a pooler, and Odoo's sessions may change with every transaction. Asked at every job,
    so it is looked up once."""
    return any(setting(f"jobrunner_db_{key}") for key in ("host", "port"))


@cache
def lanes() -> Lanes:
    """Tell in which lanes of their channels jobs wait. Asked at every delaying call; a
    server reads what it says of its channels when it starts."""
    return Lanes.of_text(setting("channels") or "")


def port_number(key: str, word: str) -> int:
    """Return the port that a setting gives.

    :raise SettingError: when it is none
    """
    try:
        port = int(word)
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        raise SettingError(f"setting {key}: {word!r} is not a port number")
    return port


def thresholds() -> Thresholds:
    """Return from when on something is wrong. A word that cannot be used is said once,
    in the log, and the default stays in force."""
    found, complaints = read_thresholds(setting)
    for complaint in complaints:
        if complaint not in _complained:
            _complained.add(complaint)
            _logger.error("%s; the default stays in force", complaint)
    return found


def _is_on(key: str, default: str = "") -> bool:
    word = (setting(key) or default).strip()
    if word.lower() in _YES:
        return True
    if word.lower() not in _NO and word not in _complained:
        _complained.add(word)
        _logger.error(
            "setting %s: %r is neither yes nor no, taken as no; write True or False",
            key,
            word,
        )
    return False


def forget() -> None:
    """Read the configuration anew at the next access, for tests."""
    global _cache, _without  # noqa: PLW0603  # this module's only state
    _cache, _without = (None, {}), None
    _complained.clear()
    goes_past_pooler.cache_clear()
    lanes.cache_clear()


def _section() -> Mapping[str, str]:
    served = _server_environment()
    if served is not None:
        return served
    return _section_of(_config_file())


def _server_environment() -> Mapping[str, str] | None:
    """Return the section kept by the ``server_environment`` add-on, if it is there."""
    global _without  # noqa: PLW0603
    import odoo.addons  # noqa: PLC0415

    path = list(odoo.addons.__path__)
    if path == _without and _SERVER_ENVIRONMENT not in sys.modules:
        return None
    try:
        from odoo.addons.server_environment import serv_config  # noqa: PLC0415
    except ImportError:
        _without = path
        return None
    return serv_config[SECTION] if serv_config.has_section(SECTION) else {}


def _config_file() -> str | None:
    from odoo.tools import config  # noqa: PLC0415  # not before it is asked for

    path: Any = config["config"]
    return path or None


def _section_of(path: str | None) -> dict[str, str]:
    global _cache  # noqa: PLW0603
    if not path:
        return {}
    try:
        key = (path, os.stat(path).st_mtime_ns)
    except OSError:  # Odoo runs without a file, too
        return {}
    if _cache[0] != key:
        _cache = (key, _read(path))
    return _cache[1]


def _read(path: str) -> dict[str, str]:
    # A password may hold a percent sign: no interpolation.
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise SettingError(f"cannot read [{SECTION}] in {path}: {error}") from error
    return dict(parser[SECTION]) if parser.has_section(SECTION) else {}
