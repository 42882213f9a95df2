"""Try to hold a port that another run holds."""

import sys

from tooling import ports

print(ports.hold(int(sys.argv[1])))
