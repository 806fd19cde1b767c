"""A store behind SPARQL 1.1 addresses: any server with Query, Update and the Graph Store Protocol."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyoxigraph as ox

from kg.config import Settings
from kg.errors import QueryError, StoreError
from kg.store.base import AnswerSizeError, GraphName, QueryResults, StoreAnswerError, dropping, putting, replacing
from kg.store.endpoint import TRIPLES, Endpoint, Reply, mended, moved, with_prologue
from kg.triples.vocab import PREFIXES

#: Triples that go into one update request: Virtuoso's compiler runs out of memory at about 5,000.
MOST_IN_UPDATE = 2_000
#: Graphs that Virtuoso keeps for itself.
_ITS_OWN = ("http://www.openlinksw.com/schemas/", "http://www.w3.org/ns/ldp#", "http://localuriqaserver/")
_FORM = re.compile(r"(?<![\w?$:.-])(?:SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE)
_TEMPLATE = re.compile(r"\s*\{[^}]*\}")
_ASIDE = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\''
    r'|<[^<>"{}|^`\\\s]*>|\#[^\n]*',
    re.DOTALL,
)
_GRAPHS = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
_CONTENTS = (
    "SELECT ?g (COUNT(*) AS ?n) (SUM(STRLEN(STR(?s)) + STRLEN(STR(?o))) AS ?l) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
)
_TIMES = f"SELECT ?g ?t {{ ?g <{PREFIXES['prov']}generatedAtTime> ?t }}"


def results(reply: Reply) -> ox.QuerySolutions | ox.QueryBoolean:
    """Rows, or a boolean, of an answer. That it is whole shows when the last row has been read."""
    try:
        return ox.parse_query_results(mended(reply), format=ox.QueryResultsFormat.JSON)
    except (SyntaxError, ValueError) as error:
        raise StoreAnswerError(f"The remote store's answer cannot be read: {error}.") from None


def triples_of(reply: Reply) -> list[ox.Triple]:
    """The triples of an answer.

    Raises:
        StoreAnswerError: it is cut, or is no RDF.
    """
    form = ox.RdfFormat.from_media_type(reply.media_type)
    if form is None:
        raise StoreAnswerError(f"The remote store's answer is {reply.media_type}, which is no format of RDF.")
    try:
        return [quad.triple for quad in ox.parse(reply.body, format=form)]
    except (SyntaxError, ValueError) as error:
        raise StoreAnswerError(f"The remote store's answer is cut, or is no RDF: {error}.") from None


class RemoteStore:
    """One remote store. Use ``open_store``.

    Args:
        patient: see ``kg.store.endpoint.Endpoint``.
    """

    def __init__(self, settings: Settings, *, patient: bool = False) -> None:
        self.endpoint = Endpoint(settings, patient=patient)
        self.name = settings.remote_query

    def update(self, text: str, base: str | None = None) -> None:
        """Run one SPARQL Update request; whether as one transaction is the server's affair.

        Raises:
            QueryError: the server says that it is malformed.
            StoreError: it was not run, or it is not known whether it was.
        """
        if base is None:
            self.endpoint.update(text)
            return
        try:
            self.endpoint.update(with_prologue(f"BASE <{base}>", text))
        except QueryError as error:
            raise moved(error) from None

    def _own_update(self, text: str) -> None:
        try:
            self.update(text)
        except QueryError as error:
            raise StoreError(f"The remote store cannot be written: {str(error).rstrip('.')}.") from None

    def _write_graph(self, graph: GraphName, triples: Sequence[ox.Triple], *, replace: bool) -> None:
        if not self.endpoint.graphs:
            raise StoreError("The graph is too large for one update, and the setting remote_graphs is empty.")
        body = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
        name = graph.value if isinstance(graph, ox.NamedNode) else None
        try:
            self.endpoint.write_graph("PUT" if replace else "POST", name, body)
        except QueryError as error:
            raise StoreError(f"The remote store cannot be written: {str(error).rstrip('.')}.") from None

    def replace_graphs(self, graphs: Mapping[ox.NamedNode, Sequence[ox.Quad]]) -> None:
        """Put named graphs in the place of what they held: in one update where they fit, else graph by graph.

        Raises:
            StoreError: not everything was written, and why.
        """
        if sum(map(len, graphs.values())) <= MOST_IN_UPDATE:
            self._own_update(replacing(graphs))
            return
        *_, last = graphs
        self._own_update(dropping(last))
        for graph, quads in graphs.items():
            if not quads:
                self._own_update(dropping(graph))
                continue
            self._write_graph(graph, [quad.triple for quad in quads], replace=True)

    def remove_graphs(self, graphs: Sequence[ox.NamedNode]) -> None:
        """Drop named graphs; those that are not there are passed over. Raises StoreError."""
        self._own_update(";\n".join(dropping(graph) for graph in reversed(graphs)))

    def put(self, graph: GraphName, triples: Sequence[ox.Triple], *, replace: bool) -> None:
        """Put triples into a graph, or in the place of what it held. Raises StoreError."""
        if len(triples) > MOST_IN_UPDATE:
            self._write_graph(graph, triples, replace=replace)
        elif text := putting(graph, triples, replace=replace):
            self._own_update(text)

    def drop(self, graph: GraphName) -> None:
        """Drop a graph, or empty the default one. Raises StoreError."""
        self._own_update(dropping(graph))

    def ask(self, text: str, *, union: bool = True) -> bool:
        """Answer one of the program's own ASK queries."""
        found = results(self.endpoint.query(text, union=union))
        if not isinstance(found, ox.QueryBoolean):
            raise StoreAnswerError("The remote store answers ASK with rows.")
        return bool(found)

    def rows(self, text: str, *, union: bool = True) -> Iterator[ox.QuerySolution]:
        """All rows of one of the program's own SELECT queries, page by page where the server cuts them.

        Raises:
            StoreAnswerError: an answer is cut and the server does not say so.
        """
        page, offset = text, 0
        while True:
            reply = self.endpoint.query(page, union=union)
            found = list(whole_rows(replace(reply, cut=0)))
            yield from found
            if not reply.cut or len(found) < reply.cut:
                return
            offset += len(found)
            page = f"{text} LIMIT {reply.cut} OFFSET {offset}"

    def triples(self, text: str, *, union: bool = True) -> Iterator[ox.Triple]:
        """The rows of a query SELECT ?s ?p ?o as triples."""
        for row in self.rows(text, union=union):
            subject, predicate, value = row["s"], row["p"], row["o"]
            assert isinstance(subject, ox.NamedNode | ox.BlankNode) and isinstance(predicate, ox.NamedNode)
            assert isinstance(value, ox.NamedNode | ox.BlankNode | ox.Literal)
            yield ox.Triple(subject, predicate, value)

    def graph_triples(self, graph: GraphName, most: int | None = None) -> list[ox.Triple]:
        """The triples of a graph, in no order, at most so many."""
        inner = f"GRAPH {graph} {{ ?s ?p ?o }}" if isinstance(graph, ox.NamedNode) else "?s ?p ?o"
        found = []
        for triple in self.triples(f"SELECT ?s ?p ?o {{ {inner} }}", union=False):
            found.append(triple)
            if most is not None and len(found) == most:
                break
        return found

    def has_default_graph(self) -> bool:
        """Whether the server has a default graph of its own: Virtuoso's is the union of the others."""
        return not self.endpoint.query("ASK {}", union=False).virtuoso

    def has_graph(self, graph: GraphName) -> bool:
        """Whether a graph holds anything; the default one always is there."""
        return isinstance(graph, ox.DefaultGraph) or self.ask(f"ASK {{ GRAPH {graph} {{ ?s ?p ?o }} }}")

    def graphs(self) -> list[ox.NamedNode]:
        """The named graphs that hold anything, in the order of their IRIs, without those a server keeps for itself."""
        found = [row["g"] for row in self.rows(_GRAPHS)]
        named = (g for g in found if isinstance(g, ox.NamedNode) and not g.value.startswith(_ITS_OWN))
        return sorted(named, key=lambda graph: graph.value)

    def prints(self) -> dict[str, str]:
        """Each named graph with the number of its triples, the length of their ends, and when it was ingested.

        What keeps all three (a letter for a letter, written by others than ``kg ingest``) is not told apart.
        """
        found = {row["g"].value: f"{row['n'].value} {row['l'].value}" for row in self.rows(_CONTENTS)}
        for row in self.rows(_TIMES):
            if (graph := row["g"].value) in found:
                found[graph] += f" {row['t'].value}"
        return {graph: told for graph, told in found.items() if not graph.startswith(_ITS_OWN)}

    def graph_quads(self, graph: ox.NamedNode) -> list[ox.Quad]:
        """The quads of a named graph in the order of their N-Quads lines; none where there is no such graph."""
        found = {ox.Quad(t.subject, t.predicate, t.object, graph) for t in self.graph_triples(graph)}
        return sorted(found, key=str)

    def quads(self) -> Iterator[ox.Quad]:
        """All quads, graph by graph, in a fixed order."""
        for graph in self.graphs():
            yield from self.graph_quads(graph)

    def query(self, text: str, prefixes: Mapping[str, str] | None = None) -> QueryResults:
        """Evaluate a SPARQL query over the union of all graphs.

        Raises:
            QueryError: it is malformed; the message tells where.
            StoreError: there is no whole answer, and why.
        """
        whole = declared(text, prefixes or {})
        first = _FORM.search(_masked(text))
        try:
            if first and first[0].upper() in ("CONSTRUCT", "DESCRIBE"):
                return _as_triples(graph_answer(self.endpoint, whole))
            reply = self.endpoint.query(whole)
        except QueryError as error:
            raise QueryError(f"The query is not SPARQL: {str(moved(error)).rstrip('.')}.") from None
        for _ in whole_rows(reply):
            pass  # its end must have been seen before its first row is shown
        return results(reply)


