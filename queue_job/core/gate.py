# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who may ask how the queue is: monitors that know a token, or have an address."""

import hmac
from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
#: Who may ask where nothing is configured.
LOOPBACK = "127.0.0.0/8,::1"


def networks(text: str) -> list[Network]:
    """Read addresses and networks that are separated by commas.

    :raise ValueError: naming the word that is none
    """
    words = (word.strip() for word in text.replace("\n", ",").split(","))
    return [ip_network(word, strict=False) for word in words if word]


def is_token(configured: str, given: str) -> bool:
    """Tell whether a token is the configured one, in the same time whatever it is."""
    equal = hmac.compare_digest(configured.encode(), given.encode("utf-8", "replace"))
    return equal and bool(configured)


def is_within(address: str, allowed: Collection[Network]) -> bool:
    """Tell whether an address is one of those allowed."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)  # of a socket for both kinds
    return any((mapped or found) in network for network in allowed)
