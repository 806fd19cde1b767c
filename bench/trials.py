"""The benchmark's other tables: a large answer, writes beside the cache, and what a request costs."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

from load import Side, percentile

ROWS = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 100000"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def large(sides: list[Side], times: int) -> None:
    """100,000 rows: rate, first byte, and memory while they are sent."""
    for side in sides:
        firsts, started, total = [], time.perf_counter(), 0
        for n in range(times):
            _, number, first = side.ask(f"{ROWS} # {n}", "text/csv")
            firsts.append(first)
            total += number
        took = time.perf_counter() - started
        _say(
            f"100,000 rows   {side.name:8}{times / took:6.2f} a second {total / took / 1e6:7.1f} MB/s "
            f"first byte {percentile(firsts, 0.5):7.1f} ms   memory {side.memory() / 1e6:6.0f} MB"
        )


def cost(side: Side, run: Callable[[], tuple[float, float]]) -> None:
    """Processor time of a request, and memory, while a load runs; ``run`` gives requests per second and seconds."""
    before = side.seconds()
    rate, seconds = run()
    used = side.seconds() - before
    _say(
        f"cost           {side.name:8}{rate:8.0f} requests/s {used / max(1, rate * seconds) * 1000:8.3f} CPU ms each   "
        f"memory {side.memory() / 1e6:6.0f} MB"
    )


def beside_writes(side: Side, run: Callable[[], tuple[float, float]]) -> None:
    """Repeated queries with a write every second, which makes all that is kept stale."""
    stop, statuses = threading.Event(), []

    def write() -> None:
        while not stop.wait(1.0):
            statuses.append(side.update(f"INSERT DATA {{ GRAPH <urn:writes> {{ <urn:w> <urn:n> {len(statuses)} }} }}"))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        rate, seconds = run()
    finally:
        stop.set()
        thread.join()
    done = sum(status in (200, 204) for status in statuses)
    _say(f"beside writes  {side.name:8}{rate:8.0f} requests/s, {done} of {len(statuses)} writes done in {seconds:g} s")
