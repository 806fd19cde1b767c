"""What the data of a thing need, out of a store that is not at hand: some ten queries, then read as ever.

Each function gives a ``GraphView``. On the embedded store that is all of it; of a remote one the triples around a thing are
fetched into a store in memory, so that the views need not know where they come from. The number of queries does not grow
with the graph: what there can be many of is asked for in lots of some hundreds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.store import State
from kg.triples.vocab import named, term
from kg.web.views.facts import FACTS
from kg.web.views.graph_view import LABEL, TYPE, GraphView, Node

#: Larger graphs than this are not read into memory.
MOST_TRIPLES = 200_000
#: Things that one query names.
_LOT = 400
#: What leads from a thing to one that speaks for it, lies in it or is a part of it: so many steps of these are followed.
_LINKS = [str(named(name)) for name in ("dipl:officeOf", "schema:containedInPlace", "dipl:actsFor", "skos:broader")]
_STEPS = 2
_PART, _DERIVED = named("dipl:participation"), named("prov:wasDerivedFrom")
_INNER = ("dipl:participation", "dipl:evidence")
#: More facts than this are not read for the data of one thing.
MOST_FACTS = 200


class _Gathered:
    """A store in memory that is filled from another one."""

    def __init__(self, state: State) -> None:
        self._state, self.store = state, ox.Store()
        self.view = GraphView(self.store)

    def take(self, text: str, graph: Node | None = None) -> None:
        """The triples of a query, SELECT ?s ?p ?o."""
        name = graph or ox.DefaultGraph()
        self.store.extend(ox.Quad(t.subject, t.predicate, t.object, name) for t in self._state.triples(text))

    def take_graph(self, graph: Node) -> None:
        """A named graph, where there is one."""
        self.store.extend(
            ox.Quad(t.subject, t.predicate, t.object, graph) for t in self._state.graph(graph, MOST_TRIPLES) or ()
        )

    def take_about(self, things: Iterable[Node], predicate: Node | None = None) -> None:
        """All triples about some things, or those of one property."""
        for lot in _lots(things):
            bound = f"VALUES ?p {{ {predicate} }} " if predicate else ""
            self.take(f"SELECT DISTINCT ?s ?p ?o {{ VALUES ?s {{ {lot} }} {bound}?s ?p ?o }}")

    def take_pointing_to(self, things: Iterable[Node], predicates: Iterable[str] = ()) -> None:
        """What points to some things, by certain properties or by any."""
        bound = f"VALUES ?p {{ {' '.join(predicates)} }} " if predicates else ""
        for lot in _lots(things):
            self.take(f"SELECT DISTINCT ?s ?p ?o {{ VALUES ?o {{ {lot} }} {bound}?s ?p ?o }}")

    def take_kinds(self, things: Iterable[Node]) -> None:
        """The facts that point to some things, themselves or by a part of them."""
        kinds = " ".join(str(term(name)) for name in FACTS)
        for lot in _lots(things):
            for whole in ("?s ?a ?c", f"?s {_PART} ?b . ?b ?a ?c"):
                self.take(
                    f"SELECT DISTINCT ?s ({TYPE} AS ?p) ?o "
                    f"{{ VALUES ?c {{ {lot} }} {whole} . ?s {TYPE} ?o . VALUES ?o {{ {kinds} }} }}"
                )

    def take_labels(self) -> None:
        """The labels and classes of everything that is spoken of, as far as it is not here."""
        ends = {n for q in self.store for n in (q.subject, q.predicate, q.object) if isinstance(n, Node)}
        known = {q.subject for q in self.store.quads_for_pattern(None, LABEL, None, None)}
        self.take_about(ends - known, LABEL)
        typed = {q.subject for q in self.store.quads_for_pattern(None, TYPE, None, None)}
        self.take_about({n for n in ends - typed if "/id/" in n.value}, TYPE)

    def take_facts(self, facts: Iterable[Node]) -> None:
        """Facts with their parts and the passages that support them."""
        chosen = list(facts)
        self.take_about(chosen)
        inner = {n for fact in chosen for name in _INNER for n in self.view.nodes(fact, name)}
        self.take_about(inner)
        self.take_about({s for n in inner for s in self.view.nodes(n, "oa:hasSelector")})


def _lots(things: Iterable[Node]) -> Iterator[str]:
    names = sorted({str(thing) for thing in things})
    for start in range(0, len(names), _LOT):
        yield " ".join(names[start : start + _LOT])


def around(state: State, node: Node) -> GraphView:
    """What the data of a thing show; a view in which the thing does not exist where nothing is said about it."""
    if state.store is not None:
        return GraphView(state.store)
    found = _Gathered(state)
    found.take_about([node])
    near = {node}
    step = {node}
    for _ in range(_STEPS):
        found.take_pointing_to(step, _LINKS)
        step = {s for n in step for s, p in found.view.incoming(n) if str(p) in _LINKS} - near
        near |= step
    found.take_pointing_to(near)
    found.take_graph(node)
    if found.view.is_a(node, "Article"):
        for subject, predicate in found.view.incoming(node):
            if predicate == _DERIVED:
                found.take_graph(subject)
    found.take_kinds(near)
    facts = {fact for name in FACTS for fact in found.view.instances(name)} - {node}
    found.take_facts([node, *sorted(facts, key=lambda fact: fact.value)[:MOST_FACTS]])
    found.take_labels()
    return found.view
