"""Every minted IRI resolves, to a page for people and to data for programs, and both say what the graph says."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pyoxigraph as ox
import pytest
import rdflib

from kg.config import Settings
from kg.jsonld.profiles import EXPANDED
from kg.sparql.formats import TRIPLES
from kg.store import open_store
from kg.triples.vocab import DIPL, named
from tests.conftest import Served

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.fixture(scope="module")
def minted(filled: Settings) -> list[str]:
    """All IRIs under the base that the store speaks of, without fragments, as paths."""
    with open_store(filled) as store:
        nodes = {
            str(term.value)
            for quad in store.quads()
            for term in (quad.subject, quad.predicate, quad.object, quad.graph_name)
            if isinstance(term, ox.NamedNode)
        }
    base = filled.base_iri
    return sorted({"/" + n.removeprefix(base).split("#")[0] for n in nodes if n.startswith(base)})


def of_articles(paths: list[str]) -> list[str]:
    """The paths without the hundreds of curated states and organisations, of which a few stand for all."""
    curated = [p for p in paths if re.match(r"/id/(state|organization)/[A-Z]", p)]
    return [p for p in paths if p not in set(curated)] + curated[::25]


class Links(HTMLParser):
    """Gathers a page's links, ids and headings."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            self.links.append(values["href"] or "")
        if values.get("id"):
            self.ids.append(values["id"] or "")


def test_every_minted_iri_leads_to_a_page_and_to_data(minted: list[str], service: Served) -> None:
    kinds = {path.split("/")[2] for path in minted if path.startswith("/id/")}
    assert kinds == set(
        "state organization person group place office article event statement tenure instrument".split()
    )
    assert {p.split("/")[2] for p in minted if p.startswith("/graph/")} == {
        "article",
        "identity",
        "ingestion",
        "reference",
        "ontology",
    }
    for path in of_articles(minted):
        for accept, start in ((BROWSER, "/page/"), ("text/turtle", "/data/"), ("*/*", "/data/")):
            reply = service.get(path, accept)
            assert (reply.status, reply.headers["vary"].split(", ")[0]) == (303, "Accept"), path
            assert reply.headers["location"].startswith(start)
            assert service.get(reply.headers["location"], accept).status == 200, path


def test_every_state_and_organisation_resolves(minted: list[str], service: Served) -> None:
    curated = [p for p in minted if re.match(r"/id/(state|organization)/[A-Z]", p)]
    assert len(curated) > 250
    assert {service.get(path).status for path in curated} == {303}


@pytest.mark.parametrize("form", TRIPLES, ids=lambda f: f.name)
def test_data_in_every_format(form: object, minted: list[str], service: Served) -> None:
    assert hasattr(form, "media_types")
    event = next(p for p in minted if p.startswith("/id/event/"))
    reply = service.get(event, form.media_types[0])
    # Oxigraph fetches no contexts: of JSON-LD it reads the expanded form
    accept = f'{form.media_types[0]};profile="{EXPANDED}"' if form.name == "jsonld" else "*/*"  # type: ignore[attr-defined]
    data = service.get(reply.headers["location"], accept)
    assert data.headers["content-type"].split(";")[0] == form.media_types[0]
    triples = {q.triple for q in ox.parse(data.body, format=form.oxigraph)}  # type: ignore[attr-defined]
    assert len(triples) > 30


def test_data_of_an_event_hold_its_parts_and_sentences(minted: list[str], service: Served, filled: Settings) -> None:
    event = next(p for p in minted if p.startswith("/id/event/"))
    graph = rdflib.Graph().parse(data=service.get(event.replace("/id/", "/data/") + ".ttl").body, format="turtle")
    node = rdflib.URIRef(filled.base_iri + event[1:])
    parts = list(graph.objects(node, rdflib.URIRef(DIPL + "participation")))
    assert parts
    for part in parts:
        (actor,) = graph.objects(part, rdflib.URIRef(DIPL + "actor"))
        assert graph.value(actor, rdflib.RDFS.label)
    passages = list(graph.objects(node, rdflib.URIRef(DIPL + "evidence")))
    selectors = [s for p in passages for s in graph.objects(p, rdflib.URIRef(named("oa:hasSelector").value))]
    assert any(graph.value(s, rdflib.URIRef(named("oa:exact").value)) for s in selectors)


def test_data_of_an_actor_say_where_it_takes_part(service: Served) -> None:
    graph = rdflib.Graph().parse(data=service.get("/data/person/hun-sen-khm.nt").body, format="nt")
    person = next(o for o in graph.objects(None, rdflib.URIRef(DIPL + "actor")))
    assert str(person).endswith("/id/person/hun-sen-khm")


