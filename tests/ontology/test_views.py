"""The views in others' vocabularies: they speak in those alone, conform to their shapes, and come whole or of one graph."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from click.testing import CliRunner

from kg.cli import main
from kg.config import Settings
from kg.sparql.views import View, seen, view, views
from kg.store import open_store
from kg.triples.vocab import DIPL, PREFIXES, ontology, ontology_folder
from tests.conftest import Served

SCHEMA = PREFIXES["schema"]
#: View -> the vocabularies that it may speak in.
SPOKEN = {
    "sem": (
        PREFIXES["sem"],
        PREFIXES["rdf"],
        PREFIXES["rdfs"],
        PREFIXES["owl"],
        PREFIXES["geo"],
        "http://purl.org/dc/elements/1.1/",
    ),
    "schema-org": (SCHEMA, PREFIXES["rdf"]),
    "prov": (PREFIXES["prov"], PREFIXES["rdf"], PREFIXES["rdfs"], PREFIXES["dcterms"]),
}


def shown(found: View, settings: Settings) -> set[ox.Triple]:
    with open_store(settings) as store:
        return set(store.query(found.query))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SPOKEN)
def test_a_view_speaks_in_its_vocabulary_and_conforms_to_its_shapes(name: str, filled: Settings) -> None:
    triples = shown(view(name), filled)
    assert len(triples) > 50
    kinds = {t.object.value for t in triples if t.predicate.value == PREFIXES["rdf"] + "type"}
    for term in {t.predicate.value for t in triples} | kinds:
        assert term.startswith(SPOKEN[name]), term
    assert not [t for t in triples if DIPL in str(t)]
    data = rdflib.Graph().parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"", format="nt")
    shapes = rdflib.Graph().parse(ontology_folder() / "views" / f"{name}.shapes.ttl")
    conforms, _, text = pyshacl.validate(data, shacl_graph=shapes)
    assert conforms, text
    # the shapes see what is wrong
    broken = rdflib.Graph()
    for subject, predicate, value in data:
        label = predicate in (rdflib.RDFS.label, rdflib.URIRef(SCHEMA + "name"))
        broken.add((subject, predicate, rdflib.Literal(3) if label else value))
    assert not pyshacl.validate(broken, shacl_graph=shapes)[0]


def test_every_view_has_its_sentence_and_shapes() -> None:
    assert {v.name for v in views()} == SPOKEN.keys()
    for found in views():
        assert re.fullmatch(r"[A-Z].*\.", found.title), found.title
        assert (ontology_folder() / "views" / f"{found.name}.shapes.ttl").exists()


def test_the_meeting_in_each_of_them(filled: Settings) -> None:
    base = filled.base_iri
    sem, schema, prov = (
        rdflib.Graph().parse(
            data=ox.serialize(shown(view(n), filled), format=ox.RdfFormat.N_TRIPLES) or b"", format="nt"
        )
        for n in ("sem", "schema-org", "prov")
    )
    kerry = rdflib.URIRef(f"{base}id/person/john-kerry-usa")
    palace = rdflib.URIRef(f"{base}id/place/peace-palace-khm")
    s, p = rdflib.Namespace(PREFIXES["sem"]), rdflib.Namespace(PREFIXES["prov"])
    (event,) = sem.subjects(s.hasPlace, palace)
    assert str(sem.value(event, s.hasEarliestBeginTimeStamp)) == "2016-01-26"
    assert (event, s.hasActor, kerry) in sem
    assert {str(sem.value(part, rdflib.RDF.value)) for part in sem.objects(event, s.hasActor)} > {str(kerry)}
    assert (event, rdflib.URIRef(SCHEMA + "location"), palace) in schema
    assert (event, rdflib.URIRef(SCHEMA + "agent"), kerry) in schema
    assert str(prov.value(event, rdflib.DCTERMS.date)) == "2016-01-26"
    assert (event, p.wasAssociatedWith, kerry) in prov
    words = {str(prov.value(passage, p.value)) for passage in prov.subjects(p.wasInfluencedBy, event)}
    assert any("discussed security issues" in text for text in words)


def test_only_what_took_place_is_an_event_of_sem_and_an_activity_of_prov(filled: Settings) -> None:
    events = ox.NamedNode(DIPL + "Event")
    with open_store(filled) as store:
        every = {q.subject for q in store.quads() if q.object == events and "/event/" in str(q.subject)}
    for name, kind in (("sem", PREFIXES["sem"] + "Event"), ("prov", PREFIXES["prov"] + "Activity")):
        there = {t.subject for t in shown(view(name), filled) if str(t.object) == f"<{kind}>"} & every
        assert 0 < len(there) < len(every)


def test_each_correspondence_to_schema_org_is_used_or_left_out_with_a_reason() -> None:
    """A term that corresponds is shown by the view as the ontology says, unless the view's own text names it."""
    links = {PREFIXES[p] + n for p, n in (("rdfs", "subClassOf"), ("rdfs", "subPropertyOf"), ("skos", "closeMatch"))}
    text = view("schema-org").query
    for triple in ontology():
        if triple.predicate.value not in links or not str(triple.object).startswith(f"<{SCHEMA}"):
            continue
        ours, theirs = triple.subject, triple.object
        name = str(ours).strip("<>").removeprefix(DIPL)
        thing, label = ox.NamedNode("urn:x"), ox.NamedNode(PREFIXES["rdfs"] + "label")
        value = ox.NamedNode("urn:y")
        given = [
            ox.Triple(thing, ox.NamedNode(PREFIXES["rdf"] + "type"), ours),
            ox.Triple(thing, label, ox.Literal("x", language="en")),
            ox.Triple(value, ours, value),
            ox.Triple(thing, ox.NamedNode(DIPL + "modality"), ours),
            ox.Triple(thing, ox.NamedNode(PREFIXES["rdf"] + "type"), ox.NamedNode(DIPL + "Event")),
        ]
        found = {str(t.object) for t in seen(view("schema-org"), given)}
        found |= {str(t.predicate) for t in seen(view("schema-org"), given)}
        assert str(theirs) in found or f"dipl:{name}" in text, name


