"""Other stores' SERVICE asks this endpoint."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.config import Settings
from kg.store import open_store
from tests.conftest import Served
from tests.store.servers import Remote, oxigraph, virtuoso

RESULTS = "application/sparql-results+json"
INNER = (
    "?meeting a <https://w3id.org/diplomatic-kg/ontology#Meeting> ; <http://www.w3.org/2000/01/rdf-schema#label> ?what"
)


def _asked(url: str, query: str, user: tuple[str, str] | None = None) -> list[str]:
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    if user:
        passwords.add_password(None, url, *user)
    opener = urllib.request.build_opener(urllib.request.HTTPDigestAuthHandler(passwords))
    form = urllib.parse.urlencode({"query": query}).encode()
    with opener.open(urllib.request.Request(url, form, {"Accept": RESULTS}), timeout=60) as reply:
        return sorted(row["what"]["value"] for row in json.load(reply)["results"]["bindings"])


def _federated(server: Remote, query: str) -> list[str]:
    """An answer of a server; Virtuoso lets SERVICE be used by those who may write alone."""
    if server.name == "virtuoso":
        return _asked(server.settings["remote_update"], query, ("dba", "dba"))
    return _asked(server.settings["remote_query"], query)


@pytest.mark.parametrize("server", [oxigraph, virtuoso], ids=["oxigraph", "virtuoso"])
def test_another_store_takes_in_what_this_one_has(server: object, service: Served, tmp_path: Path) -> None:
    own = _asked(f"{service.url}/sparql", f"SELECT DISTINCT ?what {{ {INNER} }}")
    assert own
    assert callable(server)
    with server(tmp_path / "other") as other:
        federated = f"SELECT DISTINCT ?what {{ SERVICE <{service.url}/sparql> {{ {INNER} }} }}"
        assert _federated(other, federated) == own
        # joined with what is known there alone
        reply = service.get(
            "/sparql?" + urllib.parse.urlencode({"query": f"SELECT * {{ {INNER} }} ORDER BY ?what LIMIT 1"})
        )
        (first,) = json.loads(reply.body)["results"]["bindings"]
        graph, meeting = ox.NamedNode("urn:notes"), ox.NamedNode(first["meeting"]["value"])
        with open_store(Settings(store=tmp_path / "none", **other.settings)) as store:
            store.replace_graphs({graph: [ox.Quad(meeting, ox.NamedNode("urn:noted"), ox.Literal("here"), graph)]})
        noted = "GRAPH <urn:notes> { ?meeting <urn:noted> ?note }"
        joined = f"SELECT DISTINCT ?what {{ {noted} SERVICE <{service.url}/sparql> {{ {INNER} }} }}"
        assert _federated(other, joined) == [first["what"]["value"]]
