"""Identity keys: which jobs count as the same."""

import hashlib


def identity_exact(job_) -> str:
    """Key of a job that is equal to another when model, method, records (in any
    order) and arguments are.

    Pass the function itself: ``with_delay(identity_key=identity_exact)``.
    """
    return identity_exact_hasher(job_).hexdigest()


def identity_exact_hasher(job_):
    """The ``hashlib`` object behind :func:`identity_exact`, still open for
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
