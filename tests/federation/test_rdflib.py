"""rdflib's own store over SPARQL reads and writes as on any other graph."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID as DEFAULT
from rdflib.plugins.stores.sparqlstore import SPARQLUpdateStore

from kg.config import Settings
from kg.store import open_store
from kg.web.http.tokens import TokenFile
from tests.conftest import serving

NAME = URIRef("urn:test:name")


def test_an_update_store_writes_and_reads(settings: Settings, tmp_path: Path) -> None:
    with open_store(settings):
        pass
    token = TokenFile(tmp_path / "tokens").new("rdflib", ("update",))
    with serving(settings, KG_TOKENS=str(tmp_path / "tokens"), KG_DEFAULT_GRAPH="own") as service:
        address = f"{service.url}/sparql"
        stranger = Graph(SPARQLUpdateStore(address, address, autocommit=True), identifier=DEFAULT)
        with pytest.raises(OSError, match="401"):
            stranger.add((URIRef("urn:test:a"), NAME, Literal("a")))
        store = SPARQLUpdateStore(address, address, headers={"Authorization": f"Bearer {token}"}, autocommit=False)
        graph = Graph(store, identifier=DEFAULT)
        for n in range(20):
            graph.add((URIRef(f"urn:test:{n}"), NAME, Literal(f'Nº {n} "quoted"', lang="en")))
        store.commit()
        assert len(graph) == 20
        assert set(graph.objects(URIRef("urn:test:7"), NAME)) == {Literal('Nº 7 "quoted"', lang="en")}
        graph.remove((URIRef("urn:test:7"), None, None))
        store.commit()
        assert (URIRef("urn:test:7"), NAME, None) not in graph
        assert len(graph) == 19
