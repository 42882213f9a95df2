# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Arguments that are encrypted where they are stored: in the rows of jobs, and so in
dumps and copies of the database.

The keys are the operator's: ``encryption_keys`` of ``[queue_job]``. What stands there
first encrypts, all of them decrypt; so a new key is put in front, and an old one is
taken away when no row needs it any more.
"""

import hashlib
import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from .config import setting
from .exception import NotReadableJobError

_TYPE = "encrypted"
_SETTING = "encryption_keys"
_HOW = (
    "make one with python3 -c 'from cryptography.fernet import Fernet;"
    " print(Fernet.generate_key().decode())'"
)


class Encrypted(dict[str, str]):
    """An encrypted JSON text, as it is stored: a mark, the name of the key, the text.

    A class of its own, so that no argument of a call is taken for it.
    """


def is_encrypted(data: Any) -> bool:
    """Tell whether stored data are an encrypted text."""
    return type(data) in (dict, Encrypted) and data.get("_type") == _TYPE


def encrypt(text: str) -> Encrypted:
    """Encrypt a text with the first key.

    :raise ValueError: when there is no key, or one that is none
    """
    keys = _keys()
    if not keys:
        raise ValueError(
            f"its arguments are to be encrypted, and there is no key: {_HOW}, and write"
            f" it as {_SETTING} into [queue_job] of the configuration of each server"
        )
    name, key = next(iter(keys.items()))
    return Encrypted(_type=_TYPE, key=name, value=key.encrypt(text.encode()).decode())


def decrypt(data: Any) -> Any:
    """Return data as they were before they were encrypted; others as they are.

    :param data: as read from the database: plain JSON data
    :raise NotReadableJobError: when its key is not known here, or the text is damaged
    """
    if not is_encrypted(data):
        return data
    key = _keys().get(data.get("key"))
    if key is None:
        raise NotReadableJobError(
            f"The arguments are encrypted with the key {data.get('key')}, which is not"
            f" among {_SETTING} of this server: add it behind the others, restart, and"
            " requeue the job"
        )
    try:
        return json.loads(key.decrypt(str(data.get("value")).encode()))
    except InvalidToken:
        raise NotReadableJobError(
            f"The arguments cannot be decrypted with the key {data['key']} that"
            " encrypted them: the stored text is damaged"
        ) from None


def encrypt_again(data: Any) -> Encrypted | None:
    """Return what is encrypted with another key than the first, encrypted with that;
    ``None`` where nothing is to be done.

    :raise NotReadableJobError: as :func:`decrypt`
    """
    if not is_encrypted(data) or data.get("key") == next(iter(_keys()), None):
        return None
    return encrypt(json.dumps(decrypt(data)))


def name_of(key: str) -> str:
    """Return how a key is called beside what it encrypted: it says nothing of the
    key."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def _keys() -> dict[str, Fernet]:
    """Return the keys by name, the one that encrypts first."""
    return _keys_of(setting("encryption_keys") or "")


@cache
def _keys_of(words: str) -> dict[str, Fernet]:
    keys = {}
    for number, word in enumerate(words.replace(",", " ").split(), 1):
        try:
            keys[name_of(word)] = Fernet(word)
        except ValueError:
            # the word itself may be a secret that was mistyped
            raise ValueError(
                f"setting {_SETTING}: key number {number} is none; {_HOW}"
            ) from None
    return keys
