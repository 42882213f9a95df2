# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``doctor``: what goes wrong in practice, and what puts it right."""

import requests

from ..core.health import worst
from ..jobrunner.config import RunnerConfig
from .call import FINE, WRONG, Call

#: Seconds to wait for Odoo to answer.
_TIMEOUT = 10.0


def doctor(call: Call) -> int:
    """Look for what goes wrong in practice, and say what puts it right."""
    findings = call.env["queue.job.doctor"]._examine(address_error())
    rows = [
        {
            "name": finding.name,
            "severity": finding.severity.value,
            "words": finding.words,
            "cure": finding.cure,
        }
        for finding in findings
    ]
    call.out.answer(rows)
    for row in rows:
        call.out.say(f"{row['severity'].upper()}: {row['words']}\n    {row['cure']}")
    bad = worst(findings)
    if bad is None:
        call.out.say("Nothing is wrong.")
    return WRONG if bad else FINE


def address_error() -> str:
    """Tell why Odoo does not answer where a runner with this configuration would ask
    it; empty where it does. What a server answers does not matter: it may serve
    another database to those who name none."""
    try:
        settings = RunnerConfig.from_environ_or_config()
        url = f"{settings.scheme}://{settings.host}:{settings.port}/queue_job/session"
        requests.get(url, timeout=_TIMEOUT, allow_redirects=False)
    except ValueError as error:  # a setting, or what requests makes of it
        return str(error)
    except requests.RequestException as error:
        return f"{url}: {type(error).__name__}"
    return ""
