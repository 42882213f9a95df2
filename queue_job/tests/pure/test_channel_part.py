# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Very many channels are looked at part by part."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.runner.channel_part import MOST_CHANNELS, ChannelPart


def look(part, channels):
    """The channels that a look is at."""
    found = sorted(c for c in channels if c >= part.begin)
    rest = found[part.most] if len(found) > part.most else None
    seen = found[: part.most]
    part.follow(rest)
    return seen


def names(count):
    return [f"root.c{number:06}" for number in range(count)]


def test_each_look_is_at_all_channels_where_there_are_few():
    part, few = ChannelPart(), names(MOST_CHANNELS)
    for _look in range(3):
        assert look(part, few) == few
        assert part.is_whole


def test_of_many_each_look_is_at_the_next_ones_and_costs_less():
    part, many = ChannelPart(10), names(13)
    assert look(part, many) == many[:10]
    assert not part.is_whole
    assert (
        [look(part, many) for _look in range(4)]
        == [
            many[10:12],
            many[12:],  # less than a part, and the end
            many[:2],
            many[2:4],
        ]
    )
    assert not part.is_whole


def test_once_there_are_few_again_each_look_is_at_all_of_them():
    part, many, few = ChannelPart(10), names(30), names(9)
    for _look in range(5):
        look(part, many)
    for _look in range(12):
        look(part, few)
    assert look(part, few) == few
    assert part.is_whole


@given(
    st.integers(1, 12),
    st.lists(st.integers(0, 60), min_size=1, max_size=60, unique=True),
    st.integers(0, 20),
)
def test_every_channel_has_its_turn(most, numbers, before):
    """... wherever the looks stand, and however many there were before."""
    part, channels = ChannelPart(most), [f"{number:02}" for number in numbers]
    for _look in range(before):
        look(part, channels)
    seen = set()
    for _look in range(2 * len(channels) + 2):
        found = look(part, channels)
        assert len(found) <= most
        seen.update(found)
    assert seen == set(channels)
