"""The pictures, from the command line to the files."""

import secrets
import tempfile
from pathlib import Path

from .. import browser as browsers
from .. import ports, setup
from ..bootstrap import cache, parsers
from ..bootstrap.console import Stop, say
from ..demo import server
from ..demo.server import Demo
from ..demo.web import Client
from . import chrome, png, scene
from .chrome import Browser
from .pictures import PICTURES, Picture

#: What pictures show in place of the folder of this checkout.
ADDONS = "/opt/odoo/addons"
FOLDER = cache.CHECKOUT / "queue_job" / "static" / "description"


def main(words: list[str]) -> int:
    options = parsers.parse("screenshots", words)
    wanted = chosen(options.names)
    folder = Path(options.to) if options.to else FOLDER
    if not folder.is_dir():
        raise Stop(f"{folder} is no folder: name another with --to")
    with setup.installation(with_browser=True) as installation:
        program = browsers.find()
        if program is None:
            raise Stop("the pictures need a browser: install chromium")
        database = f"screenshots_{secrets.token_hex(3)}"
        files = cache.run_folder("screenshots")
        port = ports.free_range(1)
        with server.running(installation, database, port, files) as demo:
            _take_all(demo, program, wanted, folder)
    return 0


def chosen(names: list[str]) -> list[Picture]:
    """The pictures of these names; all of them if none is named.

    :raises Stop: if there is no such picture
    """
    known = [picture.name for picture in PICTURES]
    for name in names:
        if name not in known:
            raise Stop(f"no picture is called {name}: one of {', '.join(known)}")
    return [picture for picture in PICTURES if not names or picture.name in names]


def _take_all(demo: Demo, program: str, wanted: list[Picture], folder: Path) -> None:
    client = Client(demo.address, demo.database)
    say(f"starting a server (log: {demo.log})")
    client.wait(demo.alive)
    client.login()
    places = scene.play(client)
    session = client.session.cookies["session_id"]
    with (
        tempfile.TemporaryDirectory() as profile,
        chrome.running(program, Path(profile), demo.log.parent) as browser,
    ):
        browser.log_in(demo.address, session)
        for picture in wanted:
            _take(browser, demo.address, places, picture, folder)


def _take(
    browser: Browser,
    address: str,
    places: dict[str, int],
    picture: Picture,
    folder: Path,
) -> None:
    browser.size(picture.width, picture.height)
    browser.open(address + picture.path.format(**places))
    for selector in picture.clicks:
        browser.click(selector)
    browser.wait_for(picture.shows)
    browser.replace(str(cache.CHECKOUT), ADDONS)
    path = folder / f"{picture.name}.png"
    path.write_bytes(png.small(browser.picture()))
    say(f"{path.name}: {path.stat().st_size // 1024} KB")
