"""Holds a server under load, minute by minute, and judges whether what it holds is bounded."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from itertools import count
from pathlib import Path

from arrivals import Clients, Tally
from census import Census, census
from clock import Clock
from ingest import articles
from mix import arrivals
from servers import KG, Server
from tables import Report

from kg.sources.bodies import FILE

MINUTE, LOOK_AFTER = 60.0, 5.0
#: Articles of one run of ``kg ingest``.
AT_ONCE = 5
#: What a third of the run may hold more than another, in parts and in absolute numbers, and still be the same.
_MORE = 0.1
_SLACK = {"pss": 30e6, "processes": 3, "threads": 20, "handles": 40, "snapshots": 50e6, "gone": 50e6, "temporary": 10e6}
_FEWEST = 9


@dataclass
class Minute:
    """What came of the requests of a minute, and the most that was held in it."""

    tally: Tally
    census: Census
    ingested: int
    seconds: float
    #: Seconds of these for which the machine stood still.
    stood: float


@dataclass
class Held:
    """All minutes under one rate."""

    rate: float
    every: list[Minute] = field(default_factory=list)
    #: Seconds of each run of ``kg ingest`` that came to its end; how many were refused or failed, and what the last of them said.
    runs: list[float] = field(default_factory=list)
    refused: int = 0
    said: str = ""

    def total(self) -> Tally:
        """The requests of all minutes."""
        tally = Tally()
        for minute in self.every:
            tally.add(minute.tally)
        return tally

    def peak(self) -> Census:
        """The most of each that was held."""
        return reduce(Census.most, (minute.census for minute in self.every), Census())

    def minutes(self) -> float:
        """How long it was, while the machine ran."""
        return sum(minute.seconds for minute in self.every) / MINUTE - self.stood() / MINUTE

    def stood(self) -> float:
        """Seconds for which the machine stood still."""
        return sum(minute.stood for minute in self.every)

    def ingested(self) -> int:
        """Articles."""
        return sum(minute.ingested for minute in self.every)


class Watch:
    """Looks at what a server holds, every few seconds, in a thread beside the clients."""

    def __init__(self, process: int, store: Path, temporary: Path) -> None:
        self._look: Callable[[], Census] = lambda: census(process, store, temporary)
        self._most = Census()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self._most = self._most.most(await asyncio.to_thread(self._look))
            await asyncio.sleep(LOOK_AFTER)

    async def taken(self) -> Census:
        """The most since the last call."""
        found, self._most = self._most.most(await asyncio.to_thread(self._look)), Census()
        return found


class Ingestion:
    """Runs ``kg ingest`` over HTTP, as an operator does while a service writes: once a minute, or when the last run has ended."""

    def __init__(self, server: Server, held: Held) -> None:
        self._server, self._held, self._told = server, held, 0
        self._texts: Path | None = None
        #: Endless: each run reads articles that are new.
        self._articles = articles(1_000_000)

    async def run(self) -> None:
        """Ingest until cancelled."""
        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            self._texts = Path(folder) / "beside" / FILE
            for number in count():
                began = time.monotonic()
                file = Path(folder) / f"{number}.jsonl"
                file.write_text("".join(next(self._articles) for _ in range(AT_ONCE)), encoding="utf-8")
                await self._ingest(file, Path(folder))
                await asyncio.sleep(max(0.0, MINUTE - (time.monotonic() - began)))

    async def _ingest(self, file: Path, folder: Path) -> None:
        where, dialect = self._server.address, self._server.dialect
        environment = {
            "KG_STORE": str(folder / "beside"),
            "KG_PROCESSES": "1",
            "KG_REMOTE_QUERY": where + dialect.query,
        }
        environment |= {"KG_REMOTE_UPDATE": where + dialect.update, "KG_REMOTE_GRAPHS": where + dialect.graphs}
        process = await asyncio.create_subprocess_exec(
            *("nice", "-n", "10", *KG, "ingest", str(file)),
            env=os.environ | environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        began = time.monotonic()
        try:
            _, said = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode:
            self._held.refused += 1
            self._held.said = said.decode(errors="replace").strip().rpartition("\n")[2]
        else:
            self._held.runs.append(time.monotonic() - began)

    def taken(self) -> int:
        """Articles that came into the store since the last call, those of a run that is under way too: each text is kept
        once the store has acknowledged its article (the last one of a run when that ends)."""
        known = self._told
        if self._texts and self._texts.exists():
            address = f"{self._texts.as_uri()}?mode=ro"
            with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(address, uri=True)) as texts:
                (self._told,) = texts.execute("SELECT COUNT(*) FROM bodies").fetchone()
        return self._told - known


async def hold(
    server: Server,
    clients: Clients,
    clock: Clock,
    watch: Watch,
    held: Held,
    minutes: float,
    stop: asyncio.Event,
    report: Report,
) -> None:
    """Bear a rate for so many minutes, and tell of each."""
    ingestion = Ingestion(server, held)
    beside = [asyncio.create_task(work) for work in (watch.run(), ingestion.run())]
    coming = asyncio.create_task(clients.run(arrivals(held.rate, minutes * MINUTE, 2), stop))
    try:
        while not coming.done():
            began, stood = time.monotonic(), clock.stood
            await asyncio.wait([coming], timeout=MINUTE)
            if coming.done():
                await clients.settle(MINUTE / 4)
            tally, clients.tally = clients.tally, Tally()
            seconds = time.monotonic() - began
            still = clock.stood - stood
            held.every.append(Minute(tally, await watch.taken(), ingestion.taken(), seconds, still))
            report.say(report.line(len(held.every), held.every[-1]))
        await coming
    finally:
        for task in (*beside, coming):
            task.cancel()
        for ended in await asyncio.gather(*beside, coming, return_exceptions=True):
            if isinstance(ended, Exception):
                report.say(f"what ran beside the clients has failed: {type(ended).__name__}: {ended}")


def verdict(name: str, held: Held) -> str:
    """Whether what a server held in the last third of its minutes is what it held in the first."""
    whole = [minute for minute in held.every if minute.seconds > MINUTE / 2]
    said = f"; last refused ingestion: {held.said}" if held.said else ""
    if len(whole) < 3:
        return f"{name}: too short to say whether it is bounded{said}"
    third = len(whole) // 3
    grown, told = [], []
    for field_name, slack in _SLACK.items():
        values = [float(getattr(minute.census, field_name)) for minute in whole]
        first, last = statistics.median(values[:third]), statistics.median(values[-third:])
        slope = statistics.linear_regression(range(len(values)), values).slope * MINUTE
        if last > first * (1 + _MORE) + slack:
            grown.append(field_name)
        unit = 1e6 if slack > 1e6 else 1
        told.append(f"{field_name} {first / unit:,.0f} → {last / unit:,.0f} ({slope / unit:+,.0f} an hour)")
    errors = held.total().errors()
    bounded = f"NOT bounded ({', '.join(grown)} grew)" if grown else "bounded"
    short = "" if len(whole) >= _FEWEST else f", as far as {len(whole)} minutes tell"
    return f"{name}: {bounded}{short}; {errors} errors; median of the first → the last third, slope: {', '.join(told)}{said}"