@pytest.mark.parametrize("ending", ["ttl", "nt", "rdf", "n3", "jsonld"])
def test_views_are_served(ending: str, service: Served, filled: Settings) -> None:
    formats = {
        "ttl": ox.RdfFormat.TURTLE,
        "nt": ox.RdfFormat.N_TRIPLES,
        "rdf": ox.RdfFormat.RDF_XML,
        "n3": ox.RdfFormat.N3,
        "jsonld": ox.RdfFormat.JSON_LD,
    }
    reply = service.get(f"/views/sem.{ending}")
    assert reply.status == 200
    assert {q.triple for q in ox.parse(reply.body, format=formats[ending])} == shown(view("sem"), filled)
    assert (
        service.get(f"/views/sem.{ending}", If_None_Match="x", **{"If-None-Match": reply.headers["etag"]}).status == 304
    )


def test_a_view_of_one_graph_tells_what_that_graph_says(service: Served, filled: Settings) -> None:
    with open_store(filled) as store:
        graph = next(g for g in store.graphs() if "graph/article/" in g.value)
    one = service.get(f"/views/prov.nt?graph={graph.value}")
    every = service.get("/views/prov.nt")
    few, all_of_it = (set(reply.text.splitlines()) for reply in (one, every))
    assert few < all_of_it
    assert any("#Activity" in line for line in few)
    other = service.get(f"/views/prov.nt?graph={filled.base_iri}graph/reference")
    assert (other.status, other.body) == (200, b"")


def test_what_there_is_no_view_of(service: Served) -> None:
    for path, told in (
        ("/views/lode.ttl", "there are prov, schema-org, sem"),
        ("/views/sem.csv", "ends in .ttl"),
        ("/views/sem", "ends in .ttl"),
        ("/views/sem.ttl?graph=http://example.org/none", "There is no graph"),
    ):
        reply = service.get(path)
        assert (reply.status, told in reply.text) == (404, True), path
    assert service.get("/views/sem.ttl?graph=no+address").status == 400


def test_the_command_writes_what_is_served(filled: Settings, service: Served, tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["export", "view", *arguments, "--store", str(filled.store)])
        assert done.exit_code == 0, done.stderr
        return done.stdout

    assert set(run("schema-org", "--format", "ntriples").splitlines()) == set(
        service.get("/views/schema-org.nt").text.splitlines()
    )
    run("sem", "-o", str(tmp_path / "sem.ttl"))
    assert "@prefix dipl:" not in (tmp_path / "sem.ttl").read_text(encoding="utf-8")
    assert len(run("--list").splitlines()) == len(SPOKEN)
    wrong = CliRunner().invoke(main, ["export", "view", "lode", "--store", str(filled.store)])
    assert (wrong.exit_code, "There is no view 'lode'" in wrong.stderr) == (1, True)
