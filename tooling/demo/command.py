"""The demo, from the command line to its exit status."""

import argparse
import secrets
import time
from collections import Counter

from .. import ports, setup
from ..bootstrap import cache, parsers
from ..bootstrap.console import Stop, complain, say
from . import jobs, server
from .bars import Bars
from .server import Demo
from .web import LOGIN, PASSWORD, Client

MODEL = "queue.job.demo.order"
#: The dashboard, on which the menu Job Queue opens.
MENU = "/odoo/queue-job"
DEFAULT_PORT = 8069
# With so many seconds without a job coming to its end, something is stuck.
PATIENCE = 120


def main(words: list[str]) -> int:
    options = parsers.parse("demo", words)
    port = ports.pick(options.port or DEFAULT_PORT, insist=bool(options.port))
    with setup.installation() as installation:
        folder = cache.run_folder("demo")
        database = f"demo_{secrets.token_hex(3)}"
        with server.running(installation, database, port, folder) as demo:
            return _play(demo, options)


def _play(demo: Demo, options: argparse.Namespace) -> int:
    client = Client(demo.address, demo.database)
    say(f"starting a prefork server with {server.WORKERS} workers (log: {demo.log})")
    client.wait(demo.alive)
    client.login()
    say(f"channels: {server.CHANNELS}")
    plan = client.call(MODEL, "delay_demo_jobs", options.jobs)
    assert isinstance(plan, list)
    kinds = Counter(job["kind"] for job in plan)
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    say(f"delayed {len(plan)} jobs: {told}")
    say(f"watch them in the Job Queue menu: {demo.address}{MENU}  ({LOGIN}/{PASSWORD})")
    bars = Bars()
    begun = time.monotonic()
    _watch(demo, bars)
    status = _judge(demo, plan, time.monotonic() - begun)
    if not options.exit:
        _stay(demo, bars)
    return status


def _watch(demo: Demo, bars: Bars) -> None:
    """Show the channels until every job has ended.

    :raises Stop: if nothing moves any more.
    """
    ended, since = -1, time.monotonic()
    while True:
        channels = jobs.channels(demo.installation.server, demo.database)
        bars.show(channels)
        now = sum(channel.ended for channel in channels)
        if now == sum(channel.total for channel in channels):
            break
        if now > ended:
            ended, since = now, time.monotonic()
        if time.monotonic() - since > PATIENCE:
            raise Stop(
                f"no job came to its end for {PATIENCE} s: see the server's log"
                f" {demo.log}"
            )
        server.wait_for_end(demo, 0.3)
    bars.show(channels, at_once=True)
    bars.close()


def _judge(demo: Demo, plan: list[dict], took: float) -> int:
    found = jobs.ended(demo.installation.server, demo.database)
    complaints = jobs.verdict(plan, found)
    for complaint in complaints[:20]:
        complain(complaint)
    failing = tuple(job["uuid"] for job in plan if job["state"] == "failed")
    odd = server.report_log(demo, failing)
    right = len(plan) - len(complaints)
    say(f"{right} of {len(plan)} jobs ended as intended, in {took:.1f} s")
    if odd:
        say(f"{odd} unexpected lines in the server's log {demo.log}")
    return 1 if complaints or odd else 0


def _stay(demo: Demo, bars: Bars) -> None:
    """Keep the server up, and show what the user's own clicks delay."""
    say(f"{demo.address}{MENU} stays up, login {LOGIN}/{PASSWORD}; Ctrl-C ends it")
    say("for more jobs: Demo > Orders, and the buttons there")
    say(f"a shell on its database: {demo.shell}")
    shown = jobs.channels(demo.installation.server, demo.database)
    while True:
        server.wait_for_end(demo, 1.0)
        channels = jobs.channels(demo.installation.server, demo.database)
        if channels != shown:
            bars.show(channels)
            shown = channels
