"""Queries that ask other endpoints: those of the operator's list, within the query's limits, and nobody else."""

from __future__ import annotations

import gzip
import http.server
import json
import socket
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest
from SPARQLWrapper import JSON, SPARQLWrapper

from kg.config import Settings, load_settings
from kg.errors import SettingsError, SourceError
from kg.sources.connection import split
from kg.sparql.forwarder import Rewritten
from kg.sparql.outward import own_addresses
from kg.sparql.services import normalised
from kg.store import open_store
from tests.conftest import Reply, Served, serving
from tests.store.servers import Remote, oxigraph

#: Seconds; what is late is generous, because the start of a worker on a busy machine is not counted.
LIMIT, LATE = 3.0, 5.0
ROWS = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "uri", "value": f"urn:{n}"}} for n in (1, 2)]}}
JSON_RESULTS = "application/sparql-results+json"


class Other(http.server.ThreadingHTTPServer):
    """Another endpoint, whose paths are what goes wrong there."""

    daemon_threads = True

    def __init__(self) -> None:
        #: What was asked: path, headers and the query; and how often a slow answer was hung up on.
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self.dropped = 0
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """Who is served here hangs up when it has seen enough."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Other

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        (query,) = urllib.parse.parse_qs(form)["query"]
        self.server.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, query))
        name, body, packed = self.path.strip("/"), json.dumps(ROWS).encode(), False
        if name == "hang":
            self.server.over.wait(30)
            return
        if name == "drip":
            self._drip()
            return
        if name == "redirect":
            self.send_response(307)
            self.send_header("Location", f"{self.server.url}/canary")
            self.end_headers()
            return
        if name == "cut":
            body = body[:40]
        elif name == "huge":
            body = b" " * 3_000_000 + body
        elif name == "bomb":
            body, packed = gzip.compress(b" " * 3_000_000 + body), True
        self.send_response(500 if name == "broken" else 200)
        self.send_header("Content-Type", "text/html" if name == "page" else JSON_RESULTS)
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.server.asked.append((self.path, {}, ""))

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", JSON_RESULTS)
        self.end_headers()
        try:
            while not self.server.over.wait(0.1):
                self.wfile.write(b" ")
        except OSError:
            self.server.dropped += 1

    def log_message(self, *_: object) -> None:
        """It is quiet."""


@contextmanager
def _running(server: Other) -> Iterator[Other]:
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.over.set()
        server.shutdown()


@pytest.fixture(scope="module")
def other() -> Iterator[Other]:
    with _running(Other()) as started:
        yield started


@pytest.fixture
def quiet(other: Other) -> Other:
    """The other endpoint, as if nobody had asked it."""
    other.asked.clear()
    other.dropped = 0
    return other


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """A real second store, which knows notes on what the first one has."""
    with oxigraph(tmp_path_factory.mktemp("peer") / "other") as started:
        none = tmp_path_factory.mktemp("none") / "store"
        graph, noted = ox.NamedNode("urn:notes"), ox.NamedNode("urn:noted")
        with open_store(Settings(store=none, **started.settings)) as store:
            notes = [ox.Quad(ox.NamedNode(f"urn:{n}"), noted, ox.Literal(f"note {n}"), graph) for n in range(5)]
            store.replace_graphs({graph: notes})
        yield started


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, other: Other, peer: Remote) -> Iterator[Served]:
    settings, graph = Settings(store=tmp_path_factory.mktemp("outward") / "store"), ox.NamedNode("urn:g")
    with open_store(settings) as store:
        quads = [ox.Quad(ox.NamedNode(f"urn:{n}"), ox.NamedNode("urn:p"), ox.Literal(n), graph) for n in range(50)]
        store.replace_graphs({graph: quads})
    names = ("good", "hang", "drip", "redirect", "cut", "huge", "bomb", "broken", "page")
    listed = ", ".join([peer.settings["remote_query"], *(f"{other.url}/{name}" for name in names)])
    with serving(
        settings,
        KG_SERVICE_ENDPOINTS=listed,
        KG_SERVICE_MAX_BYTES="1000000",
        KG_QUERY_TIMEOUT=f"{LIMIT:g}",
        KG_WRITES="open",
    ) as served:
        yield served


def _ask(service: Served, query: str, path: str = "/sparql", **more: str) -> Reply:
    return service.get(f"{path}?" + urllib.parse.urlencode({"query": query, **more}), JSON_RESULTS)


def _rows(reply: Reply) -> list[dict[str, str]]:
    assert reply.status == 200, reply.text
    return [
        {name: value["value"] for name, value in row.items()} for row in json.loads(reply.body)["results"]["bindings"]
    ]


def test_a_real_endpoint_is_joined(service: Served, peer: Remote) -> None:
    address = peer.settings["remote_query"]
    inner = "GRAPH ?g { ?s <urn:noted> ?note }"
    query = f"SELECT ?s ?n ?note {{ ?s <urn:p> ?n SERVICE <{address}> {{ {inner} }} }} ORDER BY ?n"
    expected = [{"s": f"urn:{n}", "n": f"{n}", "note": f"note {n}"} for n in range(5)]
    assert _rows(_ask(service, query)) == expected
    named = f"PREFIX peer: <{address.removesuffix('query')}> " + query.replace(f"<{address}>", "peer:query")
    assert _rows(_ask(service, named)) == expected
    client = SPARQLWrapper(f"{service.url}/sparql")
    client.setReturnFormat(JSON)
    client.setQuery(query)
    assert len(client.queryAndConvert()["results"]["bindings"]) == 5
    page = service.get("/query?" + urllib.parse.urlencode({"query": query}), "text/html")
    assert page.status == 200
    assert "note 4" in page.text
    triples = service.post(
        "/sparql",
        query.replace("SELECT ?s ?n ?note", "CONSTRUCT { ?s <urn:said> ?note }").encode(),
        "application/sparql-query",
        "application/n-triples",
    )
    assert triples.text.count("urn:said") == 5


def test_what_is_asked_and_told(service: Served, quiet: Other) -> None:
    query = f"SELECT ?x {{ SERVICE <{quiet.url}/good> {{ ?x <urn:a> ?y FILTER (?y > 3) }} }}"
    reply = _ask(service, query)
    assert [row["x"] for row in _rows(reply)] == ["urn:1", "urn:2"]
    # it depends on another service: it is not kept, neither here nor elsewhere
    assert "etag" not in reply.headers
    assert reply.headers["cache-control"] == "no-store"
    assert _rows(_ask(service, query))
    assert [path for path, _, _ in quiet.asked] == ["/good", "/good"]
    _, headers, asked = quiet.asked[0]
    assert headers["user-agent"].startswith("diplomatic-kg/")
    assert set(headers) <= {
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "content-type",
        "content-length",
        "user-agent",
    }
    found = ox.Store()
    found.add(ox.Quad(ox.NamedNode("urn:9"), ox.NamedNode("urn:a"), ox.Literal(4)))
    solutions = found.query(asked)
    assert isinstance(solutions, ox.QuerySolutions)
    assert len(list(solutions)) == 1
    assert "127.0.0.1" not in asked.replace("http://127.0.0.1:8000/sparql", "")
    explained = json.loads(_ask(service, query, explain="true").body)
    assert explained["results"] == 2
    assert f"{quiet.url}/good" in explained["algebra"]


def test_the_same_is_asked_once(service: Served, quiet: Other) -> None:
    each = f"SELECT ?s {{ ?s <urn:p> ?n FILTER EXISTS {{ SERVICE <{quiet.url}/good> {{ ?x ?y ?s }} }} }}"
    assert _rows(_ask(service, each)) != []
    assert len(quiet.asked) == 1
    parts = " UNION ".join(f"{{ SERVICE <{quiet.url}/good> {{ ?x <urn:{n}> ?y }} }}" for n in range(25))
    too_many = _ask(service, f"SELECT (COUNT(*) AS ?n) {{ {parts} }}")
    assert too_many.status == 400
    assert "more than 20 times" in too_many.text
    assert len(quiet.asked) == 21


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("redirect", "leads to another address"),
        ("broken", "status 500"),
        ("huge", "longer than 1,000,000 bytes"),
        ("bomb", "longer than 1,000,000 bytes"),
        ("page", "text/html"),
        ("cut", "no answer that can be read"),
    ],
)
def test_a_failure_is_told(service: Served, quiet: Other, name: str, why: str) -> None:
    reply = _ask(service, f"SELECT * {{ SERVICE <{quiet.url}/{name}> {{ ?x ?y ?z }} }}")
    assert reply.status == 502
    problem = json.loads(reply.body)
    assert why in problem["detail"]
    assert f"<{quiet.url}/{name}>" in problem["detail"]
    if name != "cut":  # the engine reads it row by row, and has begun when it sees
        assert _rows(_ask(service, f"SELECT * {{ SERVICE SILENT <{quiet.url}/{name}> {{ ?x ?y ?z }} }}")) == [{}]
    assert {path for path, _, _ in quiet.asked} == {f"/{name}"}


@pytest.mark.parametrize(("name", "silent"), [("hang", ""), ("hang", "SILENT "), ("drip", "SILENT ")])
def test_the_limit_holds_and_others_are_not_kept_waiting(service: Served, quiet: Other, name: str, silent: str) -> None:
    query = f"SELECT * {{ SERVICE {silent}<{quiet.url}/{name}> {{ ?x ?y ?z }} }}"
    replies: list[tuple[float, Reply]] = []

    def wait() -> None:
        began = time.monotonic()
        reply = _ask(service, query)
        replies.append((time.monotonic() - began, reply))

    waiting = [threading.Thread(target=wait) for _ in range(6)]
    for thread in waiting:
        thread.start()
    time.sleep(0.5)
    took = []
    for n in range(20):
        began = time.monotonic()
        assert _ask(service, f"ASK {{ ?s <urn:p> {n} }}").status == 200
        took.append(time.monotonic() - began)
    for thread in waiting:
        thread.join()
    assert {reply.status for _, reply in replies} == {504}
    assert max(seconds for seconds, _ in replies) < LIMIT + LATE
    assert sorted(took)[len(took) // 2] < 0.2


def test_only_so_many_ask_at_once(service: Served, quiet: Other) -> None:
    query = f"SELECT * {{ SERVICE <{quiet.url}/hang> {{ ?x ?y ?z }} }}"
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(_ask(service, query).status)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [503] * 2 + [504] * 8
    assert _ask(service, f"SELECT * {{ SERVICE <{quiet.url}/good> {{ ?x ?y ?z }} }}").status == 200


def test_a_client_that_leaves_ends_the_call(service: Served, quiet: Other) -> None:
    query = urllib.parse.quote(f"SELECT * {{ SERVICE <{quiet.url}/drip> {{ ?x ?y ?z }} }}")
    address = urllib.parse.urlsplit(service.url)
    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(f"GET /sparql?query={query} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
        deadline = time.monotonic() + 10
        while not quiet.asked:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    left = time.monotonic()
    while quiet.dropped == 0:
        assert time.monotonic() - left < LIMIT - 0.5, "the call goes on"
        time.sleep(0.01)


def test_a_mistake_is_told_where_it_was_made(service: Served, quiet: Other) -> None:
    good = f"SERVICE <{quiet.url}/good> {{ ?x ?y ?z }}"
    for text in (f"SELECT * {{\n {good} {good}\n }} nonsense", f"SELECT * {{\n {good} {good} nonsense }}"):
        with pytest.raises(SyntaxError) as told:
            ox.Store().query(text)
        problem = json.loads(_ask(service, text).body)
        assert problem["status"] == 400
        assert f"at {problem['line']}:{problem['column']}: " in str(told.value)
        assert problem["line"] > 1
    assert quiet.asked == []


def test_updates_ask_nobody(service: Served, quiet: Other) -> None:
    update = f"INSERT {{ ?x <urn:a> 1 }} WHERE {{ SERVICE <{quiet.url}/good> {{ ?x ?y ?z }} }}"
    for text in (update, f"LOAD <{quiet.url}/good>"):
        assert service.post("/sparql", text.encode(), "application/sparql-update").status == 400
    assert quiet.asked == []


def test_the_service_says_that_it_can(service: Served, tmp_path: Path) -> None:
    feature = "http://www.w3.org/ns/sparql-service-description#BasicFederatedQuery"
    assert feature in service.get("/sparql", "application/n-triples").text
    with serving(Settings(store=tmp_path / "store")) as shut:
        assert feature not in shut.get("/sparql", "application/n-triples").text


def test_names_do_not_lead_to_private_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, port, **__: [(2, 1, 6, "", ("10.1.2.3", port))])
    with pytest.raises(SourceError, match=r"private address 10\.1\.2\.3"):
        own_addresses(split("http://endpoint.example/sparql"), Settings())
    allowed = Settings(private_networks="10.1.0.0/16")
    assert own_addresses(split("http://endpoint.example/sparql"), allowed) == ["10.1.2.3"]
    # what the operator wrote as an address is meant
    assert own_addresses(split("http://192.168.0.7:3030/sparql"), Settings()) == ["192.168.0.7"]
    assert own_addresses(split("http://[::1]:3030/sparql"), Settings()) == ["::1"]


def test_iris_are_compared_in_one_form() -> None:
    assert (
        normalised("HTTP://Endpoint.Example:80") == normalised("http://endpoint.example/") == "http://endpoint.example/"
    )
    assert normalised("https://endpoint.example:443/a?b=c") == "https://endpoint.example/a?b=c"
    different = [
        "http://e.example/a",
        "https://e.example/a",
        "http://e.example/A",
        "http://e.example/a/",
        "http://e.example:8/a",
        "http://e.example/./a",
        "http://e.example/%61",
        "http://e.example/a?b",
    ]
    assert len({normalised(iri) for iri in different}) == len(different)
    for none in (
        "",
        "urn:a",
        "ftp://e.example/",
        "http:///a",
        "http://u@e.example/",
        "http://e.example/#a",
        "http://é.example/",
        "/a",
    ):
        assert normalised(none) == ""


def test_places_are_told_back() -> None:
    written = Rewritten(
        "SERVICE <a:> {}\n  SERVICE <bb:> {} SERVICE <c:> {} x", [(8, 12, 0), (26, 31, 1), (43, 47, 2)], "{:_>9}".format
    )
    assert written.text == "SERVICE <________0> {}\n  SERVICE <________1> {} SERVICE <________2> {} x"
    place = written.text.rindex("x") - written.text.index("\n")
    assert written.place(f"error at 2:{place}: no") == "error at 2:36: no"
    assert written.place("error at 2:13: no") == "error at 2:11: no"
    assert written.place("error at 1:3: no") == "error at 1:3: no"


def test_settings() -> None:
    read = load_settings(environment={"KG_SERVICE_ENDPOINTS": " https://a.example/sparql,\thttp://b.example \n"})
    assert read.endpoints == ("https://a.example/sparql", "http://b.example")
    for wrong in (
        "a.example",
        "ftp://a.example/",
        "http://me:pw@a.example/",
        "http://a.example/#x",
        "http://a.example:x/",
    ):
        with pytest.raises(SettingsError, match="service_endpoints"):
            Settings(service_endpoints=wrong)
    with pytest.raises(SettingsError, match="remote store"):
        Settings(service_endpoints="http://a.example/", remote_query="http://b.example/")
