"""What is written as JSON-LD is what the triples say, in every form, read back by PyLD and by npm's jsonld."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from pyld import jsonld

from kg.config import Settings
from kg.jsonld.compaction import Compaction
from kg.jsonld.context import context, loader
from kg.jsonld.document import document
from kg.jsonld.nodes import Nesting, nodes, roots
from kg.jsonld.profiles import COMPACTED, EXPANDED, FLATTENED, FRAMED, MOST_FRAMED, PROFILES, address
from kg.store import open_store
from kg.triples.vocab import DIPL, ontology, ontology_folder
from tests.conftest import Served

CONTEXT = address(Settings().base_iri)
OPTIONS = {"documentLoader": loader}
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def article(filled: Settings) -> list[ox.Triple]:
    """All that one article says."""
    with open_store(filled) as store:
        graph = next(g for g in store.graphs() if "graph/article/" in g.value)
        return [quad.triple for quad in store.graph_quads(graph)]


def read(text: bytes | str) -> set[ox.Triple]:
    """The triples of a document, by PyLD."""
    quads = jsonld.to_rdf(json.loads(text), OPTIONS | {"format": "application/n-quads"})
    return {q.triple for q in ox.parse(quads, format=ox.RdfFormat.N_QUADS)}


def canonical(triples: set[ox.Triple]) -> set[ox.Triple]:
    """Triples with blank nodes named by what they say (RDFC-1.0)."""
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {q.triple for q in dataset}


@pytest.mark.parametrize("profile", PROFILES, ids=lambda p: p.partition("#")[2])
def test_every_form_says_the_same(profile: str, article: list[ox.Triple]) -> None:
    event = next(t.subject.value for t in article if "/event/" in str(t.subject))
    assert read(document(article, profile, CONTEXT)) == set(article)
    assert read(document(article, profile, CONTEXT, event)) == set(article)
    assert read(document(ontology(), profile, CONTEXT)) == set(ontology())


def test_a_thing_is_one_object_with_its_parts_inside(article: list[ox.Triple], service: Served) -> None:
    event = next(t.subject.value for t in article if str(t.object) == f"<{DIPL}Meeting>")
    made = json.loads(service.get(f"/data/event/{event.rpartition('/')[2]}.jsonld").body)
    assert (made["@context"], made["id"]) == (CONTEXT, event)
    assert "Meeting" in made["type"]
    assert {part["actor"]["label"] for part in made["participation"]} == {"John Kerry", "Hun Sen", "Hor Namhong"}
    words = [s["exact"] for passage in made["evidence"] for s in passage["hasSelector"] if "exact" in s]
    assert any("discussed security issues" in text for text in words)
    assert made["quadClass"] == 1
    assert made["earliestDate"] == "2016-01-26"
    assert event not in {node["id"] for node in made["included"]}


def test_compaction_is_that_of_pyld(article: list[ox.Triple]) -> None:
    found = nodes([*article, *ontology()])
    nesting = Nesting(found)
    every = [node for name in (*roots(found), *found) if (node := nesting.take(name))]
    assert len(every) > 50
    theirs = jsonld.compact(every, {"@context": context()}, OPTIONS)["@graph"]
    for ours, wanted in zip([Compaction().node(node) for node in every], theirs, strict=True):
        assert ours == wanted


def test_framing_by_others_finds_everything(article: list[ox.Triple]) -> None:
    framed = json.loads(document(article, FRAMED, CONTEXT))
    frame = {"@context": context(), "type": "Event", "participation": {"actor": {"@embed": "@always"}}}
    found = jsonld.frame(framed, frame, OPTIONS)["@graph"]
    actors = {part["actor"]["label"] for event in found for part in event["participation"]}
    assert (len(found), actors) == (6, {"John Kerry", "Hun Sen", "Hor Namhong", "United States", "Cambodia", "ASEAN"})
    assert not [node for node in framed["@graph"] if "Participation" in node.get("type", ())], (
        "parts stand in their events"
    )


HARD = """
@prefix ex: <https://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix geo: <https://example.org/geo#> .
@prefix dipl: <https://w3id.org/diplomatic-kg/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
ex:a dipl:quadClass 01, 1, "x"^^xsd:integer, 12345678901234567890 ;
    dipl:former true, "1"^^xsd:boolean ; dipl:confidence 0.50 ;
    rdfs:label "hello"@en, "salut"@fr, "plain" ;
    dipl:topic "a topic"@en, dipl:topic-trade, ex:b ; dipl:about "", "a\\n\\"b\\"" .
