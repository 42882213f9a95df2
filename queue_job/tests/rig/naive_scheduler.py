# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The rules of the channels written down as plainly as possible.

No heaps, no timers: every question walks the whole tree and sorts its lists. The real
scheduler is compared with it.
"""

from fractions import Fraction


class NaiveChannel:
    def __init__(self, config, parent):
        self.config = dict(config)
        self.parent = parent
        self.children = []
        self.queue = []
        self.running = []
        self.failed = []
        self.rests_until = None
        self.begins = []
        self.just_begun = 0
        self.limits = {}
        self.own = {}
        self.has_let_go = False
        self.own_aging = {}
        self.own_per = {}
        self.own_fair = {}
        self.turns = []
        self.fair_turns = []
        if parent:
            parent.children.append(self)

    @property
    def lineage(self):
        return [self, *(self.parent.lineage if self.parent else [])]

    @property
    def is_full(self):
        capacity = self.config["capacity"]
        return bool(capacity) and len(self.running) >= capacity

    @property
    def is_shut(self):
        is_halted = self.config["sequential"] and self.failed
        return bool(self.config["paused"] or self.is_full or is_halted)

    @property
    def subtree(self):
        return [self, *(c for child in self.children for c in child.subtree)]

    def limit(self, db):
        limits = [c.limits[db] for c in self.lineage if db in c.limits]
        return min(limits, default=FAR)

    def count(self, db):
        return sum(job["db"] == db for job in self.running)

    def has_aside(self, db):
        return any(c.count(db) >= c.limit(db) or c.is_held(db) for c in self.lineage)

    def is_held(self, db):
        return db in self.own and self.own[db].rests_until is not None

    def owns(self, db):
        return [self.own[db]] if db in self.own else []

    def claims(self, job):
        """What a job needs a slot of in this channel, besides: value and slots."""
        traits = job["traits"] or {}
        for kind, limit in self.numbers(job["db"]).items():
            yield (job["db"], kind, traits.get(kind)), limit
        if not self.parent and traits.get("key"):
            yield (job["db"], "key", traits["key"]), traits["limit"]

    def numbers(self, db):
        """How many may run of each kind: what the operator and the managers say."""
        said = [per for per in (self.config.get("per"), self.own_per.get(db)) if per]
        found = {}
        for kind, limit in (per.split(":") for per in said):
            found[kind] = min(int(limit), found.get(kind, FAR))
        return found

    def over(self, job, more):
        """Whether, with so many more, too many of some value of the job would run."""
        for value, limit in self.claims(job):
            limits = [n for j in self.running for v, n in self.claims(j) if v == value]
            if len(limits) + more > min([limit, *limits]):
                return True
        return False

    def is_blocked(self, job):
        return any(channel.over(job, more=1) for channel in self.lineage)

    def fair_value(self, job):
        return job["db"], (job["traits"] or {}).get(self.fair(job["db"]))

    def fair(self, db):
        return self.own_fair.get(db) or self.config.get("fair")

    def candidates(self):
        """Those who stand in line, best first; databases at their limit do not."""
        queue = [job for job in self.queue if not self.has_aside(job["db"])]
        best = sorted(queue, key=self.rank)
        return best[: 1 if self.config["sequential"] else None]

    def aging(self, db):
        for channel in self.lineage:
            if db in channel.own_aging:
                return channel.own_aging[db]
        said = (channel.config.get("aging") for channel in self.lineage)
        return next((aging for aging in said if aging is not None), 0)

    def rank(self, job):
        """Who has waited for the aging has a priority that is better by one; what time
        it is now makes no difference to the order."""
        priority, created, *others = rank(job)
        aging = self.aging(job["db"])
        if self.config["sequential"] or not aging:
            return (priority, created, *others)
        since = max(created, job["eta"] or 0)
        waited = Fraction(FAR - since)
        # in seconds of aging, as the others count it: those of another database, which
        # may rise in another way, are only compared with before their first turn
        return (aging * (priority - waited / aging) + FAR, since, *others)

    def next_job(self, now):
        candidates = self.candidates()
        for job in candidates:
            if job["eta"] and job["eta"] <= now:
                job["was_due"] = True
        due = [j for j in candidates if is_due(j) and not self.is_blocked(j)]
        by_db = {}
        for job in due:
            by_db.setdefault(job["db"], []).append(job)
        firsts = [min(jobs, key=self.last_fair_turn) for jobs in by_db.values()]
        return min(
            firsts,
            key=lambda job: (self.last_turn(job["db"]), self.rank(job)),
            default=None,
        )

    def last_fair_turn(self, job):
        if not self.fair(job["db"]):
            return -1
        value = self.fair_value(job)
        return max((n for n, v in enumerate(self.fair_turns) if v == value), default=-1)

    def last_turn(self, db):
        return max((n for n, name in enumerate(self.turns) if name == db), default=-1)

    @property
    def rates(self):
        """(jobs, seconds, burst) of each."""
        throttle, rate = self.config["throttle"], self.config.get("rate")
        throttles = [(1, throttle, 1)] if throttle else []
        return throttles + ([(rate.jobs, rate.seconds, rate.burst)] if rate else [])

    def look_at_rates(self, now):
        """In any time, no more may begin than the rate allows; those on their way may
        begin at any moment."""
        self.begins += [now] * self.just_begun
        self.just_begun = 0
        for db, own in list(self.own.items()):
            was_held = own.rests_until is not None
            own.look(now, sum(not j["begun"] for j in self.running if j["db"] == db))
            self.has_let_go |= was_held and own.rests_until is None
        if self.own:
            self.lineage[-1].send_home()
        coming = sum(not job["begun"] for job in self.running) + 1
        until = max([0, *(wait(r, self.begins, coming) for r in self.rates)])
        self.rests_until = until if until > now else None

    def take(self, now):
        self.look_at_rates(now)
        while not self.is_shut and self.rests_until is None:
            job = self.next_job(now)
            if job is None:
                return
            self.queue.remove(job)
            self.running.append(job)
            if not self.config["sequential"]:
                self.turns.append(job["db"])
                if self.fair(job["db"]):
                    self.fair_turns.append(self.fair_value(job))
            self.lineage[-1].send_home()
            self.look_at_rates(now)
            yield job

    def pass_up(self, now):
        """Hand over what may pass; returns whether anything did, or may do so now."""
        moved = [child.pass_up(now) for child in self.children]
        self.has_let_go = False
        if self.parent:
            for job in self.take(now):
                self.parent.queue.append(job)
                moved.append(True)
        else:
            self.look_at_rates(now)
        return any(moved) or self.has_let_go

    def run(self, job):
        """A job was dispatched, whether there was room for it or not."""
        self.running.append(job)
        capacity = self.config["capacity"]
        if capacity and len(self.running) > capacity:
            self.take_back()
        if self.count(job["db"]) > self.limit(job["db"]):
            self.take_back(job["db"])
        if self.over(job, more=0):
            self.take_back(like=job)

    def send_home(self):
        """Jobs of a database that stands aside, and those that may not go, wait in
        their own channels."""
        for channel in self.subtree:
            for job in list(channel.queue):
                stays = channel.has_aside(job["db"]) or channel.is_blocked(job)
                if job["home"] is not channel and stays:
                    channel.queue.remove(job)
                    job["home"].queue.append(job)
                    for between in job["home"].lineage:
                        if between is channel:
                            break
                        between.running.remove(job)

    def wakeup(self):
        if self.is_shut:
            return None
        if self.rests_until is not None:
            return None if self.rests_until == INFINITE else self.rests_until
        times = [job["eta"] for job in self.candidates() if not is_due(job)]
        times += [child.wakeup() for child in self.children]
        held = (own.rests_until for own in self.own.values())
        times += [until for until in held if until not in (None, INFINITE)]
        return min((time for time in times if time is not None), default=None)

    def take_back(self, db=None, like=None):
        values = {value for value, _limit in self.claims(like)} if like else None
        for job in list(self.running):
            if db not in (None, job["db"]):
                continue
            if like and not values & {value for value, _limit in self.claims(job)}:
                continue
            holder = next((c for c in self.lineage if job in c.queue), None)
            if holder:
                holder.queue.remove(job)
                for channel in self.lineage[: self.lineage.index(holder)]:
                    channel.running.remove(job)
                self.queue.append(job)


class NaiveScheduler:
    def __init__(self, configs):
        self.channels = {}
        for config in configs:
            parent = self.channels.get(config["name"].rpartition(".")[0])
            self.channels[config["name"]] = NaiveChannel(config, parent)
        self.root = self.channels["root"]
        self.jobs = {}

    def notify(
        self, db, channel_name, uuid, seq, created, priority, eta, state, traits=None
    ):
        facts = (channel_name, seq, created, priority, eta, traits)
        job = self.jobs.get(uuid)
        if job and (job["facts"] != facts or state not in ACTIVE):
            self._forget(self.jobs.pop(uuid))
            job = None
        if state in ACTIVE:
            home = self.channels[channel_name]
            if job is None:
                job = {"uuid": uuid, "facts": facts, "eta": eta, "was_due": not eta}
                job["begun"] = state == "started"
                job.update(db=db, home=home, traits=traits)
                self.jobs[uuid] = job
            self._place(job, home, state)
        self.root.send_home()

    def _place(self, job, home, state):
        is_queued = any(job in channel.queue for channel in home.lineage)
        if state == "started":
            self.begin(job)
        if state == "pending":
            if not is_queued:
                self._forget(job)
                home.queue.append(job)
            job["begun"] = False
        elif state == "failed":
            self._forget(job)
            home.failed.append(job)
            if home.config["sequential"]:
                home.take_back()
        elif is_queued or job not in home.running:
            self._forget(job)
            job["begun"] = state == "started"
            for channel in home.lineage:
                channel.run(job)

    def begin(self, job):
        """A job that was dispatched has begun."""
        is_queued = any(job in channel.queue for channel in job["home"].lineage)
        if not (is_queued or job["begun"]) and job in job["home"].running:
            for channel in job["home"].lineage:
                channel.just_begun += 1
                for own in channel.owns(job["db"]):
                    own.just_begun += 1
        job["begun"] = True

    def _forget(self, job):
        self.begin(job)
        for channel in self.channels.values():
            for jobs in (channel.queue, channel.running, channel.failed):
                if job in jobs:
                    jobs.remove(job)

    def change(self, name, key, value):
        self.channels[name].config[key] = value
        self.channels[name].take_back()

    def set_limit(self, db, name, limit):
        channel = self.channels[name]
        channel.limits[db] = FAR if limit is None else limit
        channel.take_back(db)
        self.root.send_home()

    def set_own(self, db, name, rate, aging):
        channel = self.channels[name]
        channel.own_aging.pop(db, None)
        if aging is not None:
            channel.own_aging[db] = aging
        known = channel.own.get(db)
        if (known and known.rate) == rate:
            return
        channel.own.pop(db, None)
        if rate is not None:
            channel.own[db] = NaiveOwnRate(rate)
            channel.own[db].rests_until = known and known.rests_until
        elif known and known.rests_until is not None:
            channel.own[db] = NaiveOwnRate(None, known.rests_until)

    def set_own_shares(self, db, name, per, fair):
        channel = self.channels[name]
        if (per, fair) == (channel.own_per.get(db), channel.own_fair.get(db)):
            return
        for level in channel.subtree:
            level.take_back(db)
        channel.own_per[db], channel.own_fair[db] = per, fair
        self.root.send_home()

    def starts(self, now):
        started = []
        while True:
            while self.root.pass_up(now):
                pass
            job = next(self.root.take(now), None)
            if job is None:
                return started
            started.append(job["uuid"])

    def wakeup(self):
        return self.root.wakeup() or 0


class NaiveOwnRate:
    """What a database says of a channel; nothing is known of what began before. Without
    a rate, it has just been taken back."""

    def __init__(self, rate, rests_until=None):
        self.rate = rate
        self.begins = None
        self.just_begun = 0
        self.rests_until = rests_until

    def look(self, now, under_way):
        if self.rate is None:
            self.rests_until = None
            return
        rate = (self.rate.jobs, self.rate.seconds, self.rate.burst)
        if self.begins is None:
            self.begins = [now] * self.rate.burst
        self.begins += [now] * self.just_begun
        self.just_begun = 0
        until = wait(rate, self.begins, under_way + 1)
        self.rests_until = until if until > now else None


def wait(rate, begins, coming):
    """Until when so many must not begin at once, after these."""
    jobs, seconds, burst = rate
    if coming > burst:
        return INFINITE
    return max(
        (
            time
            + max(0, sum(b >= time for b in begins) + coming - burst) * seconds / jobs
            for time in begins
        ),
        default=0,
    )


FAR = 10**9
INFINITE = float("inf")
ACTIVE = ("pending", "enqueued", "started", "failed")


def rank(job):
    _channel, seq, created, priority, *_others = job["facts"]
    return (priority, created, seq, job["uuid"])


def is_due(job):
    return job["was_due"]
