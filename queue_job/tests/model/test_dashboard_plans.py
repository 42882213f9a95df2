# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How little the dashboard reads for what it tells."""

import re
from contextlib import contextmanager
from unittest.mock import patch

from odoo.sql_db import Cursor
from odoo.tests import tagged
from odoo.tools import SQL

from .dashboard_case import DashboardCase

#: So many that a scan of the table costs more than any index.
_MANY = 60_000
#: Lines of comment before a statement.
_COMMENTS = re.compile(r"\A(\s*--.*\n)+")


@tagged("post_install", "-at_install")
class TestPlansOfTheDashboard(DashboardCase):
    def fill(self):
        """Very many jobs that are done, some in each other state, in few channels."""
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO queue_job (uuid, state, priority, retry, channel,"
            " channel_method_name, date_created, date_failed, eta, company_id)"
            " SELECT 'many-' || n, CASE WHEN n > %(many)s * 0.9 THEN 'pending'"
            " WHEN n %% 20 > 0 THEN 'done'"
            " ELSE (ARRAY['failed', 'cancelled', 'wait_dependencies'])[1 + n %% 3] END,"
            " n %% 3, 0, 'root.' || n %% 10, 'f' || n %% 5, now() AT TIME ZONE 'UTC',"
            " now() AT TIME ZONE 'UTC' - n * interval '1 second',"
            " CASE WHEN n %% 3 = 0 THEN now() AT TIME ZONE 'UTC'"
            " + (n %% 7 - 3) * interval '1 hour' END, %(company)s"
            " FROM generate_series(1, %(many)s) n",
            {"many": _MANY, "company": self.env.company.id},
        )
        self.env.cr.execute(
            "INSERT INTO queue_job_statistics (period, seconds, channel, done)"
            " SELECT now() AT TIME ZONE 'UTC' - n * interval '1 hour', 3600, 'root', 1"
            " FROM generate_series(1, %s) n",
            (_MANY,),
        )
        self.env.cr.execute("ANALYZE queue_job")
        self.env.cr.execute("ANALYZE queue_job_statistics")

    @contextmanager
    def plans(self):
        """The plans of the queries of the block, as a list."""
        queries, plans, execute = [], [], Cursor.execute

        def note(cr, query, *args, **kwargs):
            execute(cr, query, *args, **kwargs)
            queries.append(_COMMENTS.sub("", cr._obj.query.decode()))

        with patch.object(Cursor, "execute", note):
            yield plans
        for query in queries:
            if "queue_job" in query and query.startswith(("SELECT", "WITH")):
                self.env.cr.execute(SQL("EXPLAIN " + query.replace("%", "%%")))
                plans.append("\n".join(line for (line,) in self.env.cr.fetchall()))

    def test_nothing_reads_the_whole_table(self):
        self.fill()
        with self.plans() as plans:
            found = self.dashboard("week")
        self.assertGreater(len(plans), 6)
        for plan in plans:
            self.assertNotRegex(plan, r"Seq Scan on queue_job(_statistics)?\b")
        counted = {c["name"]: c["count"] for c in found["counters"]}
        self.assertEqual(counted["due"] + counted["later"], _MANY // 10)
        self.assertTrue(all(counted[n] for n in counted if n != "running"), counted)
