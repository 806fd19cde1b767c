"""The SPARQL service against native ``oxigraph serve-read-only``: the same data, the same queries, one run.

    python bench/serve.py [QUADS] [--tables cold,repeats,large,cost,writes,hurtful,thousand] [--seconds S] [--times N]
                          [--memory QUADS] [--warm S]

QUADS is 100,000 unless it is given; the native server comes with the package "oxigraph", beside it. Tables: "cold",
"repeats" (both by default), "large" (100,000 rows: rate, first byte, memory), "cost" (processor time and memory),
"writes" (a write every second beside repeated queries), "hurtful" (queries that hurt: how each ended and what others felt),
"thousand" (what is left of a thousand of them; --limit 0.4 makes it short).

Prints, for each query and for the mix, the ratio of requests per second (more than 1: faster than native) and of the 99th
percentile (more than 1: that many times better), with 1 and with 16 clients. "cold" queries differ in a comment, so that
nothing kept can answer them; "repeats" do not. With --memory the service may hold so many quads in memory, and is asked when
they are there; --warm has 16 clients ask the mix for so many seconds before anything is measured: each worker in memory copies
what it reads at first (1.4 GB of 4.5 million quads). The data are events in the shape of this project's graphs, about 25 quads
each.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
from hurting import hurtful, thousand, with_service
from load import Side
from plain import Connection, post
from servers import end_with_servers, free_port, kg_command, native_command, started
from trials import beside_writes, cost, large

from kg.triples.vocab import DIPL

SECONDS, CLIENTS, MEMORY, WARM = 4.0, (1, 16), 0, 0.0
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
DATE = ox.NamedNode("http://www.w3.org/2001/XMLSchema#date")
P = f"PREFIX d: <{DIPL}> "
MIX = {
    "point CONSTRUCT": P + "CONSTRUCT { ?e ?p ?o } WHERE { VALUES ?e { <urn:event:%d> } ?e ?p ?o }",
    "filtered SELECT": P
    + "SELECT ?e ?t { ?e d:actor <urn:actor:%d> ; d:date ?t . FILTER (STR(?t) > '2010') } LIMIT 100",
    "GROUP BY month": P
    + "SELECT ?m (COUNT(?e) AS ?n) { ?e d:actor <urn:actor:%d> ; d:date ?t BIND (SUBSTR(STR(?t), 1, 7) AS ?m) } GROUP BY ?m",
    "co-occurrence": P
    + "SELECT ?b (COUNT(?e) AS ?n) { ?e d:actor <urn:actor:%d>, ?b } GROUP BY ?b ORDER BY DESC(?n) LIMIT 10",
    "CONTAINS": P + "SELECT ?e { ?e d:actor <urn:actor:%d> ; d:sentence ?s FILTER (CONTAINS(?s, 'treaty')) } LIMIT 20",
    "property path": P + "SELECT ?t { <urn:event:%d> d:topic/d:broader* ?t }",
    "ASK": P + "ASK { <urn:event:%d> d:actor ?a }",
}


def quads(number: int) -> Iterator[ox.Quad]:
    """Events with actors, dates, topics and sentences; the same every time."""
    rng = random.Random(7)
    words = "treaty border talks minister envoy troops sanctions visit aid trade summit".split()
    for topic in range(1, 60):
        yield ox.Quad(_n(f"urn:topic:{topic}"), _d("broader"), _n(f"urn:topic:{topic // 3}"), _n("urn:graph:topics"))
    for event in range(number // 25):
        graph, this = _n(f"urn:graph:{event // 8}"), _n(f"urn:event:{event}")
        day = f"{2000 + event % 25}-{event % 12 + 1:02d}-{event % 28 + 1:02d}"
        yield ox.Quad(this, TYPE, _d("Meeting"), graph)
        yield ox.Quad(this, _d("date"), ox.Literal(day, datatype=DATE), graph)
        yield ox.Quad(this, _d("topic"), _n(f"urn:topic:{rng.randrange(1, 60)}"), graph)
        for _ in range(6):
            yield ox.Quad(this, _d("actor"), _n(f"urn:actor:{int(rng.paretovariate(1.1)) % 300}"), graph)
        for part in range(8):
            sentence = " ".join(rng.choices(words, k=12))
            yield ox.Quad(this, _d("sentence"), ox.Literal(f"{sentence} {part}"), graph)
        for part in range(8):
            yield ox.Quad(this, _d(f"detail{part}"), ox.Literal(rng.randrange(10_000)), graph)


def _n(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)


def _d(name: str) -> ox.NamedNode:
    return ox.NamedNode(DIPL + name)


class Load:
    """Some clients that ask as fast as they are answered."""

    def __init__(self, port: int, path: str, events: int, *, repeats: bool, first: int = 1) -> None:
        self._port, self._path, self._events, self._repeats = port, path, events, repeats
        self._runs = first - 1

    def run(self, templates: list[str], clients: int, seconds: float = 0.0) -> tuple[float, float]:
        """Requests per second, and the 99th percentile of the time of one, in milliseconds.

        What is under way at the end counts by its time and not in the rate. Without ``seconds`` it takes as long as each
        measurement.
        """
        seconds = seconds or SECONDS
        times: list[tuple[float, bool]] = []
        self._runs += 1
        stop = time.monotonic() + seconds
        threads = [threading.Thread(target=self._client, args=(templates, n, stop, times)) for n in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        times.sort()
        rate = sum(within for _, within in times) / seconds
        return rate, times[int(len(times) * 0.99)][0] * 1000 if times else float("nan")

    def _client(self, templates: list[str], number: int, stop: float, times: list[tuple[float, bool]]) -> None:
        # another run asks other queries, or what was kept of this one would answer them
        rng, accept = (
            random.Random(f"{self._runs} {number}"),
            "application/sparql-results+json, application/n-triples",
        )
        with contextlib.closing(Connection(self._port)) as connection:
            while time.monotonic() < stop:
                query = rng.choice(templates) % (int(rng.paretovariate(1.2)) % self._events)
                if not self._repeats:
                    query += f" # {rng.random()}"
                request, started = post(self._path, query, accept), time.perf_counter()
                status, body = connection.ask(request)
                if status != 200:
                    raise SystemExit(f"{status} for {query}: {body[:300]!r}")
                times.append((time.perf_counter() - started, time.monotonic() <= stop))


@contextlib.contextmanager
def ours(folder: Path, *, writable: bool = False, limit: float = 30) -> Iterator[Side]:
    """This service, with what it does after its start behind it, until the block ends."""
    port = free_port()
    environment = {"KG_WRITES": "open" if writable else "off", "KG_QUERY_TIMEOUT": str(limit)}
    environment["KG_MEMORY_QUADS"] = str(MEMORY)
    with started(kg_command(folder / "store", port), port, **environment) as process:
        side = Side("kg", port, "/sparql", process)
        if MEMORY:
            side.wait_for_memory()
        side.rests()
        yield side


@contextlib.contextmanager
def native(folder: Path, *, writable: bool = False, patience: float = 10.0) -> Iterator[Side]:
    """The native server, until the block ends; it has some seconds to end by itself."""
    port = free_port()
    with started(native_command(folder / "native", port, writable=writable), port, patience) as process:
        yield Side("native", port, "/query", process)


@contextlib.contextmanager
def loaded(number: int) -> Iterator[Path]:
    """A folder with the data in two stores, until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        (folder / "store").mkdir()
        loading = ox.Store(str(folder / "store" / "data"))
        loading.bulk_extend(quads(number))
        loading.optimize()
        sys.stdout.write(f"{len(loading):,} quads; requests/s (native), ratio; p99 ms (native), times better\n")
        del loading
        shutil.copytree(folder / "store" / "data", folder / "native")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _hang() -> socket.socket:
    """A listener that answers nobody."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.listen()
    return listener


def main(number: int, tables: list[str], times: int, limit: float) -> None:
    """Load, run both, print."""
    events = number // 25

    def running(side: Side, *, repeats: bool) -> Callable[[], tuple[float, float]]:
        asked = Load(side.port, side.path, events, repeats=repeats)
        return lambda: (asked.run(list(MIX.values()), 16)[0], SECONDS)

    with loaded(number) as folder:
        with native(folder) as theirs, ours(folder) as own:
            for side in (own, theirs) if WARM else ():
                Load(side.port, side.path, events, repeats=False, first=1_000).run(list(MIX.values()), 16, WARM)
            for repeats in (False, True):
                if ("repeats" if repeats else "cold") in tables:
                    asked = [Load(s.port, s.path, events, repeats=repeats) for s in (own, theirs)]
                    _table(*asked, repeats)
            if "large" in tables:
                large([own, theirs], times)
            for side in (own, theirs) if "cost" in tables else ():
                cost(side, running(side, repeats=False))
        if "writes" in tables:
            with native(folder, writable=True) as theirs, ours(folder, writable=True) as own:
                for side in (own, theirs):
                    beside_writes(side, running(side, repeats=True))
        with contextlib.closing(_hang()) as listener:
            queries = with_service(f"http://127.0.0.1:{listener.getsockname()[1]}/")
            if "hurtful" in tables:
                with ours(folder, limit=limit) as own:
                    hurtful(own, lambda: native(folder, patience=0.1), queries, limit)
            if "thousand" in tables:
                with ours(folder, limit=limit) as own:
                    thousand(own, folder / "store", queries)


def _table(ours: Load, theirs: Load, repeats: bool) -> None:
    for clients in CLIENTS:
        lines = {"the mix": list(MIX.values())} | ({} if repeats else {name: [text] for name, text in MIX.items()})
        for name, templates in lines.items():
            (rate, p99), (their_rate, their_p99) = ours.run(templates, clients), theirs.run(templates, clients)
            head = f"{'repeats' if repeats else 'cold':8}{clients:3} clients {name:16}"
            speed = f"{rate:8.0f} ({their_rate:6.0f}) {rate / their_rate:5.2f}"
            sys.stdout.write(f"{head}{speed}   {p99:7.1f} ({their_p99:6.1f}) {their_p99 / p99:5.2f}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("quads", nargs="?", default="100,000", type=lambda text: int(str(text).replace(",", "")))
    parser.add_argument("--tables", default="cold,repeats", help="which, with commas between")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each measurement")
    parser.add_argument("--times", type=int, default=5, help="how often the large answer is asked for")
    parser.add_argument("--limit", type=float, default=2.0, help="time limit of queries that hurt")
    parser.add_argument("--memory", type=int, default=0, help="most quads that the service holds in memory")
    parser.add_argument("--warm", type=float, default=0.0, help="seconds of the mix before anything is measured")
    given = parser.parse_args()
    SECONDS, MEMORY, WARM = given.seconds, given.memory, given.warm
    end_with_servers()
    main(given.quads, given.tables.split(","), given.times, given.limit)
