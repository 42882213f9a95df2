# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The signature that lets a runner, and no other client, trigger jobs.

Both sides know the secret of the database (``database.secret``): the runner
reads it with SQL, the Odoo worker through its parameters.
"""

import hashlib
import hmac


def sign(secret: str, job_uuids: str, attempts: str) -> str:
    """Hex HMAC-SHA256 over the uuids of a batch and their dispatch numbers, both as
    they stand in the request, separated by commas. Never raises."""
    message = f"queue_job\0{job_uuids}\0{attempts}".encode("utf-8", "replace")
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def is_signed(secret: str, job_uuids: str, attempts: str, signature: str) -> bool:
    """Compare in constant time; never raises, whatever strangers send."""
    expected = sign(secret, job_uuids, attempts).encode()
    return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))
