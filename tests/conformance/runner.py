"""Runs the W3C SPARQL 1.1 test suite against a service over HTTP.

    python -m tests.conformance.runner SUITE             starts a service of its own, on a free port
    python -m tests.conformance.runner SUITE --only protocol --show

SUITE is the folder ``sparql/sparql11`` of https://github.com/w3c/rdf-tests. The service must take writes without a token and give
queries that name no dataset the default graph alone (``writes = "open"``, ``default_graph = "own"``): never in public.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import sys
import tempfile
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rdflib import Graph, Namespace
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.term import Node

from tests.conformance.compare import read_rows, renamed, rows_from_rdf, same_csv, same_rows
from tests.conformance.suite import MF, QT, UT, Case, cases, state

HT, CNT = Namespace("http://www.w3.org/2011/http#"), Namespace("http://www.w3.org/2011/content#")
_ROWS = "application/sparql-results+xml"
_TURTLE = "text/turtle"
_RDF = {".ttl": "turtle", ".nt": "nt", ".rdf": "xml"}
_MEDIA = {
    ".srx": _ROWS,
    ".srj": "application/sparql-results+json",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
}
_STATUSES = {
    "OK": 200,
    "Created": 201,
    "NoContent": 204,
    "NotFound": 404,
    "BadRequest": 400,
    "UnsupportedMediaType": 415,
}


class MissedError(Exception):
    """The service did something else than the test wants."""


@dataclass
class Reply:
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """Its media type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Service:
    """The service under test."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection = http.client.HTTPConnection(address, timeout=60)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """One request, on one connection as long as it holds."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self._connection.request(method, path, body, sent)
            answer = self._connection.getresponse()
            found = answer.read()
        except (http.client.HTTPException, OSError):
            self.close()
            raise
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, found)

    def done(self, *asked: str, body: bytes | None = None, **headers: str) -> Reply:
        """A request that must succeed."""
        reply = self.ask(asked[0], asked[1], body, **headers)
        if reply.status >= 300:
            raise MissedError(f"{asked[0]} {asked[1][:80]}: {reply.status} {reply.body[:200]!r}")
        return reply

    def update(self, text: str) -> Reply:
        """An update as the body."""
        return self.ask("POST", "/sparql", text.encode(), Content_Type="application/sparql-update")

    def query(self, text: str, accept: str) -> Reply:
        """A query as the body."""
        return self.ask("POST", "/sparql", text.encode(), Content_Type="application/sparql-query", Accept=accept)

    def prepare(self, case: Case, default: list[Node], named: list[tuple[str, Node]]) -> None:
        """Put the store into a test's state."""
        if self.update("DROP ALL").status >= 300:
            raise MissedError("DROP ALL is refused")
        for file in default:
            self._load(case, "default", file)
        for graph, file in named:
            self._load(case, f"graph={urllib.parse.quote(graph, safe='')}", file)

    def _load(self, case: Case, where: str, file: Node) -> None:
        path = case.file(file)
        graph = Graph().parse(path, format=_RDF[path.suffix], publicID=str(file))
        self.done(
            "POST", f"/gsp?{where}", body=graph.serialize(format="nt").encode(), Content_Type="application/n-triples"
        )

    def graph(self, where: str) -> Graph:
        """A graph of the store; an empty one where there is none."""
        reply = self.ask("GET", f"/gsp?{where}", Accept="application/n-triples")
        return Graph().parse(data=reply.body.decode(), format="nt") if reply.status == 200 else Graph()


def _expected_rows(case: Case, result: Node) -> object:
    path = case.file(result)
    if path.suffix in _RDF:
        return rows_from_rdf(Graph().parse(path, format=_RDF[path.suffix]))
    local = f"file://{case.folder.resolve()}/"  # where rdflib takes a file's relative IRIs to be
    return renamed(read_rows(path.read_bytes(), _MEDIA[path.suffix]), local, case.base)


