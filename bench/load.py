"""Clients for the benchmark, and what a server's processes use while they ask."""

from __future__ import annotations

import http.client
import os
import re
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def processes(first: int) -> list[Path]:
    """A process and those below it, as far as they are there."""
    waiting, found = [first], []
    while waiting:
        process = Path(f"/proc/{waiting.pop()}")
        try:
            waiting += [int(c) for task in process.glob("task/*/children") for c in task.read_text().split()]
            found.append(process)
        except OSError:
            continue
    return found


@dataclass
class Side:
    """A server under test: its name, port, the path of queries, and its first process."""

    name: str
    port: int
    path: str
    process: int

    def ask(
        self, query: str, accept: str = "application/sparql-results+json", timeout: float = 120.0
    ) -> tuple[int, int, float]:
        """Status (0: the connection was broken off), bytes, and seconds to the first byte of the body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        started, first, number = time.perf_counter(), 0.0, 0
        try:
            body = query.encode()
            connection.request("POST", self.path, body, {"Content-Type": "application/sparql-query", "Accept": accept})
            answer = connection.getresponse()
            while part := answer.read1(65_536):
                first = first or time.perf_counter() - started
                number += len(part)
                if time.perf_counter() - started > timeout:
                    return 0, number, first
            return answer.status, number, first
        except (http.client.HTTPException, OSError):
            return 0, number, first
        finally:
            connection.close()

    def update(self, text: str) -> int:
        """The status of an update."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = urllib.parse.urlencode({"update": text})
        path = "/update" if self.path == "/query" else self.path
        connection.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        status = connection.getresponse().status
        connection.close()
        return status

    def wait_for_memory(self) -> None:
        """Ask until the service holds its store in memory; for this service alone."""
        while True:
            self.ask(f"ASK {{}} # {time.monotonic()}")
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
                if re.search(rb"^kg_memory_quads [1-9]", answer.read(), re.MULTILINE):
                    return
            time.sleep(0.2)

    def processes(self) -> list[Path]:
        """The server's processes that are there."""
        return processes(self.process)

    def seconds(self) -> float:
        """Processor time so far, of ended processes too."""
        total = 0
        for process in self.processes():
            try:
                fields = (process / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            total += sum(int(fields[n]) for n in (11, 12, 13, 14))
        return total / TICK

    def rests(self, patience: float = 60.0) -> None:
        """Wait until it takes nearly no processor time: after its start a service has work of its own."""
        until = time.monotonic() + patience
        before = self.seconds()
        while time.monotonic() < until:
            time.sleep(1.0)
            now = self.seconds()
            if now - before < 0.05:
                return
            before = now

    def memory(self) -> int:
        """Resident bytes that are its own (pages shared between processes are counted by shares)."""
        total = 0
        for process in self.processes():
            try:
                lines = (process / "smaps_rollup").read_text().splitlines()
            except OSError:
                continue
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total * 1024


@contextmanager
def bystander(side: Side) -> Iterator[list[float]]:
    """Another client, which asks ``ASK {}`` every 20 ms until the block ends; gives the seconds that each took."""
    times: list[float] = []
    stop = threading.Event()

    def ask() -> None:
        number = 0
        while not stop.wait(0.02):
            started = time.perf_counter()
            status, *_ = side.ask(f"ASK {{}} # {number}", timeout=30)
            number += 1
            times.append(time.perf_counter() - started if status == 200 else float("inf"))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield times
    finally:
        stop.set()
        thread.join()


def percentile(times: list[float], share: float) -> float:
    """In milliseconds."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else float("nan")
