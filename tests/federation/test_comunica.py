"""Comunica asks the fragments and the endpoint: it gets the same, and is told when an answer is not whole."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.config import Settings
from kg.pipeline import ingest
from kg.sparql.questions import question
from kg.store import open_store
from tests.conftest import Served, free_port, serving
from tests.exports.node import with_packages

FOLDER = Path(__file__).parent / "comunica"
PREFIXES = """PREFIX dipl: <https://w3id.org/diplomatic-kg/ontology#> PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> """
#: All DISTINCT: Oxigraph gives a triple of the union as often as there are graphs that have it, fragments give it once.
QUERIES = {
    "a join": """SELECT DISTINCT ?who ?day { ?meeting a dipl:Meeting ; dipl:earliestDate ?day ; dipl:participation ?part .
        ?part dipl:actor ?actor . ?actor rdfs:label ?who }""",
    "an optional part": """SELECT DISTINCT ?visit ?place { ?visit a dipl:Visit
        OPTIONAL { ?visit dipl:place/rdfs:label ?place } }""",
    "numbers": """SELECT ?kind (COUNT(DISTINCT ?event) AS ?events) { ?event a dipl:Event, ?kind } GROUP BY ?kind""",
    "a literal with its language": """SELECT DISTINCT ?state ?code { ?state rdfs:label "Cambodia"@en ; dipl:isoCode ?code }""",
    "a filter on days": """SELECT DISTINCT ?event ?day { ?event a dipl:Event ; dipl:earliestDate ?day
        FILTER (?day >= "2016-01-01"^^<http://www.w3.org/2001/XMLSchema#date>) }""",
    "more than a page": "SELECT DISTINCT ?thing ?name { ?thing rdfs:label ?name }",
    "what is not there": "SELECT ?thing { ?thing a dipl:Blorp }",
}


@pytest.fixture(scope="module")
def program() -> str:
    return with_packages(FOLDER)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Iterator[Served]:
    """A service whose own address is the base of its IRIs, as a public one's is."""
    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    settings = Settings(store=tmp_path_factory.mktemp("fragments") / "store", extractors="frames", base_iri=base)
    assert not ingest([seeds], settings).failures
    with serving(settings, port=port, KG_BASE_IRI=base) as started:
        yield started


def _ask(program: str, source: str, query: str, seconds: int = 120) -> subprocess.CompletedProcess[str]:
    command = [program, str(FOLDER / "node_modules" / ".bin" / "comunica-sparql"), source, "-q", query]
    command += ["-t", "application/sparql-results+json"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)


def _rows(answer: str) -> list[str]:
    """Rows that can be compared, whatever their order."""
    bindings: list[dict[str, Any]] = json.loads(answer)["results"]["bindings"]
    return sorted(
        json.dumps(row, sort_keys=True).replace("http://www.w3.org/2001/XMLSchema#string", "") for row in bindings
    )


@pytest.mark.parametrize("name", QUERIES)
def test_fragments_give_the_same_as_the_endpoint(name: str, program: str, served: Served) -> None:
    query = PREFIXES + QUERIES[name]
    by_fragments = _ask(program, f"{served.url}/tpf", query)
    assert by_fragments.returncode == 0, by_fragments.stderr
    reply = served.post("/sparql", query.encode(), "application/sparql-query", "application/sparql-results+json")
    assert _rows(by_fragments.stdout) == _rows(reply.text)
    assert bool(_rows(reply.text)) == (name != "what is not there")


def test_it_asks_the_endpoint_the_example_questions(program: str, served: Served) -> None:
    asked = question("who-met-whom")
    assert asked
    found = _ask(program, f"sparql@{served.url}/sparql", asked.query)
    assert found.returncode == 0, found.stderr
    reply = served.get("/q/who-met-whom.json")
    assert _rows(found.stdout) == _rows(reply.text) != []


def test_an_answer_that_is_broken_off_is_an_error_to_it(program: str, tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store")
    graph, predicate = ox.NamedNode("urn:g"), ox.NamedNode("urn:p")
    with open_store(settings) as store:
        quads = [ox.Quad(ox.NamedNode(f"urn:s{n}"), predicate, ox.Literal(f"{n}"), graph) for n in range(3_000)]
        store.replace_graphs({graph: quads})
    endless = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with serving(settings, KG_MAX_ANSWER_BYTES="3000000", KG_QUERY_TIMEOUT="60") as service:
        source = f"sparql@{service.url}/sparql"
        found = _ask(program, source, endless)
        assert found.returncode != 0 or "rror" in found.stderr, found.stderr
        with pytest.raises(json.JSONDecodeError):
            json.loads(found.stdout)
        assert _ask(program, source, "SELECT * { <urn:s1> ?p ?o }").returncode == 0