def query_evaluation(service: Service, case: Case) -> None:
    """The answer must be the expected one."""
    action, result = case.manifest.value(case.node, MF.action), case.manifest.value(case.node, MF.result)
    service.prepare(case, *state(case, action, QT.data, QT.graphData))
    text = case.text(case.manifest.value(action, QT.query))
    query, path = f"BASE <{case.base}>\n{text}", case.file(result)
    form = next(
        w for w in text.replace("{", " ").split() if w.upper() in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
    ).upper()
    if form in ("CONSTRUCT", "DESCRIBE"):
        reply = service.query(query, "application/n-triples")
        _must(reply.status == 200, f"{reply.status} {reply.body[:200]!r}")
        wanted = Graph().parse(path, format=_RDF[path.suffix], publicID=case.base)
        _must(isomorphic(Graph().parse(data=reply.body.decode(), format="nt"), wanted), "another graph")
        return
    media = _MEDIA.get(path.suffix, _ROWS)
    reply = service.query(query, media)
    _must(reply.status == 200, f"{reply.status} {reply.body[:200]!r}")
    if path.suffix in (".csv", ".tsv"):
        delimiter = "," if path.suffix == ".csv" else "\t"
        _must(same_csv(reply.body.decode(), path.read_text(encoding="utf-8"), delimiter), "other rows")
        return
    wanted_rows, got = _expected_rows(case, result), read_rows(reply.body, media)
    if form == "ASK":
        boolean = wanted_rows if isinstance(wanted_rows, bool) else wanted_rows.askAnswer  # type: ignore[attr-defined]
        _must(got.askAnswer == boolean, f"{got.askAnswer} for {boolean}")
    else:
        _must(same_rows(got, wanted_rows), "other rows")  # type: ignore[arg-type]


def update_evaluation(service: Service, case: Case) -> None:
    """The store must be as expected afterwards."""
    action, result = case.manifest.value(case.node, MF.action), case.manifest.value(case.node, MF.result)
    service.prepare(case, *state(case, action, UT.data, UT.graphData))
    reply = service.update(f"BASE <{case.base}>\n{case.text(case.manifest.value(action, UT.request))}")
    _must(reply.status < 300, f"{reply.status} {reply.body[:200]!r}")
    default, named = state(case, result, UT.data, UT.graphData)
    places = [("default", default), *((f"graph={urllib.parse.quote(g, safe='')}", [f]) for g, f in named)]
    for where, files in places:
        wanted = Graph()
        for file in files:
            path = case.file(file)
            wanted.parse(path, format=_RDF[path.suffix], publicID=str(file))
        _must(isomorphic(service.graph(where), wanted), f"another graph at {where}")


def syntax(service: Service, case: Case) -> None:
    """What is right must be taken, what is wrong must be refused as the client's mistake."""
    text = case.text(case.manifest.value(case.node, MF.action))
    wrong = case.kind.startswith("Negative")
    if "Update" in case.kind:
        service.update("DROP ALL")
        reply = service.update(text)
    else:
        reply = service.query(text, "*/*")
    _must((reply.status == 400) if wrong else (reply.status < 300), f"{reply.status} {reply.body[:160]!r}")


def requests(service: Service, case: Case) -> None:
    """The requests of a protocol test, one after the other, each with its expected answer."""
    action = case.manifest.value(case.node, MF.action)
    default, named = state(case, case.node, UT.data, UT.graphData)
    service.prepare(case, default, named)
    location = ""
    for request in Collection(case.manifest, case.manifest.value(action, HT.requests)):
        location = _one_request(service, case.manifest, request, location) or location


def _headers(manifest: Graph, node: Node) -> dict[str, str]:
    listed = manifest.value(node, HT.headers)
    headers = Collection(manifest, listed) if listed is not None else []
    return {str(manifest.value(h, HT.fieldName)).lower(): str(manifest.value(h, HT.fieldValue)) for h in headers}


def _body(manifest: Graph, node: Node) -> bytes | None:
    body = manifest.value(node, HT.body)
    if body is None:
        return None
    encoding = str(manifest.value(body, CNT.characterEncoding) or "utf-8")
    return str(manifest.value(body, CNT.chars)).encode(encoding)


