# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How much of everything a call may bring: what goes beyond is refused where it is
made, or cut with a note that says so."""

#: The greatest number that PostgreSQL keeps as an integer.
MOST_INTEGER = 2**31 - 1
#: Lists and dictionaries in each other: what Python reads back, however deep the stack
#: of the worker already is.
MOST_NESTED = 100

#: UTF-8 bytes of an identity key: PostgreSQL keeps 2,704 in one entry of an index.
MOST_KEY_BYTES = 2_600
#: Days that ended jobs are kept, and a job waits for its next attempt: a hundred years.
#: Dates end in the year 9999.
MOST_DAYS = 36_500
#: Seconds in which the jobs of a function have to begin, where it says so: 68 years.
MOST_EXPIRY = MOST_INTEGER

# Characters of what is stored for people to read; the rest is cut off.
MOST_RESULT = 1_000_000
MOST_TRACEBACK = 1_000_000
MOST_MESSAGE = 10_000
MOST_CALL = 10_000
MOST_DESCRIPTION = 1_000
MOST_REASON = 1_000

#: Jobs that may be run as one call. (A request carries 80 at the most.)
MOST_IN_CHUNK = 1_000
