# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import pytest

from odoo.addons.queue_job.core.gate import LOOPBACK, is_token, is_within, networks


def test_loopback_is_this_host_alone():
    allowed = networks(LOOPBACK)
    for address in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"):
        assert is_within(address, allowed)
    for address in ("10.0.0.1", "128.0.0.1", "::2", "", "localhost", "127.0.0.1:80"):
        assert not is_within(address, allowed)


def test_networks_are_separated_by_commas_or_lines():
    allowed = networks("10.0.0.0/8, 192.168.1.5\n2001:db8::/32,")
    assert is_within("10.200.0.1", allowed)
    assert is_within("192.168.1.5", allowed)
    assert is_within("2001:db8::9", allowed)
    assert not is_within("192.168.1.6", allowed)
    assert networks(" ") == []


def test_an_address_of_a_host_stands_for_its_network():
    assert is_within("10.9.9.9", networks("10.1.2.3/8"))


def test_a_word_that_is_no_network_is_named():
    with pytest.raises(ValueError, match="10.0.0.0/99"):
        networks("127.0.0.1,10.0.0.0/99")


@pytest.mark.parametrize(
    ("configured", "given", "is_right"),
    [
        ("secret", "secret", True),
        ("secret", "secre", False),
        ("secret", "", False),
        ("", "", False),  # none is configured: nobody knows it
        ("sécrét", "sécrét", True),
        ("secret", "s\udce9cret", False),
    ],
)
def test_a_token(configured, given, is_right):
    assert is_token(configured, given) is is_right
