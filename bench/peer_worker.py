"""Drains no-op jobs with a Python queue; run by the Python that has it.

usage: peer_worker.py procrastinate|pgqueuer COUNT

Libpq's variables name the database. Prints the figures as JSON.
"""

import asyncio
import json
import sys
import time

CONCURRENCY = 4


async def procrastinate(count: int) -> float:
    """Seconds from the start of a worker to the last job's end."""
    from procrastinate import App, PsycopgConnector

    app = App(connector=PsycopgConnector())

    @app.task(name="nothing")
    async def nothing() -> None:
        pass

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await nothing.batch_defer_async(*({} for _number in range(count)))
        begun = time.monotonic()
        await app.run_worker_async(
            concurrency=CONCURRENCY, wait=False, install_signal_handlers=False
        )
        return time.monotonic() - begun


async def pgqueuer(count: int) -> float:
    """The same with the other one, ten at a time as it does by itself: held to four
    it waits for the log of the last ones between two looks."""
    import asyncpg
    from pgqueuer import PgQueuer, types
    from pgqueuer.db import AsyncpgDriver
    from pgqueuer.queries import Queries

    driver = AsyncpgDriver(await asyncpg.connect())
    queries = Queries(driver)
    await queries.install()
    queue = PgQueuer(driver)

    @queue.entrypoint("nothing")
    async def nothing(_job: object) -> None:
        pass

    await queries.enqueue(["nothing"] * count, [None] * count, [0] * count)
    begun = time.monotonic()
    await queue.run(mode=types.QueueExecutionMode.drain)
    return time.monotonic() - begun


def main(name: str, count: int) -> None:
    queues = {"procrastinate": procrastinate, "pgqueuer": pgqueuer}
    used = time.process_time()
    seconds = asyncio.run(queues[name](count))
    cpu = time.process_time() - used
    print(
        json.dumps({"jobs/s": count / seconds, "CPU ms/job Python": 1000 * cpu / count})
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
