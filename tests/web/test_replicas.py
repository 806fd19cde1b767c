"""A primary that writes, replicas that follow it, and a load balancer before them: clients see no error and no step back."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kg.config import Settings
from tests.conftest import ROOT, Reply, Served, free_port, request, serving

_BY = "x-served-by"
#: Writes the seeds' article again and again under other names, and the number of each into a graph; it holds the store.
_WRITING = """
import itertools, pathlib, sys, time
import pyoxigraph as ox
from kg.config import Settings
from kg.store import open_store
g, p = ox.NamedNode("https://example.org/g"), ox.NamedNode("https://example.org/p")
with open_store(Settings(store=pathlib.Path(sys.argv[1]))) as store:
    (article,) = [graph for graph in store.graphs() if "/graph/article/" in graph.value]
    key = article.value.rpartition("/")[2]
    lines = "\\n".join(f"{quad} ." for quad in store.graph_quads(article))
    for n in itertools.count(1):
        quads = list(ox.parse(lines.replace(key, f"{key}-{n}"), format=ox.RdfFormat.N_QUADS))
        store.replace_graphs({quads[0].graph_name: quads, g: [ox.Quad(g, p, ox.Literal(n), g)]})
        time.sleep(0.05)
"""
NEWEST = "/sparql?query=" + urllib.parse.quote("SELECT ?n { GRAPH <https://example.org/g> { ?s ?p ?n } }")
MANY = 150_000
LARGE = "/sparql?query=" + urllib.parse.quote(f"SELECT * {{ ?s ?p ?o . ?x ?y ?z }} LIMIT {MANY}")


def _process(*command: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)


@contextmanager
def _running(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _kill(served: Served) -> None:
    """End a service as the machine's failing would: its process and those below it."""
    below = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text().split()
    for number in (served.process.pid, *map(int, below)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


class _Proxy(http.server.BaseHTTPRequestHandler):
    """A small load balancer: one service after the other, and the next where one gives no answer."""

    protocol_version = "HTTP/1.1"
    turn = 0
    ports: tuple[int, ...] = ()

    def do_GET(self) -> None:
        _Proxy.turn += 1
        for again in range(len(self.ports)):
            port = self.ports[(self.turn + again) % len(self.ports)]
            try:
                reply = request(f"http://127.0.0.1:{port}{self.path}", "GET", dict(self.headers.items()))
            except (OSError, http.client.HTTPException):
                continue
            self.send_response(reply.status)
            for name in ("content-type", "etag", "x-store-generation"):
                if name in reply.headers:
                    self.send_header(name, reply.headers[name])
            self.send_header(_BY, str(port))
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            return
        self.send_error(502)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def balancer(ports: list[int], folder: Path) -> Iterator[str]:
    """HAProxy with the settings of ``deploy/``, where it is installed; else the small one. Its address."""
    port = free_port()
    program = shutil.which("haproxy")
    if not program:
        _Proxy.ports = tuple(ports)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _Proxy)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.shutdown()
        server.server_close()
        return
    text = (ROOT / "deploy" / "haproxy.cfg").read_text(encoding="utf-8")
    for old, new in zip((8080, 8001, 8002, 8000), (port, *ports, free_port()), strict=True):
        text = text.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}")
    text = text.replace("balance roundrobin", f"balance roundrobin\n    http-response set-header {_BY} %s")
    (folder / "haproxy.cfg").write_text(text)
    with _running(_process(program, "-f", folder / "haproxy.cfg")):
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"


@dataclass
class Seen:
    """What a client saw: answers that were no success, and by replica the numbers in their order."""

    failed: list[str] = field(default_factory=list)
    numbers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    asked: int = 0


class Client:
    """Asks for the newest number, and now and then for a page, until it is ended."""

    def __init__(self, url: str) -> None:
        self.seen, self._url, self._stop = Seen(), url, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(0.01):
            self.seen.asked += 1
            path = NEWEST if self.seen.asked % 10 else "/articles"
            try:
                reply = request(self._url + path, "GET", {"Accept": "application/sparql-results+json, text/html"})
            except (OSError, http.client.HTTPException) as error:
                self.seen.failed.append(f"{path}: {error!r}")
                continue
            if reply.status != 200:
                self.seen.failed.append(f"{path}: {reply.status} {reply.body[:200]!r}")
            elif path == NEWEST:
                rows = json.loads(reply.body)["results"]["bindings"]
                self.seen.numbers[reply.headers[_BY]] += [int(row["n"]["value"]) for row in rows]

    def end(self) -> Seen:
        self._stop.set()
        self._thread.join(timeout=30)
        return self.seen


