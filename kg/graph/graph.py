"""One graph, opened for reading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from html import escape
from pathlib import Path
from textwrap import shorten
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyoxigraph as ox

from kg.errors import QueryError
from kg.graph import selecting
from kg.graph.binding import bound
from kg.graph.frames import events_frame, extra, solutions_frame
from kg.graph.network import network
from kg.graph.opening import base_of, open_source
from kg.graph.statements import statements_frame
from kg.graph.timeline import Timeline, timeline
from kg.sparql.questions import fill, question, questions, terms
from kg.tables.columns import Row
from kg.triples.iris import Iris
from kg.triples.vocab import PREFIXES, term

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    import rdflib

Day = str | dt.date
#: What a graph shows of itself: name, and class of the ontology.
_COUNTED = ("Article", "Event", "Statement", "Person", "Organization", "Instrument")


class Graph:
    """A graph of diplomatic events, read from a store, a dump or an endpoint, with the same answers from each.

    Args:
        source: the folder of a store, the file of a dump (.nq, .trig or .jsonld, with .gz or .zst or not), or the address of a
            SPARQL endpoint. A store is read as it is at this moment, also while a service writes it; dumps are read into memory.
        base_iri: what the graph's IRIs begin with; found in the graph unless it is given.
        timeout: seconds after which an endpoint's answer is given up.

    Raises:
        SourceError: there is no graph.
        StoreError: the store stays in use by a writer; the endpoint cannot be reached.
    """

    def __init__(self, source: str | Path = "var/store", *, base_iri: str | None = None, timeout: float = 60.0) -> None:
        self.source = str(source)
        self._stack = ExitStack()
        try:
            self._reading = open_source(self.source, self._stack, timeout)
            self._iris = Iris(base_iri or base_of(self._reading))
        except BaseException:
            self._stack.close()
            raise

    def close(self) -> None:
        """Give back what was opened; the graph answers no more."""
        self._reading = _Closed()
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def base_iri(self) -> str:
        """What the graph's IRIs begin with."""
        return self._iris.base

    def _selected(
        self,
        kind: ox.NamedNode,
        *,
        actor: str | None = None,
        since: Day | None = None,
        until: Day | None = None,
        topic: str | None = None,
        modality: str | None = None,
        least_confidence: float | None = None,
    ) -> list[tuple[ox.NamedNode, ox.NamedNode]]:
        patterns = selecting.conditions(
            self._reading,
            self._iris,
            actor=actor,
            since=since,
            until=until,
            topic=topic,
            modality=modality,
            least_confidence=least_confidence,
        )
        return selecting.select(self._reading, self._iris, kind, patterns)

    def _events(self, type: str | None, filters: dict[str, Any]) -> list[tuple[ox.NamedNode, ox.NamedNode]]:  # noqa: A002
        return self._selected(selecting.event_class(type), **filters)

    def _rows(self, type: str | None, filters: dict[str, Any]) -> Iterator[Row]:  # noqa: A002
        return selecting.table(self._reading, self._iris, self._events(type, filters))

    def events(self, *, type: str | None = None, **filters: Any) -> pd.DataFrame:  # noqa: A002
        """The event table: a row for each event and dyad; ``docs/event-table.md`` tells the columns.

        Args:
            type: a class of events: "Meeting", "Sanction"; those below it count.
            actor: who takes part, or for whom: a code ("KHM", "ASEAN"), a name, an IRI.
            since, until: days between which it can have been; events without a day are left out.
            topic: a topic's key ("trade"); those below it count.
            modality: "actual", "planned", "possible" or "negated".
            least_confidence: how sure the extractor is at least, from 0 to 1.

        Raises:
            QueryError: a filter's value means nothing in this graph.
            MissingExtraError: pandas is not installed.
        """
        extra("pandas")
        return events_frame(self._rows(type, filters))

    def statements(self, **filters: Any) -> pd.DataFrame:
        """What was said: a row for each statement. Filters as for ``events``, but ``type`` and ``modality``; ``actor`` is any
        who take part, the speaker or one spoken to.

        Raises:
            QueryError: a filter's value means nothing in this graph.
            MissingExtraError: pandas is not installed.
        """
        extra("pandas")
        if "modality" in filters:
            raise QueryError("Statements have no modality.")
        return statements_frame(self._reading, self._iris, self._selected(term("Statement"), **filters))

    def query(self, sparql: str, **bindings: object) -> Any:
        """Ask in SPARQL; the usual prefixes are known. SELECT gives a DataFrame, ASK a bool, CONSTRUCT an rdflib graph.

        Args:
            bindings: values of variables: ``query("SELECT ?e { ?e dipl:topic ?t }", t="https://…")``.

        Raises:
            QueryError: it is malformed, or has no such variable.
            MissingExtraError: pandas is not installed.
        """
        text = bound(sparql, bindings)
        try:
            found = self._reading.query(text, PREFIXES)
        except QueryError as error:
            raise QueryError(
                shorten(str(error), 300, placeholder=" …")
            ) from None  # engines list all that they had expected
        if isinstance(found, ox.QueryBoolean):
            return bool(found)
        if isinstance(found, ox.QueryTriples):
            return _in_rdflib(found.serialize(format=ox.RdfFormat.N_TRIPLES) or b"", "nt")
        return solutions_frame(found)

    def ask(self, name: str, **parameters: object) -> pd.DataFrame:
        """Ask one of the questions that come with the ontology: ``ask("who-met-whom", since="2016-01-01")``.

        ``questions()`` lists them with their parameters.

        Raises:
            QueryError: there is no such question or parameter, or a value means nothing in this graph.
            MissingExtraError: pandas is not installed.
        """
        asked = question(name.replace("_", "-"))
        if asked is None:
            raise QueryError(f"There is no question {name!r}; there are {', '.join(q.name for q in questions())}.")
        known = {p.name: p for p in asked.parameters}
        values = {
            key: terms(known[key], str(value), self._named, self._coded) if key in known else ()
            for key, value in parameters.items()
        }
        found = self._reading.query(fill(asked, values), PREFIXES)
        assert isinstance(found, ox.QuerySolutions)
        return solutions_frame(found)

    def _named(self, text: str) -> list[ox.NamedNode]:
        return selecting.actors(self._reading, self._iris, text)

    def _coded(self, text: str) -> list[str]:
        return [node.value.rpartition("/")[2] for node in self._named(text) if "/id/state/" in node.value]

    @staticmethod
    def questions() -> pd.DataFrame:
        """The questions that ``ask`` knows. Raises MissingExtraError."""
        rows = [(q.name, q.words, ", ".join(f"{p.name} ({p.kind})" for p in q.parameters)) for q in questions()]
        found: pd.DataFrame = extra("pandas").DataFrame(rows, columns=["name", "question", "parameters"])
        return found

    def to_networkx(self, *, of: str = "actor", type: str | None = None, **filters: Any) -> nx.MultiDiGraph:  # noqa: A002
        """Who deals with whom: an edge for each event and dyad that has a source and a target.

        Args:
            of: "actor" for a node for each actor, "party" for one for each state or body that they act for.
            type, filters: as for ``events``.

        Raises:
            QueryError: a filter's value means nothing in this graph.
            MissingExtraError: networkx is not installed.
        """
        extra("networkx")
        return network(self._rows(type, filters), of)

    def to_rdflib(self, graph: str | None = None) -> rdflib.Graph:
        """All of it as an ``rdflib.Dataset``, or one named graph as an ``rdflib.Graph``: in memory, some 1,500 bytes a quad.

        Raises:
            QueryError: there is no such graph.
        """
        if graph is None:
            lines = (f"{quad} .\n" for name in self._graphs() for quad in self._quads(name))
            return _in_rdflib("".join(lines).encode(), "nquads")
        if graph not in {name.value for name in self._graphs()}:
            raise QueryError(f"There is no graph <{graph}>.")
        lines = (f"{quad.triple} .\n" for quad in self._quads(ox.NamedNode(graph)))
        return _in_rdflib("".join(lines).encode(), "nt")

    def _graphs(self) -> list[ox.NamedNode]:
        rows = selecting.rows_of(self._reading, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")
        return sorted((row["g"] for row in rows), key=lambda node: node.value)

    def _quads(self, graph: ox.NamedNode) -> Iterator[ox.Quad]:
        for row in selecting.rows_of(self._reading, f"SELECT ?s ?p ?o {{ GRAPH {graph} {{ ?s ?p ?o }} }}"):
            yield ox.Quad(row["s"], row["p"], row["o"], graph)

    def timeline(self, *, type: str | None = None, **filters: Any) -> Timeline:  # noqa: A002
        """Events over time, as a picture that Jupyter shows. Filters as for ``events``.

        Raises:
            QueryError: a filter's value means nothing in this graph.
        """
        return timeline(self._reading, self.base_iri, self._events(type, filters))

    def __repr__(self) -> str:
        return f"Graph({self.source!r})"

    def _repr_html_(self) -> str:
        kinds = " ".join(str(term(name)) for name in _COUNTED)
        query = (
            f"SELECT ?kind (COUNT(DISTINCT ?x) AS ?number) {{ VALUES ?kind {{ {kinds} }} ?x a ?kind }} GROUP BY ?kind"
        )
        counts = {row["kind"]: int(row["number"].value) for row in selecting.rows_of(self._reading, query)}
        cells = "".join(f"<tr><th>{name}</th><td>{counts.get(term(name), 0):,}</td></tr>" for name in _COUNTED)
        return f"<table><caption>{escape(self.source)}</caption><tbody>{cells}</tbody></table>"


class _Closed:
    """In the place of what was opened."""

    def query(self, text: str, prefixes: Any = None) -> Any:  # noqa: ARG002
        """Raises QueryError."""
        raise QueryError("The graph is closed.")


def _in_rdflib(data: bytes, form: str) -> rdflib.Graph:
    import rdflib as library

    made: rdflib.Graph = library.Dataset() if form == "nquads" else library.Graph()
    return made.parse(data=data, format=form)
