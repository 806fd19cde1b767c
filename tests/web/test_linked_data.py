"""Things as linked data: what clients are given, links from each form to the others, and that all forms say the same."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

from kg.sparql.formats import ROWS, TRIPLES
from tests.web.conftest import BROWSER, Site

THING = "/id/person/hun-sen-khm"
ASK = "/sparql?query=SELECT+%2A+%7B+%3Fs+a+%3Fo+%7D+LIMIT+1"
MEDIA = {form.name: form.media_types[0] for form in (*ROWS, *TRIPLES)}


@dataclass(frozen=True)
class Client:
    """A client: its name, where its Accept is known from, what it is given for a thing and for rows, and the Accept."""

    name: str
    source: str
    thing: str
    rows: str
    accept: str


def clients() -> list[Client]:
    """The table beside this file."""
    lines = Path(__file__).with_name("accept.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    return [Client(*row) for row in rows]


def varies(reply: object) -> set[str]:
    return {name.strip() for name in reply.headers.get("Vary", "").split(",")}  # type: ignore[attr-defined]


@pytest.mark.parametrize("client", clients(), ids=lambda c: c.name)
def test_each_client_is_given_what_it_reads_best(client: Client, site: Site) -> None:
    headers = {"Accept": client.accept} if client.accept else {}
    ask = site.app.test_client().get
    thing = ask(THING, headers=headers)
    place = "/page/person/hun-sen-khm" if client.thing == "page" else f"/data/person/hun-sen-khm.{client.thing}"
    assert (thing.status_code, thing.headers["Location"]) == (303, place)
    given = ask(place, headers=headers)
    assert given.status_code == 200
    assert given.mimetype == ("text/html" if client.thing == "page" else MEDIA[client.thing])
    ontology, described, rows = (ask(path, headers=headers) for path in ("/ontology", "/sparql", ASK))
    if client.thing == "page":
        assert ontology.mimetype == "text/html"
        assert (described.status_code, described.headers["Location"]) == (303, "/query")
    else:
        assert ontology.mimetype == described.mimetype == MEDIA[client.thing]
    assert rows.status_code == (406 if client.rows == "406" else 200)
    if rows.status_code == 200:
        assert rows.mimetype == MEDIA[client.rows]
    for negotiated in (thing, ontology, described, rows):
        assert "Accept" in varies(negotiated)


@pytest.mark.parametrize("path", [THING, "/ontology", "/sparql", ASK, "/questions", "/graph/reference"])
def test_what_is_offered_is_told_where_nothing_of_it_is_taken(path: str, site: Site) -> None:
    reply = site.app.test_client().get(path, headers={"Accept": "image/png, text/turtle;q=0"})
    assert reply.status_code == 406
    assert "Accept" in varies(reply)
    detail = json.loads(reply.data)["detail"]
    assert all(form.media_types[0] in detail for form in (ROWS if path == ASK else TRIPLES))
    assert ("text/html" in detail) == (path != ASK)


def _links(header: str) -> list[tuple[str, str, str]]:
    found = re.findall(r'<([^>]*)>; rel="([^"]+)"(?:; type="([^"]+)")?', header)
    assert len(found) == header.count("<")
    return found


def test_each_form_links_to_the_others_and_they_are_there(site: Site) -> None:
    ask = site.app.test_client().get
    article = site.things("article")[0].replace("/page/", "/id/")
    for thing in (THING, article, article.replace("/id/", "/graph/")):
        rest = thing.removeprefix("/id/").removeprefix("/")
        seen = {}
        for path in (thing, f"/page/{rest}", f"/data/{rest}.ttl", f"/data/{rest}.jsonld"):
            found = _links(ask(path, headers={"Accept": BROWSER}).headers["Link"])
            seen[path] = found
            kinds = {kind for _, rel, kind in found if rel == "alternate"}
            own = {"text/html"} if "/page/" in path else {MEDIA[path.rpartition(".")[2]]} if "/data/" in path else set()
            assert kinds == ({form.media_types[0] for form in TRIPLES} | {"text/html"}) - own
            for href, rel, kind in found:
                if rel in ("alternate", "describedby"):
                    reply = ask(href)
                    assert (reply.status_code, reply.mimetype) == (200, kind)
        iri = site.settings.base_iri + thing[1:]
        assert (iri, "describes", "") in seen[f"/page/{rest}"] and (iri, "describes", "") in seen[f"/data/{rest}.ttl"]
        assert (f"{site.settings.base_iri}page/{rest}", "canonical", "") in seen[f"/page/{rest}"]
    page = site.page(f"/page/{THING.removeprefix('/id/')}")
    for form in TRIPLES:
        assert (
            f'<link rel="alternate" type="{form.media_types[0]}" href="/data/person/hun-sen-khm.{form.name}">' in page
        )


def test_addresses_that_end_in_a_format_lead_to_it(site: Site) -> None:
    ask = site.app.test_client().get
    for ending in (*(form.name for form in TRIPLES), "html"):
        place = "/page/person/hun-sen-khm" if ending == "html" else f"/data/person/hun-sen-khm.{ending}"
        reply = ask(f"{THING}.{ending}", headers={"Accept": "image/png"})
        assert (reply.status_code, reply.headers["Location"]) == (303, place)
    for path in ("/data/person/hun-sen-khm.html", "/page/person/hun-sen-khm.html"):
        assert ask(path).headers["Location"] == "/page/person/hun-sen-khm"
    assert ask("/topic/trade.html").headers["Location"] == "/topic/trade"
    assert ask("/page/topic/trade").headers["Location"] == "/topic/trade"
    assert ask("/id/person/nobody-x.ttl").status_code == 404
    assert ask("/data/person/nobody-x.html").status_code == 404
    for form in TRIPLES:
        whole = ask(f"/ontology.{form.name}")
        assert (whole.status_code, whole.mimetype) == (200, form.media_types[0])
    assert ask("/ontology.doc").status_code == 404


@pytest.mark.parametrize(
    "path", [THING, "/page/person/hun-sen-khm", "/data/person/hun-sen-khm.ttl", "/ontology", "/sitemap.xml"]
)
def test_head_tells_what_get_would(path: str, site: Site) -> None:
    client = site.app.test_client()
    get, head = (method(path, headers={"Accept": BROWSER}) for method in (client.get, client.head))
    assert head.data == b""
    assert head.status_code == get.status_code
    own = {"X-Request-Id", "Date"}
    assert [(k, v) for k, v in head.headers if k not in own] == [(k, v) for k, v in get.headers if k not in own]


KINDS = (
    "state organization person group place office article event statement tenure instrument event-across person-across"
)
#: How rdflib calls the formats.
RDFLIB = {"ttl": "turtle", "jsonld": "json-ld", "nt": "nt", "rdf": "xml", "trig": "trig", "nq": "nquads", "n3": "n3"}


def _by_rdflib(body: bytes, name: str) -> rdflib.Graph:
    read = rdflib.Dataset() if name in ("trig", "nq") else rdflib.Graph()
    read.parse(data=body, format=RDFLIB[name])
    graph = rdflib.Graph()
    for triple in read.triples((None, None, None)):
        graph.add(triple)
    return graph


@pytest.mark.parametrize("kind", [*KINDS.split(), "topic", "graph"])
def test_every_format_says_the_same(kind: str, site: Site) -> None:
    fixed = {
        "topic": "/topic/trade",
        "graph": f"/data/graph/article/{site.things('article')[0].rpartition('/')[2]}",
    }
    path = fixed.get(kind) or site.things(kind)[0].replace("/page/", "/data/")
    # JSON-LD with its terms written out: what it is by itself names a context that lies at the base IRI
    whole = {"Accept": 'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded", */*;q=0.5'}
    ask = site.app.test_client().get
    bodies = {form.name: ask(f"{path}.{form.name}", headers=whole).data for form in TRIPLES}
    sets = {
        form.name: {str(q.triple) for q in ox.parse(bodies[form.name], format=form.oxigraph)}  # type: ignore[arg-type]
        for form in TRIPLES
    }
    assert sets["nt"]
    assert all(found == sets["nt"] for found in sets.values()), "the graphs have no blank nodes"
    graphs = {name: _by_rdflib(body, name) for name, body in bodies.items()}
    assert len(graphs["nt"]) == len(sets["nt"])
    for name, graph in graphs.items():
        assert isomorphic(graph, graphs["nt"]), name


def test_pages_and_data_are_not_sent_twice(site: Site) -> None:
    client = site.app.test_client()
    tags = set()
    for path in ("/", "/about", "/articles", "/page/person/hun-sen-khm", "/page/person/hun-sen-khm?list=said", "/topic/trade",
                 "/data/person/hun-sen-khm.ttl", "/data/person/hun-sen-khm.nt", "/ontology", "/sitemap.xml"):  # fmt: skip
        first = client.get(path, headers={"Accept": BROWSER})
        tag = first.headers["ETag"]
        assert tag.startswith('"') and first.headers["Cache-Control"] == (
            "no-cache" if path == "/" else "public, no-cache"
        )
        again = client.get(path, headers={"Accept": BROWSER, "If-None-Match": tag})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert client.get(path, headers={"Accept": BROWSER}).headers["ETag"] == tag
        tags.add(tag)
    assert len(tags) == 10
    page, data = (client.get("/ontology", headers={"Accept": a}).headers["ETag"] for a in (BROWSER, "text/turtle"))
    assert page != data
    forms = ("application/ld+json", 'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"')
    replies = [client.get("/data/person/hun-sen-khm.jsonld", headers={"Accept": a}) for a in forms]
    assert len({r.data for r in replies}) == len({r.headers["ETag"] for r in replies}) == 2
    assert all("Accept" in varies(r) for r in replies)
    for path in ("/page/person/nobody-x", THING):
        assert "ETag" not in client.get(path).headers
