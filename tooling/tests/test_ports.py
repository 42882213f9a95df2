"""A busy port is found out before the server is started."""

import socket
import subprocess
import sys

import pytest

from tooling import ports
from tooling.bootstrap import cache
from tooling.bootstrap.console import Stop


@pytest.fixture
def busy():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_the_next_free_port_is_taken_and_said(busy, capsys):
    taken = ports.pick(busy, insist=False)
    assert taken > busy
    assert f"port {busy} is busy, taking {taken}" in capsys.readouterr().out


def test_a_port_the_user_named_is_not_exchanged(busy):
    with pytest.raises(Stop, match=f"port {busy} is busy"):
        ports.pick(busy, insist=True)


def test_what_is_no_port_is_refused():
    with pytest.raises(Stop, match="70000 is no port"):
        ports.pick(70000, insist=True)


def test_a_free_range_is_free():
    first = ports.free_range(40)
    assert all(ports.is_free(port) for port in range(first, first + 40))


def test_what_one_run_has_chosen_no_other_chooses():
    first = ports.free_range(1)
    program = "tooling.tests.programs.hold_port"
    command = [sys.executable, "-m", program, str(first)]
    done = subprocess.run(
        command, cwd=cache.CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    assert done.stdout.strip() == "False"
