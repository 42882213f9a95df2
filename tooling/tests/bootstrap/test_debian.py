"""The machine's own Debian mirror is found in both formats of apt."""

import pytest

from tooling.bootstrap import debian

STANZAS = """\
Types: deb
# a comment
URIs: https://packages.example.org/apt
Suites: stable
Components: main

Types: deb
URIs: http://mirror.example.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/own.gpg
"""
LINES = """\
# deb http://old.example.org/debian bookworm main
deb [arch=amd64] https://packages.example.org/apt stable main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example.org/debian/ bookworm main
"""


@pytest.fixture
def etc_apt(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


def test_stanzas(etc_apt):
    (etc_apt / "sources.list.d" / "debian.sources").write_text(STANZAS)
    expected = ("http://mirror.example.org/debian", "/usr/share/keyrings/own.gpg")
    assert debian.mirror(etc_apt) == expected


def test_lines(etc_apt):
    (etc_apt / "sources.list").write_text(LINES)
    assert debian.mirror(etc_apt) == ("http://mirror.example.org/debian/", "/k.gpg")


def test_a_disabled_stanza_does_not_count(etc_apt):
    text = STANZAS.replace("Signed-By", "Enabled: no\nSigned-By")
    (etc_apt / "sources.list.d" / "debian.sources").write_text(text)
    assert debian.mirror(etc_apt) is None


def test_no_sources_at_all(etc_apt):
    assert debian.mirror(etc_apt) is None
