"""``script/screenshots``: the pictures of the documentation, taken of a real server."""

from .command import main

__all__ = ["main"]