def _one_request(service: Service, manifest: Graph, request: Node, location: str) -> str:
    """Send one request; the address that its answer gives, which a later request may name."""
    method, path = (str(manifest.value(request, HT[name])) for name in ("methodName", "absolutePath"))
    path = (
        path.replace("$LOCATION$", urllib.parse.quote(location, safe=""))
        if "=" in path
        else path.replace("$LOCATION$", location)
    )
    headers = {"host": "www.example", **_headers(manifest, request)}
    reply = service.ask(method, path, _body(manifest, request), **{k.replace("-", "_"): v for k, v in headers.items()})
    wanted = manifest.value(request, HT.resp)
    statuses = [str(s).rpartition("#")[2] for s in manifest.objects(wanted, MF.expectedStatus)]
    fits = any(_status(name, reply.status) for name in statuses)
    _must(fits, f"{method} {path[:60]}: {reply.status} for {'/'.join(statuses)} {reply.body[:160]!r}")
    boolean = manifest.value(wanted, MF.expectedBoolean)
    if boolean is not None:
        media = reply.media_type
        _must(read_rows(reply.body, media).askAnswer == boolean.toPython(), f"{method} {path[:60]}: not {boolean}")
    formats = {str(f) for f in manifest.objects(wanted, MF.expectedFormat)}
    if formats & {"RDF"}:
        Graph().parse(data=reply.body.decode(), format=reply.media_type)
    elif formats & {"tabular", "boolean"} and reply.status < 300:
        read_rows(reply.body, reply.media_type)
    expected = _body(manifest, wanted)
    if expected and "turtle" in _headers(manifest, wanted).get("content-type", "") and method == "GET":
        got = Graph().parse(data=reply.body.decode(), format="turtle")
        base = f"http://www.example{path}"
        _must(
            isomorphic(got, Graph().parse(data=expected.decode(), format="turtle", publicID=base)),
            f"GET {path}: another graph",
        )
    return reply.headers.get("location", "")


def _status(name: str, status: int) -> bool:
    if name.startswith("StatusCode"):
        return status // 100 == int(name.removeprefix("StatusCode")[0])
    return _STATUSES.get(name) == status


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise MissedError(otherwise)


RUNS = {
    "QueryEvaluationTest": query_evaluation,
    "CSVResultFormatTest": query_evaluation,
    "UpdateEvaluationTest": update_evaluation,
    "PositiveSyntaxTest11": syntax,
    "NegativeSyntaxTest11": syntax,
    "PositiveUpdateSyntaxTest11": syntax,
    "NegativeUpdateSyntaxTest11": syntax,
    "ProtocolTest": requests,
    "GraphStoreProtocolTest": requests,
}


def run(service: Service, suite: Path, only: str = "", show: bool = False) -> dict[str, Counter[str]]:
    """Run the suite; how many tests of each folder passed and missed."""
    counts: dict[str, Counter[str]] = {}
    for case in cases(suite):
        if only not in case.id or case.kind not in RUNS:
            continue
        count = counts.setdefault(case.folder.name, Counter())
        try:
            RUNS[case.kind](service, case)
            count["passed"] += 1
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in one test, the others are run
            count["missed"] += 1
            if show:
                print(f"{case.id}: {error}")
    return counts


@contextlib.contextmanager
def open_service(folder: Path) -> Iterator[str]:
    """The address of a service of this project, on an empty store, as the tests want it."""
    from kg.config import Settings
    from tests.conftest import serving

    wanted = {"KG_BASE_IRI": "http://www.example/", "KG_DEFAULT_GRAPH": "own", "KG_WRITES": "open"}
    with serving(Settings(store=folder / "store"), **wanted) as served:
        yield served.url.removeprefix("http://")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=Path)
    parser.add_argument("--address", help="host:port of a service that runs already")
    parser.add_argument("--only", default="", help="tests whose folder and name hold this")
    parser.add_argument("--show", action="store_true", help="tell each miss")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        service = Service(given.address or stack.enter_context(open_service(folder)))
        stack.callback(service.close)
        counts = run(service, given.suite, given.only, given.show)
    for folder, count in counts.items():
        print(f"{folder:28}{count['passed']:4} of {count.total()}")
    passed, total = (sum(c[k] if k else c.total() for c in counts.values()) for k in ("passed", ""))
    print(f"{'all':28}{passed:4} of {total}")
    sys.exit(0 if passed == total else 1)


if __name__ == "__main__":
    main()
