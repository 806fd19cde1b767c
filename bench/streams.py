"""Memory while everything is sent: ``SELECT *`` of a store of some million quads, to one client and to several at once.

    python bench/streams.py [QUADS] [--clients 1,16] [--store FOLDER] [--format text/csv]     2,000,000 quads unless told

For this service and the native one, one after the other: seconds, megabytes a second, and proportional resident memory (PSS)
before and at most, of the process that serves and of the largest worker. The store is that of bench/pages.py.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from load import Side
from pages import make
from servers import end_with_servers, free_port, kg_command, native_command, started

QUERY, LOOK_AFTER = "SELECT * { ?s ?p ?o }", 0.25
MB = 1e6


class Peaks:
    """The most that the processes of a server held while a block lasted: the serving one's, and the largest worker's."""

    def __init__(self, side: Side) -> None:
        self._side, self._stop = side, threading.Event()
        self.before = self._look()
        self.serving = self.worker = self.together = 0

    def __enter__(self) -> Peaks:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> tuple[int, int, int]:
        serving = workers = worker = 0
        for process in self._side.processes():
            with contextlib.suppress(OSError):
                own = b"worker.py" in (process / "cmdline").read_bytes()
                lines = (process / "smaps_rollup").read_text().splitlines()
                size = 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
                serving, workers = serving + size * (not own), workers + size * own
                worker = max(worker, size * own)
        return serving, worker, serving + workers

    def _run(self) -> None:
        while not self._stop.wait(LOOK_AFTER):
            found = self._look()
            self.serving, self.worker = max(self.serving, found[0]), max(self.worker, found[1])
            self.together = max(self.together, found[2])


def read(side: Side, media_type: str) -> tuple[int, int, bool]:
    """All of the answer: bytes, lines, and whether it came to its end."""
    connection = http.client.HTTPConnection("127.0.0.1", side.port, timeout=120)
    number = lines = 0
    try:
        head = {"Content-Type": "application/sparql-query", "Accept": media_type}
        connection.request("POST", side.path, QUERY.encode(), head)
        answer = connection.getresponse()
        while part := answer.read1(262_144):
            number += len(part)
            lines += part.count(b"\n")
        return number, lines, answer.status == 200
    except (http.client.HTTPException, OSError):
        return number, lines, False
    finally:
        connection.close()


def measure(side: Side, clients: int, media_type: str) -> None:
    """Have so many clients read everything at once, and print what it took."""
    with Peaks(side) as peaks, ThreadPoolExecutor(clients) as several:
        began = time.perf_counter()
        found = list(several.map(lambda _: read(side, media_type), range(clients)))
        took = time.perf_counter() - began
    whole, size = sum(well for *_, well in found), sum(number for number, *_ in found)
    sys.stdout.write(
        f"{side.name:7} {clients:3} clients: {whole} whole of {max(lines for _, lines, _ in found):,} rows, {took:6.1f} s, "
        f"{size / took / MB:6.1f} MB/s; PSS in MB, before → most: serving {peaks.before[0] / MB:.0f} → {peaks.serving / MB:.0f}, "
        f"largest worker {peaks.worker / MB:.0f}, all {peaks.before[2] / MB:.0f} → {peaks.together / MB:.0f}\n"
    )
    sys.stdout.flush()


@contextlib.contextmanager
def stored(folder: Path | None, number: int) -> Iterator[Path]:
    """A folder with a store, made where it is missing; a folder that was not given is removed."""
    place = folder or Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        if not (place / "data").is_dir():
            make(place, number)
        yield place
    finally:
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("quads", nargs="?", default="2,000,000", type=lambda text: int(str(text).replace(",", "")))
    parser.add_argument("--clients", default="1,16", help="how many at once, with commas between")
    parser.add_argument("--store", type=Path, help="a store to measure, made where it is missing; it stays")
    parser.add_argument("--format", default="text/csv", help="media type of the answers")
    given = parser.parse_args()
    end_with_servers()
    numbers = [int(n) for n in given.clients.split(",")]
    with stored(given.store, given.quads) as folder:
        port = free_port()
        with started(kg_command(folder, port), port, KG_WRITES="off", KG_QUERY_TIMEOUT="600") as process:
            own = Side("kg", port, "/sparql", process)
            own.rests(120)
            for number in numbers:
                measure(own, number, given.format)
        port = free_port()
        with started(native_command(folder / "data", port, writable=False), port) as process:
            for number in numbers:
                measure(Side("native", port, "/query", process), number, given.format)


if __name__ == "__main__":
    main()
