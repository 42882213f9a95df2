"""Start a child, and be killed once it is up; the word names its log."""

import os
import signal
import sys
from pathlib import Path

from tooling.bootstrap import processes

log = Path(sys.argv[1])
child = processes.start(["sh", "-c", "echo up; exec sleep 600"], log)
print(child.pid, flush=True)
while not log.read_text():
    pass
os.kill(os.getpid(), signal.SIGKILL)
