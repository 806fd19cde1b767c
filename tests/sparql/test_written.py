"""Which graphs an update may write: never fewer than the engine writes."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.sparql import graphs_written
from kg.store import Writer
from kg.store.changes import changed
from kg.store.embedded import generation

G, H = "http://e.org/g", "http://e.org/h"
TOLD = {
    f"INSERT DATA {{ GRAPH <{G}> {{ <urn:s> <urn:p> 1 }} }}": {"", G},
    f"PREFIX e: <http://e.org/> INSERT DATA {{ GRAPH <{G}> {{ e:s a e:T }} }} ; DROP SILENT GRAPH <{H}>": {"", G, H},
    f"WITH <{G}> DELETE {{ ?s ?p ?o }} INSERT {{ ?s ?p 2 }} WHERE {{ ?s ?p ?o }}": {"", G},
    f"DELETE {{ GRAPH <{G}> {{ ?s ?p ?o }} }} USING <{H}> USING NAMED <{H}> WHERE {{ GRAPH <{H}> {{ ?s ?p ?o }} }}": {
        "",
        G,
        H,
    },
    "INSERT DATA { <urn:s> <urn:p> 'GRAPH <urn:x> {' } # GRAPH <urn:y>": {""},
    "CLEAR DEFAULT": {""},
    f"CLEAR GRAPH <{H}>": {"", H},
    f"CREATE GRAPH <{G}x>": {"", f"{G}x"},
    f"DELETE WHERE {{ GRAPH <{H}> {{ ?s ?p ?o }} }}": {"", H},
    "INSERT { ?graph <urn:p> 1 } WHERE { ?graph ?p ?o }": {""},
}
NOT_TOLD = [
    "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }",
    "CLEAR ALL",
    "DROP NAMED",
    "CLEAR SILENT NAMED",
    f"COPY <{G}> TO <{H}>",
    f"MOVE <{G}> TO DEFAULT",
    f"ADD DEFAULT TO <{G}>",
    "PREFIX e: <http://e.org/> INSERT DATA { GRAPH e:g { <urn:s> <urn:p> 1 } }",
    "PREFIX e: <http://e.org/> INSERT DATA { GRAPHe:g { <urn:s> <urn:p> 1 } }",
    "PREFIX e: <http://e.org/> WITHe:g DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    f"DROPGRAPH <{G}>",
    f"INSERTDATA {{ GRAPH <{G}> {{ <urn:s> <urn:p> 1 }} }}",
    "BASE <http://e.org/> INSERT DATA { GRAPH <g> { <urn:s> <urn:p> 1 } }",
    "INSERT DATA { GRAPH <g> { <urn:s> <urn:p> 1 } }",
]


def _filled() -> ox.Store:
    store = ox.Store()
    for graph in (G, H):
        store.add(ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal(graph), ox.NamedNode(graph)))
    store.add(ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal("own")))
    return store


def _content(store: ox.Store) -> dict[str, frozenset[str]]:
    graphs = {"": ox.DefaultGraph()} | {g.value: g for g in store.named_graphs() if isinstance(g, ox.NamedNode)}
    return {
        name: frozenset(str(q.triple) for q in store.quads_for_pattern(None, None, None, g))
        for name, g in graphs.items()
    }


@pytest.mark.parametrize("update", TOLD, ids=str)
def test_what_is_told_is_all_that_is_written(update: str) -> None:
    told = graphs_written(update)
    assert told is not None
    assert set(told) == TOLD[update]
    store = _filled()
    before = _content(store)
    store.update(update)
    after = _content(store)
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} <= set(told)


@pytest.mark.parametrize("update", NOT_TOLD, ids=str)
def test_what_is_not_plain_is_not_told(update: str) -> None:
    assert graphs_written(update) is None


def test_a_store_notes_what_was_told(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "store", 30)
    try:
        writer.update("CLEAR ALL", "http://e.org/")
        first = generation(tmp_path / "store")
        update = f"INSERT DATA {{ GRAPH <{G}> {{ <urn:s> <urn:p> 1 }} }}"
        writer.update(update, "http://e.org/", graphs_written(update))
        second = generation(tmp_path / "store")
        assert changed(tmp_path / "store", first, second) == {"", G}
        writer.update("CLEAR ALL", "http://e.org/", graphs_written("CLEAR ALL"))
        assert changed(tmp_path / "store", second, generation(tmp_path / "store")) is None
    finally:
        writer.close()