def declared(text: str, prefixes: Mapping[str, str]) -> str:
    """A query after one line that declares those of the prefixes that it uses."""
    used = ((name, iri) for name, iri in prefixes.items() if re.search(rf"\b{name}:", text))
    return with_prologue(" ".join(f"PREFIX {name}: <{iri}>" for name, iri in used), text)


def whole_rows(reply: Reply) -> Iterator[ox.QuerySolution]:
    """The rows of an answer; the last one comes only where its end is there and no row is missing.

    Raises:
        StoreAnswerError: it is cut.
        AnswerSizeError: the server says that it cut it.
    """
    found = results(reply)
    try:
        if isinstance(found, ox.QuerySolutions):
            yield from found
    except (SyntaxError, ValueError) as error:
        raise StoreAnswerError(f"The remote store's answer is cut, or is no SPARQL JSON: {error}.") from None
    if reply.cut:
        raise AnswerSizeError(f"The remote store gives {reply.cut:,} rows at most; ask for fewer, or page by page.")


def graph_answer(endpoint: Endpoint, text: str, **options: Any) -> list[ox.Triple]:
    """The triples that answer CONSTRUCT or DESCRIBE.

    Raises:
        AnswerSizeError: Virtuoso took only the first rows; of CONSTRUCT it does not say so: the rows behind it are asked for.
    """
    reply = endpoint.query(text, accept=TRIPLES, **options)
    found = triples_of(reply)
    form = _FORM.search(masked := _masked(text)) if reply.virtuoso else None
    if form and form[0].upper() == "CONSTRUCT":
        template = _TEMPLATE.match(masked, form.end())
        rest = text[template.end() if template else form.end() :]
        for _ in whole_rows(endpoint.query(f"{text[: form.start()]}SELECT (1 AS ?row) {rest}", **options)):
            pass
    return found


def _masked(text: str) -> str:
    """A query in which no word stands in a string, a comment or an IRI; as long as the query."""
    return _ASIDE.sub(lambda found: "~" * len(found[0]), text)


def _as_triples(triples: Sequence[ox.Triple]) -> ox.QueryTriples:
    """Triples as the answer to a query, which pyoxigraph makes of queries alone."""
    local = ox.Store()
    local.extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    found = local.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    assert isinstance(found, ox.QueryTriples)
    return found
