# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``encrypt``: a key is being replaced by another."""

from ..encryption import encrypt_again
from ..exception import NotReadableJobError
from ..store import encrypted
from .call import FINE, WRONG, Call


def encrypt(call: Call) -> int:
    """Encrypt the arguments of jobs that are not over with the first of the keys, so
    that the others can be taken away."""
    changed = left = last = 0
    while rows := encrypted.part(call.env.cr, last):
        for job_id, args, kwargs in rows:
            try:
                new = [encrypt_again(data) for data in (args, kwargs)]
            except NotReadableJobError as error:
                call.out.complain(f"job {job_id}: {error}")
                left += 1
                continue
            if any(new):
                texts = [new[0] or args, new[1] or kwargs]
                is_done = encrypted.replace(call.env.cr, job_id, *texts)
                changed, left = changed + is_done, left + (not is_done)
        last = rows[-1][0]
        call.commit()
    call.log("encrypted %s jobs with the first key", changed)
    call.out.answer({"encrypted": changed, "left": left})
    call.out.say(f"{changed} jobs are encrypted with the first key now.")
    if left:
        call.out.say(f"{left} are not: some run, or their key is not known here.")
    return WRONG if left else FINE
