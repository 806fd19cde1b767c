"""The endpoint over HTTP, as served in production: the protocol, the formats, the limits, and clients of others."""

import json
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pyoxigraph as ox
import pytest
import rdflib
import SPARQLWrapper
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from kg.config import Settings
from kg.sparql.formats import ROWS, TRIPLES, Format
from kg.store import open_store
from kg.triples.iris import Iris
from kg.triples.vocab import DIPL
from tests.conftest import Served, address, serving

EVENTS = f"SELECT ?e {{ ?e a <{DIPL}Event> }} ORDER BY ?e"
GRAPH = f"CONSTRUCT {{ ?e a <{DIPL}Event> }} WHERE {{ ?e a <{DIPL}Event> }}"
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"


@pytest.mark.parametrize("media", [m for f in ROWS for m in f.media_types])
def test_rows_in_every_format_and_by_every_way(media: str, service: Served) -> None:
    ways = (
        service.get(address(EVENTS), media),
        service.post("/sparql", urllib.parse.urlencode({"query": EVENTS}).encode(), FORM, media),
        service.post("/sparql", EVENTS.encode(), DIRECT, media),
        service.post("/sparql", EVENTS.encode(), f"{DIRECT}; charset=utf-8", media),
    )
    assert [way.status for way in ways] == [200] * 4
    assert len({way.body for way in ways}) == 1
    form = next(f for f in ROWS if media in f.media_types)
    assert ways[0].headers["content-type"].split(";")[0] == form.media_types[0]
    assert "Accept" in ways[0].headers["vary"].split(", ")
    assert isinstance(form.oxigraph, ox.QueryResultsFormat)
    if form.name != "csv":
        parsed = ox.parse_query_results(ways[0].body, format=form.oxigraph)
        assert isinstance(parsed, ox.QuerySolutions)
        assert len(list(parsed)) == 6
    else:
        assert ways[0].text.count("/id/event/") == 6


@pytest.mark.parametrize("form", TRIPLES, ids=lambda f: f.name)
@pytest.mark.parametrize("query", [GRAPH, f"DESCRIBE <{DIPL}Meeting>"], ids=["construct", "describe"])
def test_triples_in_every_format(form: Format, query: str, service: Served) -> None:
    for media in form.media_types:
        reply = service.get(address(query), media)
        assert reply.status == 200
    reply = service.get(address(query), form.media_types[0])
    assert reply.headers["content-type"].split(";")[0] == form.media_types[0]
    assert isinstance(form.oxigraph, ox.RdfFormat)
    assert len(list(ox.parse(reply.body, format=form.oxigraph))) >= 6


@pytest.mark.parametrize("media", [f.media_types[0] for f in ROWS])
def test_ask(media: str, service: Served) -> None:
    assert "true" in service.get(address(f"ASK {{ ?e a <{DIPL}Meeting> }}"), media).text
    assert "false" in service.get(address(f"ASK {{ ?e a <{DIPL}Embargo> }}"), media).text


def test_preferences_are_weighed(service: Served) -> None:
    asked = "text/csv;q=0.5, application/sparql-results+xml;q=0.9, image/png"
    assert service.get(address(EVENTS), asked).headers["content-type"] == "application/sparql-results+xml"
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert service.get(address(EVENTS), browser).status == 200
    assert service.get(address(EVENTS)).headers["content-type"] == "application/sparql-results+json"
    assert service.get(address(EVENTS, format="csv"), browser).headers["content-type"].startswith("text/csv")
    refused = service.get(address(EVENTS), "image/png")
    assert refused.status == 406
    assert "text/csv" in json.loads(refused.body)["detail"]


def test_the_default_graph_is_the_union_and_can_be_chosen(service: Served, filled: Settings) -> None:
    iris = Iris(filled.base_iri)
    with open_store(filled) as store:
        article = next(g for g in store.graphs() if "/graph/article/" in g.value)
    everything = f"ASK {{ ?e a <{DIPL}Event> . ?s <{DIPL}isoCode> 'KHM' }}"
    assert json.loads(service.get(address(everything)).body)["boolean"] is True
    one = service.get(address(everything, **{"default-graph-uri": article.value}))
    assert json.loads(one.body)["boolean"] is False
    states = f"ASK {{ ?s <{DIPL}isoCode> 'KHM' }}"
    assert json.loads(service.get(address(states, **{"default-graph-uri": iris.graph("reference").value})).body)[
        "boolean"
    ]
    named = f"ASK {{ GRAPH ?g {{ ?e a <{DIPL}Event> }} }}"
    assert json.loads(service.get(address(named)).body)["boolean"] is True
    other = service.get(address(named, **{"named-graph-uri": iris.graph("reference").value}))
    assert json.loads(other.body)["boolean"] is False


