"""Triple Pattern Fragments: whole, each triple once, the same from both back-ends, and with what clients need to go on."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from kg.config import Settings
from kg.pipeline import ingest
from kg.sparql import open_pool
from kg.sparql.fragments import COUNTED, PAGE, Fragments, Pattern, matches
from kg.store import open_store, states_and_writer
from kg.triples.vocab import named, term
from kg.web.endpoint.fragments import read_term
from kg.web.views.words import local_name
from tests.conftest import Served
from tests.store.servers import oxigraph

HYDRA, VOID = "http://www.w3.org/ns/hydra/core#", "http://rdfs.org/ns/void#"
LABEL = named("rdfs:label")


def _fragment(service: Served, **asked: str) -> tuple[set[ox.Triple], dict[str, str]]:
    """The triples of a page, and what is said of it: local name of the property -> value."""
    reply = service.get(f"/tpf?{urlencode(asked)}", "application/n-quads")
    assert reply.status == 200, reply.text
    quads = list(ox.parse(reply.body, format=ox.RdfFormat.N_QUADS))
    about = {
        local_name(q.predicate.value): q.object.value
        for q in quads
        if not isinstance(q.graph_name, ox.DefaultGraph) and isinstance(q.object, ox.NamedNode | ox.Literal)
    }
    return {q.triple for q in quads if isinstance(q.graph_name, ox.DefaultGraph)}, about


def test_all_pages_together_are_the_union_of_all_graphs(service: Served, filled: Settings) -> None:
    with open_store(filled) as store:
        every = {q.triple for q in store.quads()}
    for pattern in ({}, {"predicate": LABEL.value}):
        wanted = {t for t in every if not pattern or t.predicate == LABEL}
        found: list[ox.Triple] = []
        for number in itertools.count(1):
            page, about = _fragment(service, **pattern, page=str(number))
            assert len(page) == PAGE or "next" not in about
            found += page
            if "next" not in about:
                break
        assert len(found) == len(set(found))
        assert set(found) == wanted
        exact = len(wanted) <= COUNTED
        assert int(about["triples"]) == len(wanted) if exact else int(about["triples"]) >= COUNTED
    again, _ = _fragment(service, page="2")  # out of the order in which it was read
    assert again
    assert again <= every


def test_each_triple_comes_once_whichever_ends_are_given(filled: Settings, tmp_path: Path) -> None:
    store = ox.Store(str(tmp_path / "copy"))
    with open_store(filled) as opened:
        quads = list(opened.quads())
    store.extend(quads)
    store.extend(ox.Quad(*q.triple) for q in quads[::7])  # the default graph has some of the named ones' triples
    chance = random.Random(3)
    some = chance.sample([q.triple for q in store], 40)
    for shown in itertools.product((True, False), repeat=3):
        for triple in some if any(shown) else []:
            pattern = Pattern(*(end if there else None for end, there in zip(triple, shown, strict=True)))
            found = list(matches(store, [pattern]))
            wanted = {q.triple for q in store.quads_for_pattern(pattern.subject, pattern.predicate, pattern.object)}
            assert len(found) == len(set(found))
            assert set(found) == wanted


def test_a_remote_store_gives_the_same(tmp_path: Path, seeds: Path, filled: Settings) -> None:
    patterns = [Pattern(predicate=LABEL), Pattern(predicate=named("rdf:type"), object=term("Meeting"))]
    with oxigraph(tmp_path / "remote") as server:
        remote = Settings(store=tmp_path / "none", extractors="frames", **server.settings)
        assert not ingest([seeds], remote).failures
        found = []
        for settings in (filled, remote):
            states, writer = states_and_writer(settings)
            pool = open_pool(settings, states)
            fragments = Fragments(pool)
            for pattern in patterns:
                state = states.current()
                pages = [fragments.page(state, pattern, number) for number in (1, 2)]
                triples = [t for page, _ in pages for t in page.triples]
                assert len(triples) == len(set(triples))
                counted = pages[0][1].number
                # read in whatever order each has; what is all on two pages is the same
                found.append((pattern, set(triples) if counted <= 2 * PAGE else len(triples), pages[0][0].more))
            for part in (fragments, pool, writer, states):
                part.close()
    assert found[:2] == found[2:]


def test_it_comes_in_every_format_and_need_not_be_fetched_twice(service: Served, filled: Settings) -> None:
    address = "/tpf?" + urlencode({"subject": f"{filled.base_iri}id/state/KHM"})
    for media in ("application/trig", "application/n-quads", "text/turtle", "application/ld+json", "text/html"):
        reply = service.get(address, media)
        assert (reply.status, reply.headers["content-type"].partition(";")[0]) == (200, media)
        assert "Cambodia" in reply.text
        assert reply.headers["access-control-allow-origin"] == "*"
        again = service.get(address, media, **{"If-None-Match": reply.headers["etag"]})
        assert (again.status, again.body) == (304, b"")
    assert service.get(address, "image/png").status == 406
    _, about = _fragment(service, subject=f"{filled.base_iri}id/state/KHM")
    assert about["template"] == f"{filled.base_iri}tpf{{?subject,predicate,object}}"
    assert about["primaryTopic"].startswith(f"{filled.base_iri}tpf?subject=")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", None),
        ("?x", None),
        ("urn:x", ox.NamedNode("urn:x")),
        ("<urn:x>", ox.NamedNode("urn:x")),
        ('"a "b" c"', ox.Literal('a "b" c')),
        ('"Cambodia"@en', ox.Literal("Cambodia", language="en")),
        ('"5"^^http://www.w3.org/2001/XMLSchema#integer', ox.Literal(5)),
        ('"5"^^<http://www.w3.org/2001/XMLSchema#integer>', ox.Literal(5)),
        ('"two\nlines"', ox.Literal("two\nlines")),
        ("_:x1", ox.BlankNode("x1")),
    ],
)
def test_terms_are_read_as_clients_write_them(text: str, wanted: object) -> None:
    assert read_term("object", text) == wanted


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"subject": '"text"'}, "subject: a literal"),
        ({"predicate": '"text"'}, "predicate: a predicate is an IRI"),
        ({"predicate": "_:x"}, "predicate: a predicate is an IRI"),
        ({"object": '"text'}, "neither an IRI nor a literal"),
        ({"object": '"text"@'}, "neither an IRI nor a literal"),
        ({"subject": "no iri"}, "neither an IRI nor a literal"),
        ({"subject": "u" * 10_001}, "10,000 characters"),
        ({"page": "0"}, "no number from 1"),
        ({"page": "x"}, "no number from 1"),
    ],
)
def test_what_is_no_pattern_is_refused_in_a_sentence(service: Served, asked: dict[str, str], words: str) -> None:
    reply = service.get(f"/tpf?{urlencode(asked)}")
    assert reply.status == 400
    assert words in reply.text


def test_pages_end(service: Served) -> None:
    assert service.get("/tpf?page=100000").status == 507
    page, about = _fragment(service, page="3000")
    assert not page
    assert "next" not in about
