"""What the rest of the program calls of a store, whichever back-end it has, and what both back-ends share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox

from kg.errors import KgError, StoreError
from kg.store.documents import Document

GraphName = ox.NamedNode | ox.DefaultGraph
QueryResults = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


class StoreGoneError(StoreError):
    """The remote store cannot be reached, or says that it cannot serve.

    ``again`` is the number of seconds after which it says that it may be asked again.
    """

    again: float | None = None


class StoreAnswerError(StoreError):
    """The remote store gave an answer that is none: a failure of its own, or one that is cut."""


class StoreTimeoutError(StoreError):
    """The remote store took longer than it may."""


class AnswerSizeError(KgError):
    """An answer has more bytes or rows than the remote store gives or this program takes."""


class Store(Protocol):
    """One open store: what the command line and ingestion call."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def replace_graphs(self, graphs: Mapping[ox.NamedNode, Sequence[ox.Quad]]) -> None:
        """Put named graphs in the place of what they held before; one without quads is dropped."""

    def remove_graphs(self, graphs: Sequence[ox.NamedNode]) -> None:
        """Drop named graphs; those that are not there are passed over."""

    def update(self, text: str, base: str | None = None) -> None:
        """Run one SPARQL Update request."""

    def has_graph(self, graph: GraphName) -> bool:
        """Whether there is such a graph; the default one always is."""

    def graphs(self) -> list[ox.NamedNode]:
        """The named graphs, in the order of their IRIs."""

    def graph_quads(self, graph: ox.NamedNode) -> list[ox.Quad]:
        """The quads of a named graph in the order of their N-Quads lines."""

    def graph_triples(self, graph: GraphName) -> Iterable[ox.Triple]:
        """The triples of a graph, in no order."""

    def quads(self) -> Iterator[ox.Quad]:
        """All quads, graph by graph, in a fixed order."""

    def query(self, text: str, prefixes: Mapping[str, str] | None = None) -> QueryResults:
        """Evaluate a SPARQL query over the union of all graphs."""


class State(Protocol):
    """One state of a store, as a service reads it. ``origin`` and ``generation`` together name it."""

    @property
    def generation(self) -> int:
        """Rises with what is written."""

    @property
    def origin(self) -> str:
        """Tells this store from another in its place."""

    @property
    def home(self) -> Path | None:
        """Folder of what lies beside the store in this state; None for a remote one."""

    @property
    def store(self) -> ox.Store | None:
        """All of it, where it is at hand; else it is read by ``triples`` and ``graph``."""

    def triples(self, text: str) -> Iterator[ox.Triple]:
        """The rows of one of the program's own queries over the union of all graphs, SELECT ?s ?p ?o."""

    def rows(self, text: str) -> Iterator[ox.QuerySolution]:
        """The rows of one of the program's own queries, SELECT, over the union of all graphs; the usual prefixes are known."""

    def graph(self, graph: GraphName, most: int) -> list[ox.Triple] | None:
        """A graph's triples, at most so many; None where there is no such graph."""

    def knows(self, node: ox.NamedNode) -> bool:
        """Whether anything is said about a thing, or it is a named graph."""

    def changed(self, since: int) -> frozenset[str] | None:
        """The graphs written since a generation of the same origin; None where that is not known."""

    def prints(self) -> dict[str, str]:
        """Each named graph with some signs that are others when its content is; looks at all of the store."""


class States(Protocol):
    """Keeps the newest state."""

    def current(self) -> State:
        """The newest state that could be had; what this service itself has acknowledged is in it."""

    def settled(self) -> State | None:
        """The same, where it is known without looking at the store: at once, or None."""

    def close(self) -> None:
        """Give back what it holds."""


class GraphWriter(Protocol):
    """How a service writes: one request after the other."""

    #: Number of acknowledged writes.
    acknowledged: int

    def update(self, text: str, base: str, graphs: Sequence[str] | None = None) -> None:
        """Run a SPARQL Update request; ``graphs`` are all that it may write, where that is known."""

    def put(
        self,
        graph: str | None,
        documents: Sequence[Document],
        base: str,
        *,
        replace: bool,
        if_match: Sequence[str] | None = None,
        if_none_match: Sequence[str] | None = None,
    ) -> bool:
        """Put documents' triples into a graph, all or none, or in the place of what it holds; whether it was there before."""

    def delete(self, graph: str | None, *, if_match: Sequence[str] | None = None) -> bool:
        """Drop a graph; whether it was there."""

    def break_off(self) -> None:
        """End the write that is under way, unacknowledged, as far as that can be done from here: the service ends."""

    def close(self) -> None:
        """Give back what it holds."""


def content_print(triples: Iterable[ox.Triple]) -> str:
    """16 hexadecimal digits that tell a graph's content, whatever the order of its triples: the sum of pyoxigraph's hashes.

    Quicker than ``graph_digest`` and good for comparing states of one store alone: another version of pyoxigraph may give others.
    """
    return f"{sum(map(hash, triples)) % (1 << 64):016x}"


def replacing(graphs: Mapping[ox.NamedNode, Sequence[ox.Quad]]) -> str:
    """The update that puts graphs in the place of what they held.

    Where a server does not run it as one transaction, the graph named last is gone first and there last: a record that
    stands there vouches for the graphs before it.
    """
    parts = [f"DROP SILENT GRAPH {graph}" for graph in reversed(list(graphs))]
    for graph, quads in graphs.items():
        if not quads:
            continue  # it is there no more
        triples = " .\n".join(str(quad.triple) for quad in quads)
        parts.append(f"INSERT DATA {{ GRAPH {graph} {{\n{triples}\n}} }}")
    return ";\n".join(parts)


def putting(graph: GraphName, triples: Sequence[ox.Triple], *, replace: bool) -> str:
    """The update that puts triples into a graph, or in the place of what it held; empty where there is nothing to do."""
    named = isinstance(graph, ox.NamedNode)
    name = f"GRAPH {graph}" if named else "DEFAULT"
    parts = [f"DROP SILENT {name}"] if replace else []
    parts += [f"CREATE SILENT {name}"] if named else []
    if triples:
        lines = " .\n".join(map(str, triples))
        parts.append(f"INSERT DATA {{ GRAPH {graph} {{\n{lines}\n}} }}" if named else f"INSERT DATA {{\n{lines}\n}}")
    return ";\n".join(parts)


def dropping(graph: GraphName) -> str:
    """The update that drops a graph, or empties the default one."""
    return f"DROP SILENT GRAPH {graph}" if isinstance(graph, ox.NamedNode) else "DROP SILENT DEFAULT"


def graph_name(name: str | None) -> GraphName:
    """A graph by its IRI; the default one for None."""
    return ox.NamedNode(name) if name else ox.DefaultGraph()


def unmet(wanted: Sequence[str] | None, unwanted: Sequence[str] | None, tag: str | None) -> str | None:
    """What is wrong with If-Match and If-None-Match (RFC 9110, section 13.1) for a graph of this tag (None: it is not there)."""
    if wanted is not None and (tag is None or not {"*", tag} & set(wanted)):
        return "The graph is not in the state that If-Match names; read it again."
    if unwanted is not None and tag is not None and {"*", tag} & set(unwanted):
        return "The graph is there already."
    return None
