"""How a command ends: a status, and one line on stderr when it went wrong."""

import os
import signal
import sys
from collections.abc import Callable

from . import processes
from .console import Stop, complain


def told(main: Callable[[list[str]], int], words: list[str]) -> int:
    """Run a command and say how it ended, as an exit status.

    :param words: the name of the command, and its own words
    """
    signal.signal(signal.SIGTERM, _terminated)
    os.umask(0o022)
    for stream in (sys.stdout, sys.stderr):
        # Not every terminal knows every letter.
        stream.reconfigure(errors="replace")
    try:
        return main(words)
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


def _terminated(_number: int, _frame: object) -> None:
    raise Stop("terminated", status=143)
