# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The jobs that count as the same as a new one, and what becomes of it then."""

from datetime import timedelta
from functools import partial

from odoo import fields

from ..core.states import WAITING
from ..store import deduplication, ties
from .identity import Identity
from .no_storing import check_may_store

#: The rule of a key that is given as it is.
PLAIN = Identity("plain")


class JobIdentity:
    """The part of :class:`~.job.Job` that knows other jobs of its identity key."""

    #: What counts as the same; said by the delaying call only.
    identity = PLAIN
    _identity_deadline = None

    @property
    def identity_key(self):
        if callable(self._identity_key):
            self._identity_key = self._identity_key(self)
        return self._identity_key or None

    @identity_key.setter
    def identity_key(self, value):
        is_rule = isinstance(value, Identity)
        self._identity_key = value.key if is_rule else value
        self.identity = value if is_rule else PLAIN

    def job_record_with_same_identity_key(self):
        """Return the ``queue.job`` record that counts as the same as this job, or an
        empty one: without a rule of its own, one that waits. A started one does not
        count.
        """
        return self._records_that_count([self.identity_key])

    def _records_that_count(self, keys):
        """Return what is the same as a job of one of the keys, by the rule of this
        job: the latest one of each key. For one that supersedes what failed only those
        count that do so, too. Asked by each call with a key, so past the ORM's passes.
        """
        model, cr = self.job_model.sudo(), self.env.cr
        asked = ["identity_key", "identity_supersedes", "state", "eta", "date_enqueued"]
        model.flush_model(asked)
        due = fields.Datetime.to_datetime(self.eta) or self._now()
        identity = self.identity
        supersedes = identity.supersedes_failed
        found = deduplication.counting(cr, keys, identity.states, due, supersedes)
        missing = set(keys).difference(found) if identity.period else None
        if missing:
            model.flush_model()
            for other in deduplication.done_lately(cr, missing, identity.period):
                if other.supersedes or not supersedes:
                    found[other.key] = other.id
        return model.browse(found.values())

    def _reliable(self, records):
        """Return those that stand for a call of this transaction: what waits among them
        does not begin before it is over."""
        waiting = records.filtered(lambda record: record.state in WAITING)
        tied = _tie(self.env.cr, waiting.ids)
        return records.filtered(lambda job: job not in waiting or job.id in tied)

    def store_unless_waiting(self):
        """Store the job, or return the one that counts as the same, if that one is to
        be kept."""
        check_may_store(self.env, self.job_function_name)
        if self.identity_key and self.identity.is_keeping:
            existing = self._reliable(self.job_record_with_same_identity_key())
            if existing:
                return self._load_from_db_record(existing)
        self.store()
        return self

    @classmethod
    def enqueue(
        cls, func, args=None, kwargs=None, priority=None, eta=None, max_retries=None,
        description=None, channel=None, identity_key=None,
    ):  # fmt: skip
        """Make a job and store it; with an identity key of which a job waits already,
        store nothing and return that one."""
        new = cls(
            func, args=args, kwargs=kwargs, priority=priority, eta=eta,
            max_retries=max_retries, description=description, channel=channel,
            identity_key=identity_key,
        )  # fmt: skip
        return new.store_unless_waiting()

    @classmethod
    def enqueue_many(cls, jobs):
        """Store new jobs in few statements, in the caller's transaction.

        Of jobs with the same identity key one is stored, and none when such a job
        waits already; unless they say otherwise.

        :param jobs: jobs made with ``Job(…)``, not stored yet
        :return: for each of them the job itself, or the one that waits in its place
        :raise TypeError: as :meth:`store`; nothing is stored then
        """
        jobs = list(jobs)
        for job in jobs:
            check_may_store(job.env, job.job_function_name)
        # a call that supersedes what failed is not kept by one that does not
        by_key = {False: {}, True: {}}
        for supersedes, known in by_key.items():
            like = [j for j in jobs if j.identity.supersedes_failed is supersedes]
            known.update(cls.waiting_by_identity_key(like))
        answer, fresh = [], []
        for job in jobs:
            key = job.identity_key if job.identity.is_keeping else None
            known = by_key[job.identity.supersedes_failed]
            standing = known.setdefault(key, job) if key else job
            if standing is job:
                fresh.append(job)
            answer.append(standing)
        cls._create(fresh)
        return answer

    @classmethod
    def waiting_by_identity_key(cls, jobs):
        """``{identity key: stored Job}`` of those keys for which a job counts as the
        same and is to be kept; by itself, a waiting one does and a started one does
        not."""
        keys_by_rule = {}
        for job in jobs:
            if job.identity_key and job.identity.is_keeping:
                identity = job.identity
                rule = (identity.until, identity.period, identity.supersedes_failed)
                rule = (*rule, job.eta)
                _first, keys = keys_by_rule.setdefault(rule, (job, {}))
                keys[job.identity_key] = True
        counting = {}
        for first, keys in keys_by_rule.values():
            best = {r.identity_key: r for r in first._records_that_count(list(keys))}
            records = first.job_model.sudo().union(*best.values())
            for record in first._reliable(records):
                counting[record.identity_key] = cls._load_from_db_record(record)
        return counting

    # --- what is stored of it -------------------------------------------------------

    def _heed_others(self):
        """See to the waiting jobs of the key, before this one is stored beside them.

        :raise ValueError: when it is to be merged with another call
        """
        identity = self.identity
        if identity.is_keeping or not (key := self.identity_key):
            return
        self.job_model.flush_model()
        if identity.is_merging:
            self._check_others_call_the_same(key)
        if identity.at_latest:
            self._limit_eta(key)

    def _check_others_call_the_same(self, key):
        call = {"model": self.model_name, "method": self.method_name}
        other = deduplication.other_call(
            self.env.cr, key, {**call, **self._call_texts()}
        )
        if other:
            raise ValueError(self._other_call_text(other))

    def _other_call_text(self, other):
        return (
            f"{self.func_string} cannot be merged with {other}, which waits with the"
            f" same identity key {self.identity_key!r}: only the records may differ."
            " Give another call another key"
        )

    def _limit_eta(self, key):
        now = self._now().replace(microsecond=0)
        latest = now + timedelta(seconds=self.identity.at_latest)
        inherited = deduplication.deadline(self.env.cr, key)
        self._identity_deadline = min(latest, inherited or latest)
        eta = fields.Datetime.to_datetime(self.eta) or now
        self.eta = min(eta, self._identity_deadline)

    def _identity_values(self):
        """Return the rule, as it is stored; that of a plain key is empty."""
        if self.identity is PLAIN or not self.identity_key:
            return _PLAIN_VALUES
        identity = self.identity
        return {
            "identity_until": identity.until,
            "identity_period": identity.period,
            "identity_on_duplicate": identity.on_duplicate,
            "identity_deadline": self._identity_deadline or False,
            "identity_supersedes": identity.supersedes_failed,
        }


def _tie(cr, ids):
    """Tie waiting jobs to the transaction, as many as one may.

    :return: ids of those that stand for a call of it
    """
    if not ids:
        return set()
    known = cr.cache.get(_TIES)
    if known is None:
        known = cr.cache[_TIES] = set()
        cr.postcommit.add(partial(cr.cache.pop, _TIES, None))
        cr.postrollback.add(partial(cr.cache.pop, _TIES, None))
    fresh = [id_ for id_ in ids if id_ not in known]
    fresh = fresh[: max(ties.MOST_TIES - len(known), 0)]
    known.update(fresh)
    with cr._cnx.cursor() as plain:  # what goes wrong is no line of the log
        return ties.tie(plain, [id_ for id_ in ids if id_ in known])


#: Where a cursor keeps, until its transaction ends, which jobs it tied.
_TIES = "queue_job.ties"
_PLAIN_VALUES = {
    "identity_until": False,
    "identity_period": False,
    "identity_on_duplicate": False,
    "identity_deadline": False,
    "identity_supersedes": False,
}
