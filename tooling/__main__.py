"""Runs one of the commands, with everything that its Python holds."""

import sys

from .bootstrap.console import Stop
from .bootstrap.ending import told
from .bootstrap.parsers import COMMANDS


def main(words: list[str]) -> int:
    command, *rest = words
    return _command(command)(rest)


def _command(name: str):
    """Import only what the command needs."""
    if name == "setup":
        from .setup import main
    elif name == "test":
        from .test import main
    elif name == "lint":
        from .lint import main
    elif name == "demo":
        from .demo import main
    elif name == "translations":
        from .translations import main
    elif name == "screenshots":
        from .screenshots import main
    elif name == "bench":
        from bench.course import main
    else:
        raise Stop(f"unknown command {name}: one of {', '.join(COMMANDS)}")
    return main


if __name__ == "__main__":
    sys.exit(told(main, sys.argv[1:]))
