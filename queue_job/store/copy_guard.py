# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where the jobs are at home: a copy of a database must not run those of the original.

The queue remembers which database it served: its object id in PostgreSQL, Odoo's
``database.uuid``, the identifier of the cluster, and what the operators call the
installation. In a copy one of them differs while the uuid is the same. Its jobs are
held until the uuid is changed, as Odoo does when it copies or restores a database as a
copy, or until a manager adopts them. Needs nothing but a cursor.
"""

from typing import Any, NamedTuple

from ..config import setting
from .sql import load

_SQL = load("copy_guard")
_NOTHING = "-"


class DatabaseIdentity(NamedTuple):
    """What tells one database from others; ``-`` for what is not known.

    :param oid: object id, unique within its cluster
    :param uuid: Odoo's ``database.uuid``
    :param cluster: the identifier that PostgreSQL gave to the cluster
    :param installation: the setting of that name
    """

    oid: str
    uuid: str = _NOTHING
    cluster: str = _NOTHING
    installation: str = _NOTHING

    @classmethod
    def read(cls, text: str) -> "DatabaseIdentity":
        """Return what :meth:`__str__` wrote, also of earlier versions, which knew
        less."""
        return cls(*text.split(" ", 3))

    def __str__(self) -> str:
        return " ".join(self)


class CopyGuard(NamedTuple):
    """This database, and the one whose jobs were last served.

    :param here: this one
    :param remembered: the other, or the same; ``None`` before any job was served
    """

    here: DatabaseIdentity
    remembered: DatabaseIdentity | None

    @property
    def is_copy(self) -> bool:
        """Whether the jobs are those of another database."""
        return bool(self.difference)

    @property
    def difference(self) -> str:
        """By what this is seen to be a copy, for the log; empty where it is none."""
        here, other = self
        if other is None or here.uuid != other.uuid:
            return ""
        if here.oid != other.oid:
            return f"its object id is {here.oid}, it was {other.oid}"
        if (
            _NOTHING not in (here.cluster, other.cluster)
            and here.cluster != other.cluster
        ):
            return (
                f"its PostgreSQL cluster is {here.cluster}, it was {other.cluster}, as"
                " after a restore elsewhere or an upgrade of PostgreSQL"
            )
        if other.installation not in (_NOTHING, here.installation):
            return (
                f"its installation is {here.installation}, it was {other.installation}"
            )
        return ""


def look(cr: Any) -> CopyGuard:
    """Tell where the jobs of a cursor's database are at home."""
    cr.execute(_SQL.look)
    oid, uuid, may_ask, remembered = cr.fetchone()
    cluster = None
    if may_ask:
        cr.execute(_SQL.cluster)
        [cluster] = cr.fetchone()
    words = (oid, uuid, cluster, (setting("installation") or "").strip())
    here = DatabaseIdentity(*(word or _NOTHING for word in words))
    return CopyGuard(here, DatabaseIdentity.read(remembered) if remembered else None)


def remember(cr: Any) -> None:
    """From now on the jobs are at home here.

    Writes nothing where it is remembered so already: a conflict would lock the row, and
    every few seconds an idle database would write its log.
    """
    here, remembered = look(cr)
    if here != remembered:
        cr.execute(_SQL.remember, {"here": str(here)})
