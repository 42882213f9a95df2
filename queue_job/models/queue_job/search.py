# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lists of jobs are found within seconds, or users are told how to narrow the
search."""

import logging
import threading
from contextlib import contextmanager

import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning
from odoo.tools import SQL

from ..moments import fixed
from ..part import ModelPart

#: Seconds that a list may take until users are asked to narrow the search, and once
#: they chose to wait.
_SECONDS = 3
_LONG_SECONDS = 60
#: In the context of a list: its user chose to wait. A client that sends it only waits
#: itself.
_WAITS = "queue_job_waits_long"


class JobSearch(ModelPart):
    """The part of ``queue.job`` that finds what a list shows.

    Ids are looked for first, which an index alone can tell for most lists; then the
    few jobs that are shown are read. What no index tells, such as a text in millions of
    jobs or their order by duration, is given up after some seconds. So are groups.
    """

    _name = "queue.job"
    _register = False

    # lists are ordered by id, and counted by what the index has
    _open_idx = models.Index(
        "(id) INCLUDE (state, company_id, channel) WHERE state IN"
        " ('wait_dependencies', 'pending', 'enqueued', 'started', 'failed')"
    )
    _ended_badly_idx = models.Index(
        "(id) INCLUDE (state, company_id) WHERE state IN ('failed', 'cancelled')"
    )
    _done_idx = models.Index("(id) WHERE state = 'done'")
    _retried_idx = models.Index(
        "(id) WHERE retry > 1"
        " OR (retry = 1 AND state IN ('pending', 'enqueued', 'started'))"
    )

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Do the same as ever, with "within the last hour" by the clock of the
        database, which has dated the jobs."""
        return super()._search(fixed(self, domain), *args, **kwargs)

    @api.model
    @api.readonly
    def web_search_read(
        self,
        domain,
        specification,
        offset=0,
        limit=None,
        order=None,
        count_limit=None,
    ):
        """Do the same as ever, for a page of a list.

        :raise RedirectWarning: when it takes too long; it says what is quicker, and
            offers to wait
        """
        search = super().web_search_read
        if not limit:
            return search(domain, specification, offset, limit, order, count_limit)
        order = order or self._order
        query = self._search(domain, offset=offset, limit=limit, order=order)
        ids = [] if query.is_empty() else self._in_time(domain, query.select())
        ids = [job_id for (job_id,) in ids]
        page = search([("id", "in", ids)], specification, order=order)
        if not ids:
            return page
        length = offset + len(ids)
        is_counted = count_limit and count_limit <= length
        if len(ids) == limit and not is_counted or self._must_count():
            length = self._count_in_time(domain, count_limit)
        return {**page, "length": length}

    @api.model
    @api.readonly
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Do the same as ever, the youngest jobs first.

        :raise RedirectWarning: when it takes too long
        """
        named = fields.Domain("display_name", operator, name)
        named &= fields.Domain(domain or fields.Domain.TRUE)
        query = self._search(named, limit=limit, order="id desc")
        rows = [] if query.is_empty() else self._in_time(named, query.select())
        found = self.browse(job_id for (job_id,) in rows)
        return [(job.id, job.display_name) for job in found.sudo()]

    def _must_count(self):
        return self.env.context.get("force_search_count")

    def _count_in_time(self, domain, limit):
        """Tell how many jobs there are, or so many as the limit. They are counted from
        the youngest on, as they are shown: those that people look for are mostly
        young."""
        if not limit:
            counted = self._search(domain).select("count(*)")
        else:
            query = self._search(domain, limit=limit, order="id desc")
            counted = SQL("SELECT count(*) FROM (%s) found", query.select("1"))
        return self._in_time(domain, counted)[0][0]

    @api.model
    @api.readonly
    def web_read_group(self, domain, groupby, *args, **kwargs):
        """Do the same as ever, for groups of lists and cards.

        :raise RedirectWarning: when it takes too long
        """
        with self._limited_time(domain, groupby):
            return super().web_read_group(domain, groupby, *args, **kwargs)

    @api.model
    @api.readonly
    def formatted_read_group(self, domain, groupby=(), *args, **kwargs):
        """Do the same as ever, for graphs.

        :raise RedirectWarning: when it takes too long
        """
        with self._limited_time(domain, groupby):
            return super().formatted_read_group(domain, groupby, *args, **kwargs)

    @api.model
    @api.readonly
    def formatted_read_grouping_sets(self, domain, grouping_sets, *args, **kwargs):
        """Do the same as ever, for pivot tables.

        :raise RedirectWarning: when it takes too long
        """
        groupby = max(grouping_sets, key=len, default=())
        with self._limited_time(domain, groupby):
            return super().formatted_read_grouping_sets(
                domain, grouping_sets, *args, **kwargs
            )

    def _in_time(self, domain, statement):
        """Return the rows of a statement.

        :raise RedirectWarning: when it takes too long
        """
        self.env.flush_query(statement)
        with self._limited_time(domain):
            self.env.cr.execute(statement)
            return self.env.cr.fetchall()

    @contextmanager
    def _limited_time(self, domain, groupby=()):
        """Give up a statement of the block that takes too long.

        :param groupby: how the jobs of the domain are grouped
        :raise RedirectWarning: says what is quicker, and offers to wait
        """
        seconds = _LONG_SECONDS if self.env.context.get(_WAITS) else _SECONDS
        cr = self.env.cr
        try:
            # the transaction goes on, whatever comes
            with cr.savepoint(flush=False), _unlogged():
                limit = "SELECT set_config('statement_timeout', %s, true)"
                cr.execute("SHOW statement_timeout")
                [(before,)] = cr.fetchall()
                cr.execute(limit, (f"{seconds}s",))
                yield
                cr.execute(limit, (before,))
        except psycopg2.errors.QueryCanceled as error:
            raise self._offer(domain, groupby, seconds) from error

    def _offer(self, domain, groupby, seconds):
        """Return what people are told whose list takes too long."""
        action = self._list_of(self.env._("Jobs"), list(fields.Domain(domain)))
        action["context"] = {_WAITS: True}
        if groupby:
            action["context"]["group_by"] = list(groupby)
            text = self.env._(
                "Grouping these jobs takes longer than %s seconds. Narrow the search:"
                " choose a state other than Done, a channel, or a few days.",
                seconds,
            )
        else:
            text = self.env._(
                "Finding these jobs takes longer than %s seconds. Narrow the search: "
                "choose a state other than Done, search for a whole UUID, or leave "
                "the list in the order in which jobs were created.",
                seconds,
            )
        offer = RedirectWarning(text, action, self.env._("Wait up to a minute"))
        offer.loglevel = logging.INFO  # for the server's log, an answer like another
        return offer


@contextmanager
def _unlogged():
    """Let errors of this thread's statements be raised, but not logged: they are an
    answer to the user, or told by who catches them."""
    thread = threading.get_ident()
    logger = logging.getLogger("odoo.sql_db")

    def is_other(record):
        return record.thread != thread or record.levelno < logging.ERROR

    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)
