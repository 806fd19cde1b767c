"""A service that is told to end: what is under way ends or is told, nothing is cut without a sign, and nothing is left."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from kg.config import Settings
from kg.store import open_store
from tests.conftest import Reply, free_port, request
from tests.faults.children import left_in_group

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
#: Takes a second or two.
SOME = "SELECT (COUNT(*) AS ?n) { { SELECT * { ?a ?b ?c } LIMIT 3000 } { SELECT * { ?d ?e ?f } LIMIT 2500 } }"
ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
SLOW_WRITE = """INSERT { GRAPH <urn:slow> { <urn:s> <urn:p> ?n } } WHERE {
  { SELECT (COUNT(*) AS ?n) { GRAPH ?u { ?a ?b ?c } GRAPH ?v { ?d ?e ?f } GRAPH ?w { ?g ?h ?i } } } }"""


@dataclass
class Running:
    """A service in a process group of its own."""

    process: subprocess.Popen[bytes]
    port: int
    store: Path

    def ask(self, query: str) -> Reply:
        return request(f"http://127.0.0.1:{self.port}/sparql?query={quote(query)}", "GET", {})

    def update(self, text: str) -> Reply:
        headers = {"Content-Type": "application/sparql-update"}
        return request(f"http://127.0.0.1:{self.port}/sparql", "POST", headers, text.encode())

    def told(self, number: signal.Signals, patience: float) -> float:
        """Tell it to end; the seconds that it took. It ends with 0, and no process is left."""
        began = time.monotonic()
        self.process.send_signal(number)
        assert self.process.wait(timeout=patience) == 0
        took = time.monotonic() - began
        left = left_in_group(self.process.pid)
        assert [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in left] == []
        assert list((self.store / "snapshots").iterdir()) == []
        return took


@pytest.fixture
def start(filled: Settings, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts services on a copy of the seeds' store."""
    begun: list[Running] = []
    shutil.copytree(filled.store, tmp_path / "store", ignore=shutil.ignore_patterns("snapshots", "search.*"))

    def start(**environment: str) -> Running:
        port = free_port()
        command = [sys.executable, "-c", "from kg.cli import main; main()", "serve", "--port", str(port)]
        process = subprocess.Popen(
            [*command, "--store", str(tmp_path / "store")],
            env=os.environ | {"KG_WRITES": "open", "KG_SHUTDOWN_TIMEOUT": "1"} | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=tmp_path,
            start_new_session=True,
        )
        begun.append(Running(process, port, tmp_path / "store"))
        deadline = time.monotonic() + 90
        while True:
            try:
                if request(f"http://127.0.0.1:{port}/health/ready", "GET", {}).status == 200:
                    return begun[-1]
            except OSError:
                assert process.poll() is None, "the service has ended"
                assert time.monotonic() < deadline, "the service does not answer"
                time.sleep(0.1)

    yield start
    for one in begun:
        if one.process.poll() is None:
            os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait()


class Asked:
    """A request in a thread."""

    def __init__(self, work: Callable[[], Reply]) -> None:
        self.reply: Reply | None = None
        self.failure: Exception | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.reply = self._work()
        except (OSError, http.client.HTTPException) as error:
            self.failure = error

    def status(self) -> int | None:
        """Of the answer, once there is one; None where the connection was broken off."""
        self._thread.join(30)
        assert not self._thread.is_alive()
        return self.reply.status if self.reply else None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_takes_too_long_is_told_and_nothing_is_left(number: signal.Signals, start: Callable[..., Running]) -> None:
    running = start()
    idle = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    idle.request("GET", "/health/live")
    assert idle.getresponse().read() == b"ok\n"  # and the connection stays open
    asked = [Asked(lambda: running.ask(ENDLESS)) for _ in range(6)]  # more than run at once: some rest, some wait
    time.sleep(1)
    threading.Timer(0.3, lambda: refused.append(_refuses(running.port))).start()
    refused: list[bool] = []
    took = running.told(number, 10)
    idle.close()
    assert [one.status() for one in asked] == [503] * 6
    assert asked[0].reply
    assert "ending" in asked[0].reply.text
    assert asked[0].reply.headers["retry-after"]
    assert refused == [True]
    assert took < 8


def _refuses(port: int) -> bool:
    """Whether nobody listens any more."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return True
    return False


def test_what_ends_in_time_is_answered_and_acknowledged_writes_are_there(
    start: Callable[..., Running], tmp_path: Path
) -> None:
    running = start(KG_SHUTDOWN_TIMEOUT="20")
    asked = Asked(lambda: running.ask(SOME))

    def write(number: int) -> Asked:
        return Asked(lambda: running.update(f"INSERT DATA {{ GRAPH <urn:kept> {{ <urn:s> <urn:p> {number} }} }}"))

    written = [write(number) for number in range(5)]
    time.sleep(0.2)
    took = running.told(signal.SIGTERM, 30)
    assert asked.status() == 200
    assert took < 20
    acknowledged = {n for n, one in enumerate(written) if one.status() == 204}
    with open_store(Settings(store=tmp_path / "store")) as store:
        held = {int(getattr(q.object, "value", "")) for q in store.graph_quads(ox.NamedNode("urn:kept"))}
    assert acknowledged <= held


def test_an_answer_in_parts_is_broken_off_and_not_cut(start: Callable[..., Running]) -> None:
    running = start()
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as client:
        client.sendall(f"GET /sparql?query={quote(ROWS)} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n".encode())
        received = bytearray(client.recv(65_536))
        assert b" 200 " in received.splitlines()[0]
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as slow:
            # this one takes nothing of its answer
            slow.sendall(f"GET /sparql?query={quote(ROWS)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            time.sleep(1)
            ended = Asked(lambda: Reply(0, {}, str(running.told(signal.SIGTERM, 15)).encode()))
            reset = False
            try:
                while part := client.recv(1_000_000):
                    received += part
            except ConnectionResetError:
                reset = True
            assert ended.status() == 0
    assert not received.endswith(b"0\r\n\r\n")
    assert reset or received.endswith(b"!broken off\r\n")


def test_a_write_that_takes_too_long_is_not_acknowledged(start: Callable[..., Running], tmp_path: Path) -> None:
    running = start()
    assert running.update("INSERT DATA { GRAPH <urn:kept> { <urn:s> <urn:p> 1 } }").status == 204
    asked = Asked(lambda: running.update(SLOW_WRITE))
    waiting = Asked(lambda: running.update("INSERT DATA { GRAPH <urn:kept> { <urn:s> <urn:p> 2 } }"))
    time.sleep(0.7)
    assert running.told(signal.SIGTERM, 10) < 8
    assert [asked.status(), waiting.status()] in ([503, 503], [503, 204])
    with open_store(Settings(store=tmp_path / "store")) as store:
        graphs = {graph.value: len(store.graph_quads(graph)) for graph in store.graphs()}
    assert "urn:slow" not in graphs
    assert graphs["urn:kept"] == (2 if waiting.status() == 204 else 1)