def _until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _slowly(url: str, rows: list[int]) -> None:
    """Take a large answer so slowly that the store is another meanwhile."""
    asked = urllib.request.Request(url + LARGE, headers={"Accept": "text/csv"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        found = 0
        while part := answer.read(500_000):
            found += part.count(b"\n")
            time.sleep(0.05)
    rows.append(found - 1)


@pytest.fixture
def running(filled: Settings, tmp_path: Path) -> Iterator[tuple[list[subprocess.Popen[bytes]], list[Served], str]]:
    """A primary that writes and publishes, two replicas, and what stands before them."""
    shutil.copytree(filled.store, tmp_path / "store", ignore=shutil.ignore_patterns("snapshots"))
    root = tmp_path / "published"
    kg = (sys.executable, "-c", "from kg.cli import main; main()")
    with ExitStack() as all_of_it:
        writer = _process(sys.executable, "-c", _WRITING, tmp_path / "store")
        all_of_it.enter_context(_running(writer))
        publisher = _process(*kg, "publish", root, "--store", tmp_path / "store", "--every", "0.2", "--hold", "2")
        all_of_it.enter_context(_running(publisher))
        services = [
            serving(Settings(store=tmp_path / f"replica{n}"), KG_REPLICA_OF=str(root), KG_REPLICA_COPY=copy)
            for n, copy in enumerate(("off", "on"))
        ]
        with ThreadPoolExecutor() as both:
            replicas = list(both.map(all_of_it.enter_context, services))
        ports = [int(r.url.rpartition(":")[2]) for r in replicas]
        yield [writer, publisher], replicas, all_of_it.enter_context(balancer(ports, tmp_path))


def _tags(served: Served, paths: list[str]) -> list[tuple[str, str]]:
    replies: list[Reply] = [served.get(path, "text/html, text/csv;q=0.5, text/turtle;q=0.4") for path in paths]
    assert [reply.status for reply in replies] == [200] * len(paths)
    return [(reply.headers["etag"], reply.headers["x-store-generation"]) for reply in replies]


def test_replicas_behind_a_load_balancer(
    running: tuple[list[subprocess.Popen[bytes]], list[Served], str],
) -> None:
    processes, replicas, url = running
    client, rows = Client(url), list[int]()
    _until(lambda: len(client.seen.numbers) == 2)
    slow = threading.Thread(target=_slowly, args=(replicas[0].url, rows), daemon=True)
    slow.start()
    _until(lambda: all(len(set(numbers)) > 2 for numbers in list(client.seen.numbers.values())))
    slow.join(timeout=60)
    assert rows == [MANY], "an answer that was begun in the state before ends in it"

    # what writes ends, and its last state comes to both of them: as far as caches can tell they are one
    processes[0].kill()
    stand = [r"kg_replica_age_seconds", "kg_store_generation"]
    paths = ["/", "/articles", "/page/state/KHM", NEWEST, "/network", "/sparql?query=" + urllib.parse.quote("ASK {}")]
    _until(lambda: len({r.get("/health/live").headers["x-store-generation"] for r in replicas}) == 1)
    time.sleep(2.5)
    tags = [_tags(replica, paths) for replica in replicas]
    assert tags[0] == tags[1]
    for path, (tag, _) in zip(paths, tags[0], strict=True):
        accept = "text/html, text/csv;q=0.5, text/turtle;q=0.4"
        assert replicas[1].send("GET", path, Accept=accept, If_None_Match=tag).status == 304, path
    figures = replicas[0].get("/metrics").text
    assert all(f"\n{name} " in figures for name in stand)
    assert "\nkg_replica_current 1.0" in figures

    # a replica ends in the middle of its work, then the primary: nobody is told
    _kill(replicas[0])
    before = client.seen.asked
    _until(lambda: client.seen.asked > before + 50)
    processes[1].kill()
    _until(lambda: client.seen.asked > before + 100)
    assert replicas[1].get("/health/ready").status == 200
    seen = client.end()
    assert seen.failed == []
    for numbers in seen.numbers.values():
        assert numbers == sorted(numbers), "no step back on one replica"
