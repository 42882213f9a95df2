"""How much of everything a call may bring: what goes beyond is refused where it is
made, or cut with a note that says so."""

#: The greatest number that PostgreSQL keeps as an integer.
MOST_INTEGER = 2**31 - 1
#: Lists and dictionaries in each other: what Python reads back, however deep the stack
#: of the worker already is.
MOST_NESTED = 100
