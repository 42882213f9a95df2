"""The pictures of the documentation: which there are, and what is done to them."""

import io
import re

import pytest
from PIL import Image

from tooling.bootstrap import cache
from tooling.bootstrap.console import Stop
from tooling.screenshots import command, png
from tooling.screenshots.pictures import PICTURES

_IMAGE = re.compile(r"^\.\. image:: (\S+/description/(\w+)\.png)\n((?:   .*\n)*)", re.M)
_PAGES = [
    cache.CHECKOUT / "README.rst",
    cache.CHECKOUT / "docs" / "administrators.rst",
    cache.CHECKOUT / "queue_job" / "readme" / "DESCRIPTION.rst",
]


def test_all_are_taken_unless_some_are_named():
    assert command.chosen([]) == list(PICTURES)
    assert [picture.name for picture in command.chosen(["jobs"])] == ["jobs"]


def test_a_picture_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(Stop, match=r"called job: one of dashboard, .*tasks"):
        command.chosen(["jobs", "job"])


def test_a_folder_that_is_missing_is_told_before_anything_is_fetched(tmp_path):
    with pytest.raises(Stop, match="is no folder: name another with --to"):
        command.main(["--to", str(tmp_path / "missing")])


@pytest.mark.parametrize("page", _PAGES, ids=lambda path: path.name)
def test_a_page_shows_what_the_script_takes_and_says_it_in_words(page):
    shown = _IMAGE.findall(page.read_text())
    assert {name for _path, name, _options in shown} <= {p.name for p in PICTURES}
    assert [path for path, _name, options in shown if ":alt: " not in options] == []


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_has_the_size_that_is_asked_for_and_is_small(picture):
    path = command.FOLDER / f"{picture.name}.png"
    with Image.open(path) as taken:
        assert taken.size == (picture.width, picture.height)
    assert path.stat().st_size < 200_000


def test_a_picture_with_a_palette_looks_the_same():
    page = Image.new("RGB", (40, 20), "white")
    page.paste((113, 75, 103), (0, 0, 40, 5))
    whole = io.BytesIO()
    page.save(whole, "PNG")
    made = Image.open(io.BytesIO(png.small(whole.getvalue())))
    assert made.mode == "P"
    assert made.convert("RGB").tobytes() == page.tobytes()
