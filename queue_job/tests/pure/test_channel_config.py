# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The grammar of the channels option."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.channels.config import (
    ChannelConfig,
    parse,
    parse_entries,
    root_capacity,
    split_strip,
)
from odoo.addons.queue_job.core.channels.name import full_name
from odoo.addons.queue_job.core.channels.rate import Rate
from odoo.addons.queue_job.core.channels.scheduler import ChannelManager


@pytest.mark.parametrize(
    ("text", "configs"),
    [
        ("", []),
        (" , ,\n\n,", []),
        ("root:4", [ChannelConfig("root", 4)]),
        ("root", [ChannelConfig("root", 1)]),
        ("sub", [ChannelConfig("root.sub", 1)]),
        ("root.sub:2", [ChannelConfig("root.sub", 2)]),
        ("rooted:2", [ChannelConfig("root.rooted", 2)]),
        ("root:4:", [ChannelConfig("root", 4)]),
        ("  root : 4 ,", [ChannelConfig("root", 4)]),
        ("root:-1", [ChannelConfig("root", -1)]),
        ("root:05", [ChannelConfig("root", 5)]),
        ("a:0", [ChannelConfig("root.a", 0)]),
        ("root:4\na:2\r\n", [ChannelConfig("root", 4), ChannelConfig("root.a", 2)]),
        ("s:1:sequential", [ChannelConfig("root.s", 1, sequential=True)]),
        ("s:1:sequential=no", [ChannelConfig("root.s", 1, sequential=True)]),
        ("s:1:sequential=", [ChannelConfig("root.s", 1)]),
        ("t:4:throttle", [ChannelConfig("root.t", 4, throttle=1)]),
        ("t:4: throttle = 12", [ChannelConfig("root.t", 4, throttle=12)]),
        ("t:4:rate=9/60", [ChannelConfig("root.t", 4, rate=Rate(9, 60, 9))]),
        (
            "t:4:rate = 9 / 60 : burst = 2",
            [ChannelConfig("root.t", 4, rate=Rate(9, 60, 2))],
        ),
        ("p:4:paused", [ChannelConfig("root.p", 4, paused=True)]),
        (
            "u:4:colour=red:loud",
            [ChannelConfig("root.u", 4, unknown={"colour": "red", "loud": True})],
        ),
        (
            "s:1:sequential:throttle=2:paused",
            [ChannelConfig("root.s", 1, True, 2, True)],
        ),
    ],
)
def test_a_string_reads_as(text, configs):
    assert parse(text) == configs


def test_the_last_entry_of_a_channel_replaces_the_first_wholly():
    manager = ChannelManager()
    manager.simple_configure("a:4:paused:throttle=3,root.a:2")
    channel = manager.get_channel_by_name("a")
    assert (channel.capacity, channel.paused, channel.throttle) == (2, False, 0)


WRONG = [
    (":4", "':4'", "name is missing"),
    (" : 4", "': 4'", "name is missing"),
    ("root:4,:2:paused", "':2:paused'", "name is missing"),
    ("a..b:1", "'a..b'", "level of the name is empty"),
    ("root.:1", "'root.'", "level of the name is empty"),
    (".a:1", "'.a'", "level of the name is empty"),
    ("root:", "''", "capacity is not a whole number"),
    ("root:x", "'x'", "capacity is not a whole number"),
    ("root:four", "'four'", "capacity is not a whole number"),
    ("root:4.5", "'4.5'", "capacity is not a whole number"),
    ("root:4;a:2", "'4;a'", "capacity is not a whole number"),
    ("a:sequential", "'sequential'", "'root.sub:1:sequential'"),
    ("a::sequential", "''", "capacity is not a whole number"),
    ("a:1:sequential=a=b", "'sequential=a=b'", "two '='"),
    ("a:1:=b", "'=b'", "key is missing"),
    ("a:1:paused:paused", "'paused'", "there already"),
    ("a:1:throttle=1:throttle=2", "'throttle=2'", "there already"),
    ("a:1:name=b", "'name=b'", "there already"),
    ("a:1:capacity=2", "'capacity=2'", "there already"),
    ("a:2:sequential", "'root.a'", "write 'root.a:1:sequential'"),
    ("a:0:sequential", "'root.a'", "write 'root.a:1:sequential'"),
    ("a:1:rate=100", "rate='100'", "write 'rate=100/60'"),
    ("a:1:rate", "rate=True", "write 'rate=100/60'"),
    ("a:1:rate=0/60", "rate='0/60'", "jobs per whole seconds"),
    ("a:1:rate=1/0", "rate='1/0'", "jobs per whole seconds"),
    ("a:1:rate=1/1.5", "rate='1/1.5'", "jobs per whole seconds"),
    ("a:1:rate=1/2:burst=0", "burst='0'", "of 1 or more"),
    ("a:1:burst=5", "burst='5'", "nothing without a rate"),
    ("a:1:aging", "aging=True", "write 'aging=600'"),
    ("a:1:aging=x", "aging='x'", "whole number of seconds"),
    ("a:1:aging=-1", "aging='-1'", "whole number of seconds"),
    ("a:1:sequential:aging=5", "aging=5", "whose order is strict"),
    ("a:1:throttle=x", "throttle='x'", "whole number of seconds"),
    ("a:1:throttle=", "throttle=''", "whole number of seconds"),
    ("a:1:throttle=1.5", "throttle='1.5'", "whole number of seconds"),
]


