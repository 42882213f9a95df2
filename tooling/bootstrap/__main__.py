"""Reads a command line, sees to it that the Python packages are there, and goes on
under the Python that has them."""

import os
import sys

from . import cache, packages, parsers
from .ending import told


def main(words: list[str]) -> int:
    command, *rest = words
    with_pytest = rest[: rest.index("--")] if "--" in rest else rest
    parsers.parse(command, with_pytest)
    environment = packages.get()
    python = str(environment.python)
    variables = packages.variables(environment, cache.CHECKOUT)
    os.execve(python, [python, "-B", "-m", "tooling", *words], variables)


if __name__ == "__main__":
    sys.exit(told(main, sys.argv[1:]))
