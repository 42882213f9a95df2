# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the statements of a session read of the table of jobs, whichever they are."""

import re
from dataclasses import dataclass

from psycopg2.extensions import cursor
from rig.plans import nodes

from odoo.addons.queue_job.db.connection import connect

_ON_JOBS = re.compile(
    r"(WITH|SELECT|UPDATE|DELETE|INSERT|EXECUTE)\b.*\bqueue_job(_\w+)?\b", re.DOTALL
)
_EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
_PER_LOOP = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")


@dataclass
class Reads:
    """Of jobs, since it was cleared.

    :param rows: rows of the table, or entries of its indexes, one that did not fit
        counted too
    :param buffers: pages of whatever, in memory or not
    """

    rows: int = 0
    buffers: int = 0

    def clear(self):
        self.rows = self.buffers = 0

    def add(self, plan):
        self.buffers += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        for node in nodes(plan):
            if _is_of_jobs(node):
                found = sum(node.get(part, 0) for part in _PER_LOOP)
                self.rows += found * node["Actual Loops"]


def _is_of_jobs(node):
    return node.get("Relation Name") == "queue_job" or (
        node["Node Type"] == "Bitmap Index Scan"
        and node["Index Name"].startswith("queue_job_")
    )


def explaining(reads):
    """Return what connects the runner such that each of its statements is first run
    once more, explained, and rolled back."""

    class Explained(cursor):
        def execute(self, statement, parameters=None):
            # what the leader asks begins with its sign of life
            if _ON_JOBS.match(statement) and ";" not in statement:
                super().execute("BEGIN")
                super().execute(_EXPLAIN + statement, parameters)
                [(found,)] = self.fetchall()
                super().execute("ROLLBACK")
                reads.add(found[0]["Plan"])
            super().execute(statement, parameters)

    return lambda name, **options: connect(name, cursor_factory=Explained, **options)
