"""The signature that lets a runner, and nobody else, trigger a job.

Both sides know the secret of the database (``database.secret``): the runner
reads it with SQL, the Odoo worker through its parameters.
"""

import hashlib
import hmac


def sign(secret: str, job_uuid: str, attempt: int) -> str:
    """Hex HMAC-SHA256 over the uuid and the hand-out number of a job."""
    message = f"queue_job\0{job_uuid}\0{attempt}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def is_signed(secret: str, job_uuid: str, attempt: int, signature: str) -> bool:
    """Compare in constant time; never raises, whatever strangers send."""
    expected = sign(secret, job_uuid, attempt).encode()
    return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))