def test_what_is_not_there_is_not_found(service: Served) -> None:
    for path in (
        "/id/state/XXX",
        "/id/nonsense",
        "/graph/none",
        "/page/state/XXX",
        "/data/state/KHM",
        "/data/state/XXX.ttl",
    ):
        reply = service.get(path)
        assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json"), path
    page = service.get("/id/state/XXX", BROWSER)
    assert (page.status, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "says nothing about" in page.text
    assert service.get("/topic/nonsense", BROWSER).status == 404
    assert service.get("/ontology/../setup.cfg", BROWSER).status == 404


def test_what_cannot_be_given_is_told(service: Served) -> None:
    reply = service.get("/id/state/KHM", "image/png")
    assert reply.status == 406
    assert "text/turtle" in json.loads(reply.body)["detail"]


PAGES = {
    "state": (
        "/page/state/KHM",
        ["Cambodia", ">visited</a>", "addresses Cambodian Prime Minister Hun Sen", "John Kerry"],
    ),
    "person": (
        "/page/person/hun-sen-khm",
        ["Hun Sen", "Prime Minister of Cambodia", "Hun Sen posted on his Facebook page"],
    ),
    "organization": ("/page/organization/ASEAN", ["ASEAN", "upcoming US-Asean meeting in California next month"]),
    "place": ("/page/place/phnom-penh-khm", ["Phnom Penh", ">visited</a>", "Cambodia"]),
    "office": ("/page/office/prime-minister-khm", ["Prime Minister of Cambodia", "Hun Sen"]),
    "topic": ("/topic/security", ["Security", "discussed security issues"]),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_facts_with_their_sentences(name: str, service: Served) -> None:
    path, words = PAGES[name]
    page = service.get(path, BROWSER).text
    for word in words:
        assert word in page, word


@pytest.mark.parametrize("kind", ["article", "event", "statement", "tenure", "instrument", "group", "graph/article"])
def test_a_page_of_each_kind_of_an_article(kind: str, minted: list[str], service: Served) -> None:
    start = f"/{kind}/" if kind.startswith("graph") else f"/id/{kind}/"
    path = next(p for p in minted if p.startswith(start))
    reply = service.get(path.replace("/id/", "/page/") if "/id/" in path else f"/page{path}", BROWSER)
    assert reply.status == 200
    assert "<h1>" in reply.text
    if kind in ("article", "event", "statement", "tenure", "instrument"):
        assert "<mark>" in reply.text


def test_the_front_page_tells_what_is_in_the_graph_and_what_to_ask(service: Served) -> None:
    page = service.get("/", BROWSER).text
    found = {name: int(n.replace(",", "")) for name, n in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)}
    assert found["article"] == 1
    assert (found["events"], found["people"], found["states"]) == (6, 4, 2)
    assert page.count("/query?question=") == 17
    assert "Latest events" in page


def test_a_question_shows_its_query_and_its_answer(service: Served) -> None:
    page = service.get("/query?question=who-met-whom", BROWSER).text
    assert "SELECT DISTINCT ?meeting" in page
    assert page.count("Peace Palace") >= 2
    wrong = service.get("/query?query=SELECT+nonsense", BROWSER)
    assert wrong.status == 400
    assert "The query is not SPARQL" in wrong.text
    script = service.get("/query?query=%3Cscript%3Ealert(1)%3C/script%3E", BROWSER)
    assert "<script>" not in script.text


def test_the_ontology_has_a_page_and_its_files(service: Served) -> None:
    page = service.get("/ontology", BROWSER).text
    assert 'id="Meeting"' in page
    assert 'id="earliestDate"' in page
    assert len(list(ox.parse(service.get("/ontology", "text/turtle").body, format=ox.RdfFormat.TURTLE))) > 1_500
    for name in ("diplomacy.ttl", "codes.ttl", "topics.ttl", "shapes.ttl"):
        reply = service.get(f"/ontology/{name}")
        assert list(ox.parse(reply.body, format=ox.RdfFormat.TURTLE))
    context = service.get("/ontology/context.jsonld")
    assert context.headers["content-type"] == "application/ld+json"
    assert "Meeting" in json.loads(context.body)["@context"]


def test_no_link_is_broken(service: Served) -> None:
    seen: set[str] = set()
    pages: dict[str, Links] = {}
    waiting = ["/"]
    while waiting and len(seen) < 250:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        reply = service.get(path, BROWSER)
        assert reply.status == 200, path
        if reply.headers["content-type"].startswith("text/html"):
            pages[path] = Links(reply.text)
            assert len(pages[path].ids) == len(set(pages[path].ids)), f"an id comes twice in {path}"
            waiting += list(_inner(pages[path].links))
    assert len(pages) > 50
    for path, page in pages.items():
        for link in page.links:
            target, _, fragment = link.partition("#")
            there = pages.get(target or path)
            if fragment and there and link.startswith(("/", "#")):
                assert fragment in there.ids, f"{path} links to {link}"


def _inner(links: list[str]) -> Iterator[str]:
    for link in links:
        if link.startswith("/"):
            yield link.split("#")[0]


def test_headers_are_safe_by_default(service: Served) -> None:
    for path in ("/", "/sparql?query=ASK{}", "/id/state/KHM", "/nothing", "/data/state/KHM.ttl"):
        headers = service.get(path, BROWSER).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["access-control-allow-origin"] == "*"
