"""The benchmark's other tables: a large answer, writes beside the cache, what a request costs, and queries that hurt."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from load import Side, bystander, percentile

ROWS = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 100000"
_ALL = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
#: Queries that take for ever, take too much, or take the server down.
HURTFUL = {
    "count of a cross join": f"SELECT (COUNT(*) AS ?n) {{ {_ALL} }}",
    "filtered cross join": f"SELECT * {{ {_ALL} FILTER (?c = ?f && ?f = ?i && STR(?a) = 'x') }}",
    "sort of a cross join": f"SELECT * {{ {_ALL} }} ORDER BY ?c ?f ?i",
    "distinct cross join": f"SELECT DISTINCT ?a ?d ?g {{ {_ALL} }}",
    "all of a cross join": f"SELECT * {{ {_ALL} }}",
    "regular expressions": "SELECT * { ?a ?b ?c . ?d ?e ?f FILTER (REGEX(CONCAT(STR(?c), STR(?f)), '^(a|ab)*c{2,}(x+x+)+y$')) }",
    "paths from everywhere": "SELECT (COUNT(*) AS ?n) { ?a (!<urn:none>)* ?b . ?c (!<urn:none>)* ?d }",
    "nested braces": "SELECT * " + "{" * 10_000 + "}" * 10_000,
    "nested brackets": "SELECT * { FILTER (" + "(" * 10_000 + "1" + ")" * 10_000 + ") }",
    "50,000 alternatives": "SELECT * { ?s ?p ?x FILTER (" + " || ".join(["?x = 1"] * 50_000) + ") }",
}


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


def hurtful(fresh: Callable[[], AbstractContextManager[list[Side]]], address: str, patience: float) -> None:
    """How long each took to end, how it ended, and what another client felt; after ``patience`` seconds it is left alone.

    Each query meets servers that were started for it: some do not survive one.
    """
    queries = HURTFUL | {"a SERVICE that hangs": f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}"}
    for name, query in queries.items():
        with fresh() as sides:
            for side in sides:
                _hurt(side, name, query, patience)


def _hurt(side: Side, name: str, query: str, patience: float) -> None:
    started = time.perf_counter()
    with bystander(side) as times:
        status, number, _ = side.ask(query, "text/csv", patience)
        took = time.perf_counter() - started
        time.sleep(0.2)
    alive = side.ask("ASK {}", timeout=5)[0] == 200
    end = f"{status}" if status else ("broken off" if took < patience else "left alone")
    _say(
        f"{name:24}{side.name:8}{took:7.2f} s  {end:11}{number / 1e6:8.1f} MB   bystander's p99 "
        f"{percentile(times, 0.99):8.1f} ms, {sum(t == float('inf') for t in times)} failed{'' if alive else ', server gone'}"
    )
