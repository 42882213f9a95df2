# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which failures are the same: by class and message of the exception, without what
differs from one job to the next, and by where in an add-on it was raised.

No number of a line counts, so that a release does not make old failures new ones.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

#: So much of a message is looked at, and so much of what it comes to is kept.
_MOST_READ, _MOST_KEPT = 2_000, 300
_BEGIN = "Traceback (most recent call last):"
_FRAME = re.compile(r'^ +File "([^"\n]+)", line (\d+), in (.+)$', re.MULTILINE)
#: Frames of the queue itself tell nothing of a job.
_OWN = "queue_job/"

#: What differs from job to job, and what stands for it. In this order: what is a date
#: is no number.
_VARYING = (
    (r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", "<uuid>"),
    (
        r"\b\d{4}-\d\d-\d\d"
        r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\w:])",
        "<date>",
    ),
    (r"(?<!\w)'[^'\n]*'(?!\w)", "<value>"),
    (r'"[^"\n]*"', "<value>"),
    (r"`[^`\n]*`", "<value>"),
    (r"«[^»\n]*»", "<value>"),
    (r"“[^”\n]*”", "<value>"),
    (r"\b0x[0-9a-f]+\b", "<hex>"),
    (r"\b(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{8,}\b", "<hex>"),
    (r"[-+]?\d+(?:[.,:]\d+)*", "<number>"),
    (r"(?<!\w)[-+]?(?:inf|nan)(?!\w)", "<number>"),  # as Python writes them
    (r"(<\w+>)(?:[\s,;]+\1)+", r"\1"),
    (r"\s+", " "),
)
_COMPILED = tuple((re.compile(p, re.IGNORECASE), word) for p, word in _VARYING)


class Fingerprint(NamedTuple):
    """What failures have in common.

    :param digest: short, and the same for the same three others
    :param message: normalised
    :param frame: the innermost of an add-on, ``file function``; else what was called
    """

    digest: str
    exc_name: str
    message: str
    frame: str


def fingerprint(
    exc_name: str, message: str, traceback: str, roots: Iterable[str], function: str
) -> Fingerprint:
    """Return what tells one failure from others.

    :param exc_name: dotted name of the class of the exception
    :param traceback: text of it, causes included
    :param roots: folders of add-ons
    :param function: what the job called
    """
    plain = normalised(message)
    frame = innermost_frame(traceback, roots) or function
    whole = "\n".join((exc_name, plain, frame))
    digest = hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:16]
    return Fingerprint(digest, exc_name, plain, frame)


def normalised(message: str) -> str:
    """Return a message without numbers, dates, quoted values and identifiers."""
    text = message[:_MOST_READ]
    for pattern, word in _COMPILED:
        text = pattern.sub(word, text)
    return text.strip()[:_MOST_KEPT]


def innermost_frame(traceback: str, roots: Iterable[str]) -> str:
    """Return file and function of the last frame that is in an add-on, empty if none.

    Of an exception with causes it is where that one was raised, not its cause.
    """
    found = _innermost(traceback, roots)
    return f"{found[0]} {found[2]}" if found else ""


def source_of(traceback: str, roots: Iterable[str]) -> str:
    """Return where an add-on raised an exception, for people: ``file:line function``;
    empty if none did."""
    found = _innermost(traceback, roots)
    return f"{found[0]}:{found[1]} {found[2]}" if found else ""


def _innermost(traceback: str, roots: Iterable[str]) -> tuple[str, str, str] | None:
    """Return file, line and function of the last frame that is in an add-on."""
    last = traceback.rpartition(_BEGIN)[2]
    folders = sorted({root.rstrip("/") + "/" for root in roots}, key=len, reverse=True)
    for file, line, function in reversed(_FRAME.findall(last)):
        folder = next((f for f in folders if file.startswith(f)), None)
        if folder and not file.removeprefix(folder).startswith(_OWN):
            return file.removeprefix(folder), line, function
    return None
