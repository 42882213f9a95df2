"""The rules of the channels written down as plainly as possible.

No heaps, no agenda: every question walks the whole tree and sorts its lists. The real
scheduler is compared with it.
"""


class NaiveChannel:
    def __init__(self, config, parent):
        self.config = dict(config)
        self.parent = parent
        self.children = []
        self.queue = []
        self.running = []
        self.failed = []
        self.rests_until = None
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

    def next_job(self, now):
        candidates = sorted(self.queue, key=rank)
        if self.config["sequential"]:
            candidates = candidates[:1]
        for job in candidates:
            if job["eta"] and job["eta"] <= now:
                job["was_due"] = True
        return next((job for job in candidates if is_due(job)), None)

    def take(self, now):
        if self.rests_until is not None and self.rests_until <= now:
            self.rests_until = None
        while not self.is_shut and self.rests_until is None:
            job = self.next_job(now)
            if job is None:
                return
            self.queue.remove(job)
            self.running.append(job)
            if self.config["throttle"]:
                self.rests_until = now + self.config["throttle"]
            yield job

    def hand_over(self, now):
        for child in self.children:
            child.hand_over(now)
        if self.parent:
            self.parent.queue.extend(self.take(now))

    def wakeup(self):
        if self.is_shut:
            return None
        if self.rests_until is not None:
            return self.rests_until
        waiting = sorted(self.queue, key=rank)
        if self.config["sequential"]:
            waiting = waiting[:1]
        times = [job["eta"] for job in waiting if not is_due(job)]
        times += [child.wakeup() for child in self.children]
        return min((time for time in times if time is not None), default=None)

    def take_back(self):
        for job in list(self.running):
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

    def notify(self, channel_name, uuid, seq, created, priority, eta, state):
        facts = (channel_name, seq, created, priority, eta)
        job = self.jobs.get(uuid)
        if job and (job["facts"] != facts or state not in ACTIVE):
            self._forget(self.jobs.pop(uuid))
            job = None
        if state not in ACTIVE:
            return
        if job is None:
            job = {"uuid": uuid, "facts": facts, "eta": eta, "was_due": not eta}
            self.jobs[uuid] = job
        self._place(job, self.channels[channel_name], state)

    def _place(self, job, home, state):
        is_queued = any(job in channel.queue for channel in home.lineage)
        if state == "pending":
            if not is_queued:
                self._forget(job)
                home.queue.append(job)
        elif state == "failed":
            self._forget(job)
            home.failed.append(job)
            if home.config["sequential"]:
                home.take_back()
        elif is_queued or job not in home.running:
            self._forget(job)
            for channel in home.lineage:
                channel.running.append(job)
                capacity = channel.config["capacity"]
                if capacity and len(channel.running) > capacity:
                    channel.take_back()

    def _forget(self, job):
        for channel in self.channels.values():
            for jobs in (channel.queue, channel.running, channel.failed):
                if job in jobs:
                    jobs.remove(job)

    def change(self, name, key, value):
        self.channels[name].config[key] = value
        self.channels[name].take_back()

    def starts(self, now):
        self.root.hand_over(now)
        return [job["uuid"] for job in self.root.take(now)]

    def wakeup(self):
        return self.root.wakeup() or 0


ACTIVE = ("pending", "enqueued", "started", "failed")


def rank(job):
    _channel, seq, created, priority, _eta = job["facts"]
    return (priority, created, seq, job["uuid"])


def is_due(job):
    return job["was_due"]