@pytest.mark.parametrize(
    ("status", "detail", "path", "body", "content_type"),
    [
        (400, "There is no query", "/sparql", b"format=json", FORM),
        (400, "more than one query", address(EVENTS) + "&query=ASK{}", None, ""),
        (400, "not SPARQL", address("SELECT * {"), None, ""),
        (400, "SERVICE is not allowed", address("SELECT * { SERVICE <http://127.0.0.1/> {} }"), None, ""),
        (400, "is an update", address("INSERT DATA { <a:a> <a:a> <a:a> }"), None, ""),
        (401, "needs a token", "/sparql", b"update=DROP+ALL", FORM),
        (400, "by POST", "/sparql?update=DROP+ALL", None, ""),
        (400, "a query and an update", "/sparql", b"update=DROP+ALL&query=ASK%7B%7D", FORM),
        (400, "is not the IRI of a graph", address("ASK{}", **{"default-graph-uri": "no iri"}), None, ""),
        (400, "not UTF-8", "/sparql", b"ASK { ?s ?p '\xff' }", DIRECT),
        (401, "needs a token", "/sparql", b"DROP ALL", "application/sparql-update"),
        (415, "Send application", "/sparql", b"{}", "application/json"),
        (413, "", "/sparql", b"ASK {}" + b" " * 1_100_000, DIRECT),
    ],
    ids=lambda v: str(v)[:40] if isinstance(v, str) else None,
)
def test_mistakes_are_told(
    status: int, detail: str, path: str, body: bytes | None, content_type: str, service: Served
) -> None:
    reply = service.get(path) if body is None else service.post(path, body, content_type)
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    problem = json.loads(reply.body)
    assert problem["status"] == status
    assert detail in problem["detail"]


def test_other_methods_are_not_allowed(service: Served) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        reply = service.get("/sparql", method=method)
        assert reply.status == 405
        assert "POST" in reply.headers["allow"]
    assert service.get(address("ASK{}"), method="HEAD").status == 200
    options = service.get("/sparql", method="OPTIONS")
    assert options.headers["access-control-allow-origin"] == "*"


SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?c != ?i) }"


def test_a_slow_query_is_ended_and_harms_nobody(service: Served) -> None:
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(service.get, address(SLOW))
        time.sleep(0.3)
        start = time.monotonic()
        assert service.get(address("ASK {}")).status == 200
        assert time.monotonic() - start < 1
        reply = slow.result()
    assert reply.status == 504
    assert "2 seconds" in json.loads(reply.body)["detail"]
    assert service.get(address(EVENTS)).status == 200


def test_a_query_that_takes_too_much_memory_harms_nobody(service: Served) -> None:
    hungry = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f ?a"
    reply = service.get(address(hungry))
    assert reply.status in (504, 507), reply.text
    assert service.get(address(EVENTS)).status == 200


def test_a_large_answer_is_streamed_whole(service: Served) -> None:
    reply = service.get(address("SELECT * { ?s ?p ?o . ?o ?q ?r }"), "text/csv")
    assert reply.status == 200
    assert len(reply.body) > 1_000_000
    assert reply.body.endswith(b"\r\n")
    count = service.get(address("SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?o ?q ?r }"), "text/csv").text.split()[1]
    assert reply.body.count(b"\r\n") == int(count) + 1


def test_sparqlwrapper(service: Served) -> None:
    client = SPARQLWrapper.SPARQLWrapper(f"{service.url}/sparql")
    for method in (SPARQLWrapper.GET, SPARQLWrapper.POST):
        for request in (
            (SPARQLWrapper.URLENCODED, SPARQLWrapper.POSTDIRECTLY)
            if method == SPARQLWrapper.POST
            else (SPARQLWrapper.URLENCODED,)
        ):
            client.setMethod(method)
            client.setRequestMethod(request)
            client.setQuery(EVENTS)
            client.setReturnFormat(SPARQLWrapper.JSON)
            assert len(client.queryAndConvert()["results"]["bindings"]) == 6
            client.setReturnFormat(SPARQLWrapper.XML)
            assert len(client.queryAndConvert().getElementsByTagName("result")) == 6
            client.setReturnFormat(SPARQLWrapper.CSV)
            assert client.queryAndConvert().count(b"/id/event/") == 6
            client.setQuery(GRAPH)
            for form in (SPARQLWrapper.RDFXML, SPARQLWrapper.TURTLE, SPARQLWrapper.JSONLD):
                client.setReturnFormat(form)
                graph = client.queryAndConvert()
                assert len(graph if isinstance(graph, rdflib.Graph) else rdflib.Graph().parse(data=graph)) == 6


def test_rdflibs_store(service: Served) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{service.url}/sparql"))
    assert len(list(graph.subjects(rdflib.RDF.type, rdflib.URIRef(DIPL + "Event")))) == 6
    rows = graph.query(EVENTS)
    assert len(list(rows)) == 6


def test_what_is_ingested_while_it_runs_is_served(settings: Settings) -> None:
    graph = ox.NamedNode("https://example.org/g")
    with open_store(settings) as store:
        store.replace_graphs({graph: [ox.Quad(graph, graph, ox.Literal("old"), graph)]})
    with serving(settings) as served:
        query = address("SELECT ?o { ?s ?p ?o }")
        assert '"old"' in served.get(query).text
        with open_store(settings) as store:
            store.replace_graphs({graph: [ox.Quad(graph, graph, ox.Literal("new"), graph)]})
        deadline = time.monotonic() + 10
        while '"new"' not in served.get(query).text:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert served.process.returncode in (0, -15)


def test_slow_queries_do_not_hold_up_quick_ones(filled: Settings) -> None:
    """Twice as many as may be evaluated at once: they go to the slow lane, or rest, and quick ones are answered meanwhile."""
    with serving(filled, KG_QUERY_TIMEOUT="4", KG_QUERY_WORKERS="2", KG_SLOW_QUERIES="1") as busy:
        cross = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        with ThreadPoolExecutor(4) as clients:
            slow = [clients.submit(busy.get, address(f"{cross} # {n}")) for n in range(4)]
            time.sleep(1.0)
            started = time.monotonic()
            statuses = {busy.get(address(f"ASK {{}} # {n}")).status for n in range(20)}
            took = time.monotonic() - started
            assert statuses == {200}
            assert took < 2.0, took
            assert {future.result().status for future in slow} == {504}
        assert busy.get(address("ASK {}")).status == 200
