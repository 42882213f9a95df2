"""``script/demo``: a real server working off some hundred jobs, live."""

from .command import main

__all__ = ["main"]
