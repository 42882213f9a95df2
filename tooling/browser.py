"""A browser for the tests of the web client."""

import shutil

from .bootstrap import cache, debian
from .bootstrap.console import Stop, say

# In the order in which Odoo's own tests look for one.
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def find() -> str | None:
    """The browser that Odoo's tests will take."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def get() -> str | None:
    """A browser, installed if that is possible; without one its tests are skipped."""
    if found := find():
        return found
    hint = "tests in the browser will be skipped"
    if not (cache.is_root() and debian.is_debian()):
        say(f"no Chromium here, {hint}: have an administrator install chromium")
        return None
    say("installing Chromium for the tests of the web client (once)")
    try:
        debian.install("chromium")
    except Stop as error:
        say(f"  {error}")
        say(f"  {hint}")
    return find()
