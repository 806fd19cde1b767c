"""The Linked Data Fragments server in front of the endpoint: what it gives of a pattern is what the endpoint has of it."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import Reply, Served, free_port, request
from tests.exports.node import with_packages

FOLDER = Path(__file__).parent / "ldf_server"
ONTOLOGY, RDFS = "https://w3id.org/diplomatic-kg/ontology#", "http://www.w3.org/2000/01/rdf-schema#"
TYPE, NEXT = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "http://www.w3.org/ns/hydra/core#next"
PATTERNS = {
    "all of a predicate": {"predicate": f"{ONTOLOGY}place"},
    "more than a page": {"predicate": f"{RDFS}label"},
    "a class": {"predicate": TYPE, "object": f"{ONTOLOGY}Meeting"},
    "a literal with its language": {"predicate": f"{RDFS}label", "object": '"Cambodia"@en'},
    "what is not there": {"predicate": f"{ONTOLOGY}blorp"},
}
MOST_PAGES = 200


@pytest.fixture(scope="module")
def front(service: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of its one data source, which is the endpoint."""
    node, port = with_packages(FOLDER), free_port()
    base = f"http://127.0.0.1:{port}"
    source = {
        "@id": "urn:ldf-server:kg",
        "@type": "SparqlDatasource",
        "datasourceTitle": "kg",
        "datasourcePath": "kg",
        "sparqlEndpoint": f"{service.url}/sparql",
    }
    config = tmp_path_factory.mktemp("ldf") / "config.json"
    config.write_text(
        json.dumps(
            {
                "@context": "https://linkedsoftwaredependencies.org/bundles/npm/@ldf/server/^3.0.0/components/context.jsonld",
                "@id": "urn:ldf-server:my",
                "import": "preset-qpf:config-defaults.json",
                "title": "front",
                "baseURL": f"{base}/",
                "datasources": [source],
            }
        )
    )
    command = [node, "node_modules/@ldf/server/bin/ldf-server", str(config), str(port), "1"]
    process = subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 90
        while True:
            try:
                if request(f"{base}/", "GET", {"Accept": "text/html"}).status == 200:
                    break
            except OSError:
                assert process.poll() is None, "the server has ended"
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.2)
        yield f"{base}/kg"
    finally:
        process.terminate()  # its worker ends with it
        process.wait(timeout=20)


def _fragment(address: str) -> set[ox.Quad]:
    """All pages of a fragment, without what they say of themselves."""
    found: set[ox.Quad] = set()
    for _ in range(MOST_PAGES):
        reply = request(address, "GET", {"Accept": "application/n-quads"})
        assert reply.status == 200, reply.text
        quads = list(ox.parse(reply.body, format=ox.RdfFormat.N_QUADS))
        own = {q.graph_name for q in quads if q.predicate.value.endswith("primaryTopic")}
        found |= {q for q in quads if q.graph_name not in own}
        following = [q.object for q in quads if q.predicate.value == NEXT]
        if not following:
            return found
        assert isinstance(following[0], ox.NamedNode)
        address = following[0].value
    raise AssertionError("the fragment does not end")


@pytest.mark.parametrize("name", PATTERNS)
def test_a_fragment_is_what_the_endpoint_has(name: str, front: str, service: Served) -> None:
    pattern = PATTERNS[name]
    obj = pattern.get("object", "")
    told = obj if obj.startswith('"') else f"<{obj}>" if obj else "?o"
    values = f"GRAPH ?g {{ ?s ?p {told} }} VALUES ?p {{ <{pattern['predicate']}> }}"
    reply: Reply = service.get("/sparql?" + urllib.parse.urlencode({"query": f"SELECT * {{ {values} }}"}))
    rows = ox.parse_query_results(reply.body, format=ox.QueryResultsFormat.JSON)
    assert isinstance(rows, ox.QuerySolutions)
    fixed = ox.Literal("Cambodia", language="en") if obj.startswith('"') else ox.NamedNode(obj or "urn:none")
    expected = {ox.Quad(r["s"], r["p"], fixed if obj else r["o"], r["g"]) for r in rows}
    assert _fragment(f"{front}?{urllib.parse.urlencode(pattern)}") == expected
    assert bool(expected) == (name != "what is not there")
    assert len(expected) > 100 or name != "more than a page"
