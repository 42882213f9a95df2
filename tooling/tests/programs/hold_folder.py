"""Hold a temporary folder of a run until told to end; the word is the system's."""

import sys
import tempfile

from tooling import temporary

tempfile.tempdir = sys.argv[1]
with temporary.folder() as place:
    print(place, flush=True)
    input()
