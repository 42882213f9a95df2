"""Runs one of the commands; every way to go wrong ends in one line."""

import os
import signal
import sys

from . import processes
from .console import Stop, complain

COMMANDS = ("setup", "test", "lint", "demo")


def main(words: list[str]) -> int:
    """Run a command and say how it ended, as an exit status."""
    signal.signal(signal.SIGTERM, _terminated)
    os.umask(0o022)
    for stream in (sys.stdout, sys.stderr):
        # Not every terminal knows every letter.
        stream.reconfigure(errors="replace")
    try:
        return _command(words[0])(words[1:])
    except Stop as error:
        complain(f"{words[0]}: {error}")
        return error.status
    except KeyboardInterrupt:
        complain(f"{words[0]}: stopped")
        return 130
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")
        return 1
    except Exception as error:
        if os.environ.get("QUEUE_JOB_DEBUG"):
            raise
        kind = type(error).__name__
        complain(f"{words[0]}: {kind}: {error} (QUEUE_JOB_DEBUG=1 tells where)")
        return 1
    finally:
        processes.stop_all()


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
    else:
        raise Stop(f"unknown command {name}: one of {', '.join(COMMANDS)}")
    return main


def _terminated(_number: int, _frame: object) -> None:
    raise Stop("terminated", status=143)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
