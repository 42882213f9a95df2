"""What there is to be seen: jobs of every kind, delayed by the buttons of the demo and
brought about by those of the queue."""

import time

from ..bootstrap.console import Stop, say
from ..demo.web import Client

ORDER = "queue.job.demo.order"
JOB = "queue.job"
CHANNEL = "queue.job.channel"
ENDED = ["done", "failed", "cancelled"]
#: A catalogue of so many pages is printed for as long as pictures are taken.
PAGES = 3000
#: Seconds without the expected state, after which something is stuck.
PATIENCE = 180


class Scene:
    """The acts of the scene, in their order; each leaves something to be seen."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.places: dict[str, int] = {}

    def work_off(self) -> None:
        """Jobs of all kinds that are over: done, after retries, too."""
        self._client.call(ORDER, "delay_demo_jobs", 200)
        self._wait([["state", "not in", ENDED]], 0)

    def fail(self) -> None:
        """Jobs that failed for two reasons; one of them was cancelled since."""
        orders = self._orders("S", 4)
        self._press("button_import", orders)
        self._press("button_import_slices", orders[:1])
        imports = ["method_name", "in", ["import_file", "import_slice"]]
        self._wait([imports, ["state", "not in", ENDED]], 0)
        self.places["failed"] = self._job("import_file")
        broken = [["method_name", "=", "import_slice"], ["state", "!=", "cancelled"]]
        self._act("queue.jobs.to.cancelled", {}, "set_cancelled", broken)

    def give_up(self) -> None:
        """A job that was tried twice and failed."""
        rates = self._channel("root.rates")
        self._client.call(CHANNEL, "pause", [rates])
        self._press("button_fetch_rate", self._orders("R", 1))
        job = self._job("fetch_rate")
        self._client.call(JOB, "write", [job], {"max_retries": 2})
        self._client.call(CHANNEL, "resume", [rates])
        self._wait([["id", "=", job], ["state", "=", "failed"]], 1)
        self.places["retried"] = job

    def plan(self) -> None:
        """Jobs for tomorrow."""
        self._press("button_remind_later", self._orders("T", 3))
        domain = [["method_name", "=", "remind"], ["state", "=", "pending"]]
        jobs = self._client.call(JOB, "search", domain)
        self._client.call(JOB, "write", jobs, {"eta": "2099-01-01 06:00:00"})

    def print_catalogues(self) -> None:
        """One that runs and tells how far it is, and others that wait for it."""
        orders = self._orders("C", 3, PAGES)
        self._press("button_print", orders)
        self.places["order"] = orders[0]
        running = [["method_name", "=", "print_catalogue"], ["state", "=", "started"]]
        self._wait(running, 1)
        self.places["waiting"] = self._job("print_catalogue")

    def season(self) -> None:
        """Thousands of jobs that depend on others, before a channel that is paused."""
        self._client.call(CHANNEL, "pause", [self._channel("root.export")])
        self._press("button_season", self._orders("Season", 1))
        self._wait(self._exports(), 2000)
        self.places["graph"] = self._job("tell")

    def act(self) -> None:
        """Another priority for all of these."""
        wizard = {"operation": "change_priority", "priority": 5}
        self._act("queue.jobs.change", wizard, "change", self._exports())
        self._wait([*self._exports(), ["priority", "=", 5]], 2000)
        newest = self._client.call("queue.job.action", "search", [], 0, 1)
        assert isinstance(newest, list)
        self.places["action"] = newest[0]

    def _act(self, wizard: str, values: dict, button: str, domain: list) -> None:
        """Press a button above the list of jobs, for all that a filter finds."""
        context = {"active_model": JOB, "active_domain": domain}
        made = self._client.call(wizard, "create", [values], context=context)
        self._client.call(wizard, button, made)

    def _exports(self) -> list:
        return [["channel", "=", "root.export"], ["state", "=", "pending"]]

    def _orders(self, letter: str, count: int, pages: int = 3) -> list[int]:
        values = [
            {"name": f"{letter}{number:03}", "pages": pages}
            for number in range(1, count + 1)
        ]
        made = self._client.call(ORDER, "create", values)
        assert isinstance(made, list)
        return made

    def _press(self, button: str, orders: list[int]) -> None:
        self._client.call(ORDER, button, orders)

    def _channel(self, name: str) -> int:
        domain = [["complete_name", "=", name]]
        found = self._client.call(CHANNEL, "search", domain)
        assert isinstance(found, list)
        return found[0]

    def _job(self, method: str) -> int:
        """The latest job of a method."""
        domain = [["method_name", "=", method]]
        found = self._client.call(JOB, "search", domain, 0, 1, "id desc")
        assert isinstance(found, list)
        return found[0]

    def _wait(self, domain: list, count: int) -> None:
        """Wait until so many jobs match.

        :raises Stop: if they do not in time
        """
        deadline = time.monotonic() + PATIENCE
        while (found := self._client.call(JOB, "search_count", domain)) != count:
            if time.monotonic() > deadline:
                raise Stop(f"{found} jobs are {domain}, not {count}: see the log")
            time.sleep(0.5)


def play(client: Client) -> dict[str, int]:
    """Make the scene; return the ids of what the pictures show, by name."""
    scene = Scene(client)
    say("letting jobs of every kind run")
    scene.work_off()
    scene.season()
    scene.act()
    scene.fail()
    scene.give_up()
    scene.plan()
    scene.print_catalogues()
    return scene.places
