"""The README of each add-on, made of the fragments in its ``readme`` folder as OCA's
generator makes it, which is in no package index."""

import ast
from collections.abc import Iterator
from pathlib import Path

from .bootstrap import cache

ADDONS = ("queue_job", "queue_job_demo", "queue_job_prometheus")
# The names and the order of OCA's fragments, and the titles that they get.
SECTIONS = {
    "DESCRIPTION": "",
    "CONTEXT": "Use Cases / Context",
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Known issues / Roadmap",
    "HISTORY": "Changelog",
}
_MARK = """\
..
   Made by script/lint --fix of the fragments in the folder readme and of the manifest:
   change those.
"""
_STATUS = "This module is at the stage: *{}*."


def stale() -> Iterator[Path]:
    """Find the READMEs that are not what their fragments say."""
    for addon in ADDONS:
        path = cache.CHECKOUT / addon / "README.rst"
        if not path.exists() or path.read_text() != text(path.parent):
            yield path


def write() -> None:
    """Make every README that is not what its fragments say."""
    for path in stale():
        path.write_text(text(path.parent))


def text(addon: Path) -> str:
    """Put together the README of an add-on."""
    manifest = ast.literal_eval((addon / "__manifest__.py").read_text())
    return "\n".join(_parts(addon / "readme", manifest))


def _parts(fragments: Path, manifest: dict[str, str]) -> Iterator[str]:
    title = manifest["name"]
    yield _titled(title, "=" * len(title), over=True)
    yield _MARK
    for name, heading in SECTIONS.items():
        path = fragments / f"{name}.rst"
        if path.exists():
            if heading:
                yield _titled(heading, "=" * len(heading))
            yield path.read_text()
        if name == "DESCRIPTION":
            yield _STATUS.format(manifest["development_status"]) + "\n"
            yield ".. contents:: **Table of contents**\n   :local:\n"
    yield _titled("Credits", "=" * len("Credits"))
    yield _titled("Authors", "~" * len("Authors"))
    yield f"* {manifest['author']}\n"
    yield _titled("Contributors", "~" * len("Contributors"))
    yield (fragments / "CONTRIBUTORS.rst").read_text()
    yield _titled("Licence", "~" * len("Licence"))
    yield f"{manifest['license']}\n"


def _titled(title: str, line: str, over: bool = False) -> str:
    return f"{line}\n{title}\n{line}\n" if over else f"{title}\n{line}\n"