@pytest.mark.parametrize(("text", "word", "cure"), WRONG)
def test_a_wrong_string_names_the_word_and_the_cure(text, word, cure):
    for read in (parse, root_capacity):
        with pytest.raises(ValueError) as error:
            read(text)
        assert word in str(error.value)
        assert cure in str(error.value)


@pytest.mark.parametrize(
    ("text", "capacity"),
    [
        ("", 1),
        ("a:5", 1),
        ("root", 1),
        ("root:0", 0),
        (" root : 0 ", 0),
        ("a:2,root:0", 0),
        ("a:2\n root :00:paused", 0),
        ("root:05", 5),
        ("root:0,root:3", 3),
        ("root:3,root:0", 0),
        ("rooted:0", 1),
        ("root.a:0", 1),
        ("root:-1", -1),
    ],
)
def test_the_capacity_of_the_root(text, capacity):
    assert root_capacity(text) == capacity


@pytest.mark.parametrize(
    ("name", "full"),
    [
        (None, "root"),
        ("", "root"),
        ("root", "root"),
        ("a.b", "root.a.b"),
        ("root.a.b", "root.a.b"),
        ("root..a.", "root.a"),
        ("...", "root"),
        ("root.root", "root.root"),
    ],
)
def test_a_name_is_told_from_the_root_down(name, full):
    assert full_name(name) == full


def test_entries_are_dictionaries_as_written():
    assert parse_entries("root:4,sub:1:sequential:x=y") == [
        {"name": "root", "capacity": 4},
        {"name": "sub", "capacity": 1, "sequential": True, "x": "y"},
    ]
    assert ChannelManager.parse_simple_config("a") == [{"name": "a", "capacity": 1}]


def test_splitting_strips_each_part():
    assert split_strip(" foo: bar baz\n: fred:", ":") == ["foo", "bar baz", "fred", ""]
    assert split_strip("a:b:c", ":", 1) == ["a", "b:c"]
    assert split_strip("", ":") == []


NAMES = st.text("abcdefgh_-éß0123456789", min_size=1, max_size=5)
BLANKS = st.sampled_from(["", " ", "\t "])


@st.composite
def configs(draw):
    sequential = draw(st.booleans())
    levels = draw(st.lists(NAMES, min_size=1, max_size=4))
    return ChannelConfig(
        name=full_name(".".join(levels)),
        capacity=1 if sequential else draw(st.integers(-2, 10**6)),
        sequential=sequential,
        throttle=draw(st.integers(0, 3600)),
        paused=draw(st.booleans()),
        aging=None if sequential else draw(st.none() | st.integers(0, 99)),
        rate=draw(st.none() | st.builds(Rate, *[st.integers(1, 99)] * 3)),
        unknown=draw(st.dictionaries(NAMES.map("x_{}".format), NAMES | st.just(True))),
    )


@given(st.lists(configs(), max_size=4), st.data())
def test_what_is_written_reads_the_same_again(written, data):
    def spread(text):
        return "".join(
            data.draw(BLANKS) + char + data.draw(BLANKS) if char in ":=" else char
            for char in text
        )

    separators = st.sampled_from([",", "\n", " ,\n,"])
    text = "".join(spread(str(config)) + data.draw(separators) for config in written)
    assert parse(text) == written


@given(st.text("root.a:=,\n 0149sequntialhp-"))
def test_any_text_is_read_or_refused_with_an_explanation(text):
    try:
        for config in parse(text):
            assert config.name.startswith("root")
        root_capacity(text)
    except ValueError as error:
        assert str(error).startswith("Invalid channel configuration")
