# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Identity: which jobs count as the same, and what to do then."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..core.deduplication import OnDuplicate, Until
from ..core.limits import MOST_INTEGER
from ..core.text import STORABLE_TEXT, shown


@dataclass(frozen=True)
class Identity:
    """An identity key, with a choice of what counts as the same and what to do then::

        records.with_delay(
            eta=60, identity_key=Identity("sync", on_duplicate="postpone")
        ).synchronize()

    :param key: text, or a function of the job that returns it
    :param until: how long a job of the key counts as the same: until it is
        ``"started"``, or until it is ``"done"``, so that never two of them run
    :param period: seconds that it goes on counting after it was done; 0 for none.
        Implies ``until="done"``
    :param on_duplicate: what to do when there is one that counts: ``"keep"`` it, and
        make no new job; ``"postpone"`` it, the new job taking its place with an ETA of
        its own; or ``"merge"`` the records of both into one run
    :param at_latest: seconds after the first of several calls that postpone each other
        at which the job runs anyway; 0 for never
    :param supersedes_failed: whether earlier jobs of the key that failed are cancelled
        because of this call, and keep no sequential channel back any more. Not with
        ``on_duplicate="merge"``: what failed has records of its own
    :raise TypeError, ValueError: names the option, its value and what it may be
    """

    key: str | Callable[..., str | None]
    until: str = Until.STARTED.value
    period: int = 0
    on_duplicate: str = OnDuplicate.KEEP.value
    at_latest: int = 0
    supersedes_failed: bool = False

    def __post_init__(self) -> None:
        if not (callable(self.key) or (self.key and isinstance(self.key, str))):
            raise TypeError(f"Identity({self.key!r}): give a text or a function as key")
        for name, words in (("until", Until), ("on_duplicate", OnDuplicate)):
            value = getattr(self, name)
            known = [word.value for word in words]
            if value not in known:
                raise ValueError(f"Identity({name}={value!r}): give one of {known}")
            object.__setattr__(self, name, str(words(value)))
        for name in ("period", "at_latest"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise ValueError(f"Identity({name}={shown(value)}): give whole seconds")
            if value > MOST_INTEGER:
                raise ValueError(
                    f"Identity({name}={shown(value)}):"
                    f" give at most {MOST_INTEGER} seconds"
                )
        if not isinstance(self.supersedes_failed, bool):
            raise ValueError(
                f"Identity(supersedes_failed={self.supersedes_failed!r:.80}):"
                " give True or False"
            )
        if self.period:
            object.__setattr__(self, "until", Until.DONE.value)
        self._check_options_go_together()

    def _check_options_go_together(self) -> None:
        if self.supersedes_failed and self.is_merging:
            raise ValueError(
                "Identity(supersedes_failed=True) does not go with"
                ' on_duplicate="merge": the records of a failed job are in no other run'
            )
        if self.at_latest and not self.is_postponing:
            raise ValueError(
                f"Identity(at_latest={self.at_latest!r}) goes with"
                ' on_duplicate="postpone" only'
            )

    @property
    def is_keeping(self) -> bool:
        return self.on_duplicate == OnDuplicate.KEEP

    @property
    def is_postponing(self) -> bool:
        return self.on_duplicate == OnDuplicate.POSTPONE

    @property
    def is_merging(self) -> bool:
        return self.on_duplicate == OnDuplicate.MERGE

    @property
    def states(self) -> list[str]:
        """Those in which a job of the key counts as the same."""
        return [state.value for state in Until(self.until).states]


def unstorable_key(job_: Any, key: str) -> ValueError:
    """Return the error for a key that no row can have: it is looked for before the job
    is stored."""
    return ValueError(
        f"{job_.job_function_name} cannot be delayed with identity_key={shown(key)}:"
        f" give {STORABLE_TEXT}"
    )


#: The rule of a key that is given as it is.
PLAIN = Identity("plain")


def identity_exact(job_: Any) -> str:
    """Key of a job that is equal to another when model, method, records (in any
    order) and arguments are.

    Pass the function itself: ``with_delay(identity_key=identity_exact)``.
    """
    digest: str = identity_exact_hasher(job_).hexdigest()
    return digest


def identity_exact_hasher(job_: Any) -> Any:
    """Return the ``hashlib`` object behind :func:`identity_exact`, still open for
    ``update()``. The digest is stored with waiting jobs: it must never change."""
    hasher = hashlib.sha1(usedforsecurity=False)
    for part in (
        job_.model_name,
        job_.method_name,
        str(sorted(job_.recordset.ids)),
        str(job_.args),
        str(sorted(job_.kwargs.items())),
    ):
        hasher.update(part.encode("utf-8"))
    return hasher
