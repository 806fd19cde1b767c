"""The views in others' vocabularies: CONSTRUCT queries of the ontology, each with its sentence in English on the first line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import pyoxigraph as ox

from kg.errors import QueryError
from kg.triples.vocab import named, ontology, ontology_folder

#: What a view reads of the ontology: correspondences, and the names of codes and topics.
_READ = frozenset(map(named, ("rdfs:subClassOf", "rdfs:subPropertyOf", "rdfs:label", "skos:closeMatch")))


@dataclass(frozen=True)
class View:
    """One view: its name in addresses, what it shows in a sentence, and its query."""

    name: str
    title: str
    query: str


@cache
def views() -> tuple[View, ...]:
    """All views, in the order of their names."""
    found = []
    for path in sorted((ontology_folder() / "views").glob("*.rq")):
        text = path.read_text(encoding="utf-8")
        found.append(View(path.stem, text.splitlines()[0].lstrip("# "), text))
    return tuple(found)


def view(name: str) -> View:
    """The view of a name.

    Raises:
        QueryError: there is none; the message lists them.
    """
    for found in views():
        if found.name == name:
            return found
    raise QueryError(f"There is no view {name!r}; there are {', '.join(v.name for v in views())}.")


@cache
def _correspondences() -> tuple[ox.Quad, ...]:
    return tuple(ox.Quad(t.subject, t.predicate, t.object) for t in ontology() if t.predicate in _READ)


def seen(shown: View, triples: Iterable[ox.Triple]) -> set[ox.Triple]:
    """What a view shows of some triples alone, as if they were all of the graph."""
    store = ox.Store()
    store.extend(_correspondences())
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    found = store.query(shown.query)
    assert isinstance(found, ox.QueryTriples)
    return set(found)