ex:b ex:knows ex:c . ex:c ex:knows ex:b ; ex:self ex:c . [] ex:of [ ex:of ex:a ] . ex:a a "no class", dipl:Event, ex:Own .
ex:d dipl:earliestDate "2016-01-26", "2016-01-26"^^xsd:date ; dipl:participation ex:d, <urn:isbn:1> ; <urn:p> <tel:+1> .
"""


@pytest.mark.parametrize("profile", PROFILES, ids=lambda p: p.partition("#")[2])
def test_nothing_is_lost_of_what_is_seldom(profile: str) -> None:
    triples = [q.triple for q in ox.parse(HARD.encode(), format=ox.RdfFormat.TURTLE)]
    made = document(triples, profile, CONTEXT)
    # numbers and booleans whose spelling is not the canonical one keep it
    assert canonical(read(made)) == canonical(set(triples))


def test_an_address_that_would_be_misread_is_written_out() -> None:
    place = ox.NamedNode("geo:37.786971,-122.399677")
    triples = [ox.Triple(place, ox.NamedNode(DIPL + "about"), ox.Literal("a place"))]
    made = document(triples, COMPACTED, CONTEXT)
    assert read(made) == set(triples)
    assert b"@context" not in made


def test_long_chains_do_not_nest_without_end() -> None:
    step = ox.NamedNode(DIPL + "partOf")
    links = [ox.NamedNode(f"https://example.org/{n}") for n in range(3_000)]
    chain = [ox.Triple(a, step, b) for a, b in itertools.pairwise(links)]
    assert read(document(chain, FRAMED, CONTEXT)) == set(chain)


def test_large_things_are_quick() -> None:
    base, actor = "http://127.0.0.1:8000/id", ox.NamedNode(DIPL + "actor")
    label = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    state = ox.NamedNode(f"{base}/state/KHM")
    many: list[ox.Triple] = []
    for n in range(MOST_FRAMED // 2):
        part = ox.NamedNode(f"{base}/event/a-{n}#p1")
        many += [ox.Triple(part, actor, state), ox.Triple(part, label, ox.Literal(f"part {n}", language="en"))]
    document(many[:10], COMPACTED, CONTEXT, state.value)
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        document([*many[:4_000], ox.Triple(state, label, ox.Literal("Cambodia"))], COMPACTED, CONTEXT, state.value)
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.25  # some 30 ms on an idle machine
    larger = [*many, ox.Triple(state, label, ox.Literal("Cambodia"))]
    assert "@graph" in json.loads(document(larger, COMPACTED, CONTEXT, state.value))


def test_no_other_context_is_fetched() -> None:
    for url in ("https://schema.org/", "http://127.0.0.1:1/context.jsonld", "file:///etc/passwd"):
        with pytest.raises(jsonld.JsonLdError):
            jsonld.expand({"@context": url, "name": "x"}, OPTIONS)


def accepting(service: Served, path: str, accept: str) -> tuple[str, Any]:
    reply = service.get(path, accept)
    assert reply.status == 200, reply.text
    return reply.headers["content-type"], json.loads(reply.body)


QUERY = (
    "/sparql?query=PREFIX+dipl:+%3Chttps://w3id.org/diplomatic-kg/ontology%23%3E+CONSTRUCT+WHERE+"
    "%7B?e+a+dipl:Meeting;dipl:participation?p.?p+dipl:actor?a%7D"
)


@pytest.mark.parametrize("profile", [EXPANDED, COMPACTED, FLATTENED, FRAMED], ids=lambda p: p.partition("#")[2])
def test_queries_and_things_come_in_the_form_that_is_asked_for(profile: str, service: Served) -> None:
    accept = f'application/ld+json;profile="{profile}"'
    plain = {
        q.triple for q in ox.parse(service.get(QUERY, "application/n-triples").body, format=ox.RdfFormat.N_TRIPLES)
    }
    kind, found = accepting(service, QUERY, accept)
    assert kind == f'application/ld+json; profile="{profile}"'
    assert read(json.dumps(found)) == plain
    assert isinstance(found, list) == (profile == EXPANDED)
    if profile == FRAMED:
        assert all("actor" in part for event in found.get("@graph", [found]) for part in event["participation"])
    kind, thing = accepting(service, "/data/person/hun-sen-khm.jsonld", accept)
    assert kind == f'application/ld+json; profile="{profile}"'
    assert isinstance(thing, list) == (profile == EXPANDED)
    assert ("@graph" in thing) == (profile == FLATTENED)


def test_quality_decides_between_forms_and_unknown_profiles_are_passed_over(service: Served) -> None:
    both = f'application/ld+json;profile="{COMPACTED}";q=0.4, application/ld+json;profile="{EXPANDED}";q=0.6'
    assert isinstance(accepting(service, QUERY, both)[1], list)
    assert service.get(QUERY, f"text/turtle;q=0.7, {both}").headers["content-type"].startswith("text/turtle")
    kind, found = accepting(service, QUERY, 'application/ld+json;profile="https://www.w3.org/ns/activitystreams"')
    assert (kind, type(found)) == ("application/ld+json", list)
    several = f'application/ld+json;profile="https://example.org/ {FLATTENED} {COMPACTED}"'
    assert "@graph" in accepting(service, QUERY, several)[1]
    tags = {service.get(QUERY, f'application/ld+json;profile="{p}"').headers["etag"] for p in PROFILES}
    assert len(tags) == len(PROFILES)


#: One thing of each kind that the seed has.
KINDS = "event statement tenure instrument group person office place article state/KHM organization/ASEAN".split()


@pytest.fixture(scope="module")
def things(filled: Settings, service: Served) -> dict[str, tuple[bytes, set[ox.Triple]]]:
    """Path -> the JSON-LD of a thing, and its triples as Turtle has them."""
    with open_store(filled) as store:
        names = sorted({q.subject.value for q in store.quads() if isinstance(q.subject, ox.NamedNode)})
    base = f"{filled.base_iri}id/"
    found = {}
    for kind in KINDS:
        path = next(n for n in names if n.startswith(base + kind) and "#" not in n).removeprefix(base)
        turtle = service.get(f"/data/{path}.ttl").body
        triples = {q.triple for q in ox.parse(turtle, format=ox.RdfFormat.TURTLE)}
        found[path] = service.get(f"/data/{path}.jsonld").body, triples
    return found


def test_the_data_of_each_kind_of_thing_are_those_of_its_turtle(
    things: dict[str, tuple[bytes, set[ox.Triple]]], filled: Settings
) -> None:
    for path, (body, triples) in things.items():
        made = json.loads(body)
        assert (made["@context"], made["id"]) == (CONTEXT, f"{filled.base_iri}id/{path}")
        assert canonical(read(body)) == canonical(triples), path


def test_things_are_in_schema_org_too(things: dict[str, tuple[bytes, set[ox.Triple]]]) -> None:
    made = {path.partition("/")[0]: json.loads(body) for path, (body, _) in things.items()}
    kinds = {
        "event": "schema:Event",
        "person": "schema:Person",
        "organization": "schema:Organization",
        "state": "schema:Country",
        "place": "schema:Place",
        "article": "schema:NewsArticle",
        "instrument": "schema:Legislation",
    }
    for kind, wanted in kinds.items():
        assert wanted in made[kind]["type"], kind
        assert made[kind]["name"] == made[kind]["label"]
    assert made["event"]["startDate"] == made["event"]["earliestDate"]
    assert {a["name"] for a in made["event"]["agent"]} == {"John Kerry"}


def test_what_is_not_so_is_no_event_of_schema_org(service: Served) -> None:
    unreal = "dipl:modality-possible, dipl:modality-negated"
    query = f"SELECT ?e {{ ?e a dipl:Event ; dipl:modality ?m FILTER(?m IN ({unreal})) }}"
    view = service.get("/views/schema-org.nt").text
    assert "<https://schema.org/Event>" in view
    with_prefix = f"PREFIX dipl: <{DIPL}> {query}"
    rows = service.post("/sparql", with_prefix.encode(), "application/sparql-query", "text/csv").text.split()[1:]
    assert not [row for row in rows if f"<{row}>" in view]


def test_the_context_is_where_documents_say_that_it_is(service: Served) -> None:
    reply = service.get("/ontology/context.jsonld")
    assert json.loads(reply.body)["@context"] == context()
    assert reply.headers["access-control-allow-origin"] == "*"


@pytest.fixture(scope="module")
def through_node(
    tmp_path_factory: pytest.TempPathFactory, node: tuple[str, list[str]]
) -> Callable[[list[bytes]], list[str]]:
    """Reads documents with npm's jsonld into canonical N-Quads."""
    program, npm = node
    folder = tmp_path_factory.mktemp("jsonld")
    for path in (HERE / "node").iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    path = os.pathsep.join([str(Path(program).parent), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(
        [*npm, "ci"], cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"npm cannot install jsonld here: {done.stderr.strip()[-200:]}")

    def run(documents: list[bytes]) -> list[str]:
        command = [program, "to_rdf.js", CONTEXT, str((ontology_folder() / "context.jsonld").resolve())]
        text = json.dumps([json.loads(d) for d in documents])
        read = subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True, check=False)
        assert read.returncode == 0, read.stderr
        found: list[str] = json.loads(read.stdout)
        return found

    return run


def test_npm_jsonld_reads_the_same(
    through_node: Callable[[list[bytes]], list[str]], things: dict[str, tuple[bytes, set[ox.Triple]]]
) -> None:
    hard = [q.triple for q in ox.parse(HARD.encode(), format=ox.RdfFormat.TURTLE)]
    documents = [(body, triples) for body, triples in things.values()]
    documents += [(document(hard, profile, CONTEXT), set(hard)) for profile in PROFILES]
    for quads, (_, triples) in zip(through_node([body for body, _ in documents]), documents, strict=True):
        assert canonical({q.triple for q in ox.parse(quads, format=ox.RdfFormat.N_QUADS)}) == canonical(triples)
