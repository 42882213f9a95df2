# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whether Odoo answers the runner's requests, as long as there are any."""

#: Seconds without an answer after which it is doubted, at first and at most.
DOUBTED_AFTER, LONGEST_SILENCE = 4.0, 60.0
#: Seconds between two checks of what the doubt rests on.
REVIEW_INTERVAL = 0.5
#: Seconds that a refusal counts: by then the jobs were sent once more, if any are due.
REFUSAL_LIFE = 5.0
_NEVER = float("inf")


class Reach:
    """What was heard of Odoo. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._doubted_after = DOUBTED_AFTER
        self._silent_since = _NEVER
        self._refused_at = -_NEVER
        self._next_review = 0.0

    def asked(self, now: float) -> None:
        """Note that a request was sent."""
        if self._silent_since == _NEVER:
            self._silent_since = now

    def heard(self, now: float) -> None:
        """Odoo has answered something."""
        self._silent_since = now
        self._doubted_after = DOUBTED_AFTER

    def refused(self, now: float) -> None:
        """Note that no server answers at its address."""
        self.asked(now)
        self._refused_at = now

    def was_refused(self, now: float) -> bool:
        return now - self._refused_at < REFUSAL_LIFE

    @property
    def next_review(self) -> float:
        """When to check more closely, if nothing is heard before."""
        return max(self._silent_since + self._doubted_after, self._next_review)

    def reviewed(self, now: float, waits: bool) -> None:
        """Note that there was one.

        :param waits: whether anything waits for Odoo
        """
        self._next_review = now + REVIEW_INTERVAL
        if not waits:
            self._silent_since = _NEVER

    def gave_up(self) -> None:
        """Others were to lead: they may be no better off, so be more patient then."""
        self._doubted_after = min(2 * self._doubted_after, LONGEST_SILENCE)
        self._silent_since = _NEVER
        self._refused_at = -_NEVER
