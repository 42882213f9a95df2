# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From words of the command line to the status of the process."""

import argparse
import getpass
import logging
import os
import sys

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config

from ..config import SettingError
from .call import FINE, WRONG, Call, CommandError
from .output import Output
from .parser import build

_ADDON = __name__.partition(".command")[0]


def run(prog: str, words: list[str]) -> int:
    """Do what the command line says.

    :return: the exit status; a command line that makes no sense ends the process with 2
    """
    parser = build(prog)
    options = parser.parse_args(words)
    database = _configure(parser, options)
    out = Output(options.json)
    try:
        with Registry(database).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            _need_addon(env)
            status = execute(Call(env, options, out, _operator(), cr.commit))
            if status != FINE:
                cr.rollback()  # what is to last, the subcommands commit
            return status
    except psycopg2.OperationalError as error:
        out.complain(f"cannot work in database {database}: {str(error).strip()}")
        return WRONG
    except CommandError as error:
        out.complain(str(error))
        return WRONG
    except BrokenPipeError:  # who read has seen enough, as with ``| head``
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE


def execute(call: Call) -> int:
    """Call a subcommand; what it cannot do goes to stderr."""
    try:
        return call.options.run(call)
    except (CommandError, UserError, SettingError) as error:
        call.out.complain(str(error))
        return WRONG


def _configure(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Read Odoo's configuration; return the database to work in."""
    level = options.log_level or ("info" if options.subcommand == "run" else "warn")
    words = ["--no-http", f"--log-level={level}"]
    # what operators change is told, however quiet the rest is
    words.append(f"--log-handler={_ADDON}.command:INFO")
    if options.config:
        words += ["-c", options.config]
    if options.database:
        words += ["-d", options.database]
    config.parse_config(words, setup_logging=True)
    if options.subcommand == "run":
        _show_log()
    names = config["db_name"] or []
    if len(names) != 1:
        parser.error("name one database: -d DB")
    return names[0]


def _show_log() -> None:
    """Show what the job logs, also where Odoo's log goes to a file."""
    if config["logfile"] or config["syslog"]:
        logging.getLogger().addHandler(logging.StreamHandler(sys.stderr))


def _need_addon(env: api.Environment) -> None:
    if "queue.job" not in env:
        raise CommandError(
            f"queue_job is not installed in database {env.cr.dbname}: install it with"
            f" odoo -d {env.cr.dbname} -i queue_job --stop-after-init"
        )


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number alone
        return str(os.getuid())
