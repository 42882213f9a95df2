"""Where the jobs are at home: a copy of a database must not run those of the original.

The queue remembers which database it served: its object id in PostgreSQL, and Odoo's
``database.uuid``. A copy has another object id. Its jobs are held until its uuid is
changed, as Odoo does when it copies or restores a database as a copy, or until a
manager adopts them. Needs nothing but a cursor.
"""

from typing import Any, NamedTuple

from .sql import load

_SQL = load("home")


class Home(NamedTuple):
    """This database, and the one whose jobs were last served.

    :param here: object id and uuid, as one text
    :param remembered: the same; ``None`` before any job was served
    """

    here: str
    remembered: str | None

    @property
    def is_copy(self) -> bool:
        """Whether the jobs are those of another database."""
        if self.remembered is None:
            return False
        oid, _blank, uuid = self.here.partition(" ")
        other_oid, _blank, other_uuid = self.remembered.partition(" ")
        return oid != other_oid and uuid == other_uuid


def look(cr: Any) -> Home:
    """Where the jobs of a cursor's database are at home."""
    cr.execute(_SQL.look)
    return Home(*cr.fetchone())


def remember(cr: Any) -> None:
    """From now on the jobs are at home here."""
    cr.execute(_SQL.remember)
