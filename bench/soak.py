"""A soak: this service and native ``oxigraph serve`` under twice the load that this service can sustain, for as long as you wish.

    python bench/soak.py MINUTES [--rate N] [--quads 300,000] [--out soak.txt]     needs the packages "aiohttp" and "oxigraph"

One server at a time, this service first, each on the same data with the same schedule of requests: on two processors two
servers at once would measure each other. First the sustainable rate of each is found: the highest number of requests a second at
which the 99th percentile of small queries stays under --bound, none is refused and none fails. Then each bears twice the rate
that this service sustains, for MINUTES. Requests come at their times whether those before are answered or not, and an answer's
time counts from when its request was due, but for seconds in which the whole machine stood still (bench/clock.py). The mix
(bench/mix.py): small queries, pages (of the native server, which has none, their things by DESCRIBE), answers of 100,000 rows,
queries that never end, clients that leave, clients that read 1 kB a second, updates, graphs that are written, and beside it
``kg ingest`` over HTTP once a minute.

An answer is an error unless it is 2xx or 304 and whole (its content is looked at), 429 or 503 with Retry-After, or 504 or 507;
an answer to a query that never ends may also be broken off. Prints a line a minute and at the end a table and a verdict; --out
has the same. Ctrl-C ends it early with what it has.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
from arrivals import ENDABLE, Clients
from clock import Clock
from holding import Held, Watch, hold, verdict
from mix import NATIVE, OURS, Mix, arrivals
from pages import chosen, make
from servers import Server, free_port, kg_command, native_command, started
from tables import Report, beside, heading

from kg import identity
from kg.config import Settings
from kg.store import open_store

#: Seconds of a step of the search, requests a second at its first step, and by how much each step is more.
STEP, FIRST, GROWTH = 15.0, 20.0, 1.5
#: Seconds that a query may take, told to both servers.
LIMIT = 10


def servers(folder: Path) -> list[Server]:
    """This service and the native one on copies of the same data, with the same limit on queries."""
    shutil.copytree(folder / "store" / "data", folder / "native")
    made = []
    for name, dialect, store in (("kg", OURS, folder / "store"), ("native", NATIVE, folder / "native")):
        temporary, port = folder / f"tmp-{name}", free_port()
        temporary.mkdir()
        environment = {"TMPDIR": str(temporary), "KG_WRITES": "open", "KG_QUERY_TIMEOUT": str(LIMIT)}
        environment |= {"KG_DUMPS": str(folder / "dumps"), "KG_BASE_IRI": Settings().base_iri}
        native = native_command(store, port, "--timeout-s", str(LIMIT), writable=True)
        command = kg_command(store, port) if dialect.pages else native
        made.append(Server(name, dialect, port, store, temporary, command, environment))
    return made


@contextlib.contextmanager
def data(number: int) -> Iterator[tuple[Path, dict[str, list[str]]]]:
    """A folder with a store of mixed articles, and the addresses of its things."""
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    try:
        make(folder / "store", number)
        told = Settings(store=folder / "store")
        # as ingestion leaves a store: else the first run beside the load would do it for all articles
        with open_store(told) as held:
            identity.run(held, told)
        store = ox.Store.read_only(str(folder / "store" / "data"))
        things = chosen(store, Settings().base_iri, 400)
        del store
        yield folder, things
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Soak:
    """The whole run."""

    def __init__(self, minutes: float, bound: float, rate: float | None, report: Report) -> None:
        self._minutes, self._bound, self._rate, self._report = minutes, bound, rate, report
        self._stop, self._clock = asyncio.Event(), Clock()
        self._held: dict[str, Held] = {}

    async def run(self, both: list[Server], things: dict[str, list[str]]) -> None:
        """Search, hold, compare."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        self._report.say(heading(self._minutes, self._bound, LIMIT))
        try:
            for server in both:
                if self._rate is None and not self._stop.is_set():
                    await self._search(server, things)
            rate = 2 * (self._rate if self._rate is not None else both[0].sustained or FIRST / 2)
            for server in both:
                if not self._stop.is_set():
                    await self._bear(server, things, rate)
        finally:
            self._report.say(beside(self._held, {s.name: s.sustained for s in both}))
            for name, held in self._held.items():
                self._report.say(verdict(name, held))

    async def _step(self, server: Server, things: dict[str, list[str]], rate: float) -> bool:
        """Whether a server bears a rate for some seconds."""
        mix = Mix(things, Settings().base_iri, server.dialect, 1)
        async with Clients(server.address, mix, self._clock) as clients:
            await clients.run(arrivals(rate, STEP, 1), self._stop)
            await clients.settle(LIMIT)
            tally = clients.tally
        refused, p99 = tally.number("refused"), Report.percentile(tally.seconds["small"], 0.99)
        # that the native server gives cut answers to queries which never end is told below, and would end its search at once
        errors = tally.errors(*ENDABLE)
        well = not refused and not errors and p99 <= self._bound
        self._report.say(
            f"{server.name:7} {rate:6.0f} requests/s: small queries' p99 {p99:7.0f} ms, {refused} refused, "
            f"{errors} errors{'' if well else ': too much'}"
        )
        return well

    async def _search(self, server: Server, things: dict[str, list[str]]) -> None:
        """The highest rate that a server sustains, within a tenth or so."""

        async def bears(rate: float) -> bool:
            # what goes wrong once may be chance
            return await self._step(server, things, rate) or await self._step(server, things, rate)

        with started(server.command, server.port, **server.environment):
            await asyncio.sleep(5)
            low, high = 0.0, FIRST
            while not self._stop.is_set() and await bears(high):
                low, high = high, high * GROWTH
            while not self._stop.is_set() and high - low > max(1.0, 0.15 * high):
                middle = (low + high) / 2
                low, high = (middle, high) if await bears(middle) else (low, middle)
        server.sustained = low
        self._report.say(f"{server.name} sustains {low:.0f} requests/s")

    async def _bear(self, server: Server, things: dict[str, list[str]], rate: float) -> None:
        self._report.say(f"\n{server.name} under {rate:.0f} requests/s\n{Report.columns()}")
        mix = Mix(things, Settings().base_iri, server.dialect, 2)
        with started(server.command, server.port, **server.environment) as process:
            await asyncio.sleep(5)
            watch = Watch(process, server.store, server.temporary)
            held = self._held[server.name] = Held(rate)
            async with Clients(server.address, mix, self._clock) as clients:
                await hold(server, clients, self._clock, watch, held, self._minutes, self._stop, self._report)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("minutes", type=float, help="for which each server is held under load")
    parser.add_argument("--rate", type=float, help="requests a second to take for sustainable, in place of the search")
    parser.add_argument("--bound", type=float, default=250.0, help="ms that small queries' p99 may reach in the search")
    parser.add_argument("--quads", default=300_000, type=lambda text: int(str(text).replace(",", "")))
    parser.add_argument("--out", type=Path, default=Path("soak.txt"), help="where the report goes besides")
    parser.add_argument("--only", choices=("kg", "native"), help="one of the servers alone")
    given = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with given.out.open("w", encoding="utf-8") as out, data(given.quads) as (folder, things):
        both = [s for s in servers(folder) if given.only in (None, s.name)]
        asyncio.run(Soak(given.minutes, given.bound, given.rate, Report(out, sys.stdout)).run(both, things))


if __name__ == "__main__":
    main()
