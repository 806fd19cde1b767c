"""A primary that writes, replicas that follow it, and a load balancer before them: clients see no error and no step back."""

from __future__ import annotations

import contextlib
import functools
import http.client
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
from kg.store.embedded import generation
from tests.conftest import ROOT, Reply, Served, free_port, request, serving

_BY, _ACCEPT = "x-served-by", "text/html, text/csv;q=0.5, text/turtle;q=0.4"
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


class _Primary(http.server.BaseHTTPRequestHandler):
    """Stands where the primary is expected: it says that it was asked."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("X-Primary", "yes")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _listening(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # connections that a load balancer leaves
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def _haproxy(text: str, folder: Path) -> list[str | Path]:
    text = text.replace("balance roundrobin", f"balance roundrobin\n    http-response set-header {_BY} %s")
    (folder / "haproxy.cfg").write_text(text)
    return ["haproxy", "-f", folder / "haproxy.cfg"]


def _nginx(text: str, folder: Path) -> list[str | Path]:
    text = text.replace(
        "proxy_pass http://$kg_upstream;", f"proxy_pass http://$kg_upstream;\nadd_header {_BY} $upstream_addr;"
    )
    (folder / "kg.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    places = "".join(f"{n}_temp_path {folder}/{n};" for n in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/log; events {{}}\n"
        f"http {{ access_log off; {places} include {folder}/kg.conf; }}\n"
    )
    return ["nginx", "-e", folder / "log", "-c", folder / "nginx.conf"]


def _caddy(text: str, folder: Path) -> list[str | Path]:
    text = text.replace("lb_policy", f"header_down {_BY} {{http.reverse_proxy.upstream.hostport}}\n\t\tlb_policy")
    (folder / "Caddyfile").write_text(text)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"]


BALANCERS = {"haproxy": ("haproxy.cfg", _haproxy), "nginx": ("nginx.conf", _nginx), "caddy": ("Caddyfile", _caddy)}


@contextmanager
def balancers(ports: list[int], folder: Path) -> Iterator[dict[str, str]]:
    """The addresses of those load balancers that are installed, with the settings of ``deploy/``; else that of the small one."""
    with ExitStack() as running:
        primary, found = running.enter_context(_listening(_Primary)), {}
        for program, (name, adapted) in BALANCERS.items():
            if not shutil.which(program):
                continue
            text, port = (ROOT / "deploy" / name).read_text(encoding="utf-8"), free_port()
            for old, new in zip((8080, 8001, 8002, 8000), (port, *ports, primary), strict=True):
                text = text.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}")
            (folder / program).mkdir()
            running.enter_context(_running(_process(*adapted(text, folder / program))))
            found[program] = f"http://127.0.0.1:{port}"
            _until(functools.partial(_answers, port), 30)
        if not found:
            _Proxy.ports = tuple(ports)
            found["small"] = f"http://127.0.0.1:{running.enter_context(_listening(_Proxy))}"
        yield found


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


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
            elif path == NEWEST and "x-primary" not in reply.headers:  # nginx may ask it where both were busy
                rows = json.loads(reply.body)["results"]["bindings"]
                self.seen.numbers[reply.headers[_BY].rpartition(", ")[2]] += [int(row["n"]["value"]) for row in rows]

    def end(self) -> Seen:
        self._stop.set()
        self._thread.join(timeout=30)
        return self.seen


def _until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _saw_both(client: Client) -> bool:
    seen = list(client.seen.numbers.values())
    return len(seen) == 2 and all(len(set(numbers)) > 2 for numbers in seen)


def _ask_on(clients: list[Client], times: int) -> None:
    """Let each of the clients ask so many times more."""
    wanted = [client.seen.asked + times for client in clients]
    _until(lambda: all(client.seen.asked > number for client, number in zip(clients, wanted, strict=True)))


def _slowly(url: str, rows: list[int]) -> None:
    """Take a large answer so slowly that the store is another meanwhile."""
    asked = urllib.request.Request(url + LARGE, headers={"Accept": "text/csv"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        found = 0
        while part := answer.read(500_000):
            found += part.count(b"\n")
            time.sleep(0.05)
    rows.append(found - 1)


#: The primary's store, the processes that write and publish, the replicas, and the addresses of what stands before them.
Running = tuple[Path, list[subprocess.Popen[bytes]], list[Served], dict[str, str]]


@pytest.fixture
def running(filled: Settings, tmp_path: Path) -> Iterator[Running]:
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
        yield tmp_path / "store", [writer, publisher], replicas, all_of_it.enter_context(balancers(ports, tmp_path))


def _tags(served: Served, paths: list[str]) -> list[tuple[str, str]]:
    replies: list[Reply] = [served.get(path, _ACCEPT) for path in paths]
    assert [reply.status for reply in replies] == [200] * len(paths)
    return [(reply.headers["etag"], reply.headers["x-store-generation"]) for reply in replies]


def _leads_to_the_primary(url: str) -> bool:
    """Whether what the primary alone may answer comes to it, and what is nobody's business to nobody."""
    update = {"Content-Type": "application/sparql-update"}
    asked = [
        request(f"{url}/sparql", "POST", update, b"CLEAR ALL"),
        request(f"{url}/sparql", "POST", {"Authorization": "Bearer x", "Content-Type": "text/plain"}, b"update=x"),
        request(f"{url}/gsp?graph=a:g", "PUT", {"Content-Type": "text/turtle"}, b""),
        request(f"{url}/gsp?graph=a:g", "DELETE", {}),
        request(f"{url}/dumps/", "GET", {}),
    ]
    assert request(f"{url}/metrics", "GET", {}).status == 404
    return all("x-primary" in reply.headers for reply in asked)


def test_replicas_behind_load_balancers(running: Running) -> None:
    store, processes, replicas, urls = running
    clients, rows = [Client(url) for url in urls.values()], list[int]()
    slow = threading.Thread(target=_slowly, args=(replicas[0].url, rows), daemon=True)
    slow.start()
    for client in clients:
        _until(functools.partial(_saw_both, client))
    slow.join(timeout=60)
    assert rows == [MANY], "an answer that was begun in the state before ends in it"
    for name, url in urls.items():
        assert name == "small" or _leads_to_the_primary(url), name

    # what writes ends, and its last state comes to both of them: as far as caches can tell they are one
    processes[0].kill()
    processes[0].wait()
    paths = ["/", "/articles", "/page/state/KHM", NEWEST, "/network", "/sparql?query=" + urllib.parse.quote("ASK {}")]
    last = str(generation(store))
    _until(lambda: {r.get("/health/live").headers["x-store-generation"] for r in replicas} == {last})
    tags = [_tags(replica, paths) for replica in replicas]
    assert tags[0] == tags[1]
    for path, (tag, _) in zip(paths, tags[0], strict=True):
        assert replicas[1].send("GET", path, Accept=_ACCEPT, If_None_Match=tag).status == 304, path
    figures = replicas[0].get("/metrics").text
    assert "\nkg_replica_current 1.0" in figures
    assert "\nkg_replica_age_seconds " in figures

    # a replica ends in the middle of its work, then the primary: nobody is told
    _kill(replicas[0])
    _ask_on(clients, 50)
    processes[1].kill()
    _ask_on(clients, 50)
    assert replicas[1].get("/health/ready").status == 200
    for name, client in zip(urls, clients, strict=True):
        seen = client.end()
        assert seen.failed == [], name
        for numbers in seen.numbers.values():
            assert numbers == sorted(numbers), "no step back on one replica"
