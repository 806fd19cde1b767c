"""What has come apart in a store: graphs without their record, passages that are not in their texts, links that lead nowhere.

The program writes none of that; a curator's update, a tool that wrote past it, a damaged disk or a bad backup may.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyoxigraph as ox

from kg.config import Settings
from kg.errors import StoreError
from kg.operating.findings import Findings
from kg.sources.bodies import FILE
from kg.store import Snapshot
from kg.triples.iris import Iris
from kg.triples.vocab import PREFIXES, named

_PASSAGES = """
SELECT ?passage ?exact ?start ?end { GRAPH $graph {
  ?passage oa:hasSelector ?quote , ?position . ?quote oa:exact ?exact . ?position oa:start ?start ; oa:end ?end } }
ORDER BY ?start ?end ?passage
"""
#: What an event across articles is drawn from, and each telling that no article's graph has.
_LOST = """
SELECT ?graph ?across ?event {
  GRAPH ?graph { ?across dipl:reportedAs ?event }
  FILTER NOT EXISTS { GRAPH ?article { ?event a dipl:Event } }
} ORDER BY ?graph ?across ?event
"""
_COUNTED = ("Event", "Statement", "EventAcrossArticles", "PersonAcrossArticles")


def check(snapshot: Snapshot, settings: Settings, findings: Findings) -> None:
    """Hold a state of the store against the rules of this program's graphs.

    Raises:
        StoreError: it cannot be read to its end.
    """
    store, iris = snapshot.store, Iris(settings.base_iri)
    graphs = sorted(g.value for g in store.named_graphs() if isinstance(g, ox.NamedNode))
    try:
        findings.extend(_records(store, graphs, iris))
        for graph in graphs:
            _graph(store, graph, iris, findings)
        findings.count(
            "quads in no graph", sum(1 for _ in store.quads_for_pattern(None, None, None, ox.DefaultGraph()))
        )
        for kind in _COUNTED:
            findings.count(
                f"dipl:{kind}",
                len({q.subject for q in store.quads_for_pattern(None, named("rdf:type"), named(f"dipl:{kind}"))}),
            )
        findings.extend(_lost(store))
        _texts(snapshot, settings, findings)
    except (OSError, RuntimeError) as error:
        raise StoreError(f"The store {settings.store} cannot be read to its end: {error}.") from None


def _records(store: ox.Store, graphs: list[str], iris: Iris) -> Iterator[str]:
    """Articles' graphs without the record of their ingestion, and the reverse; imports that broke off; another base IRI's."""
    article, record = iris.article_graph("").value, iris.ingestion_graph("").value
    articles = {g.removeprefix(article) for g in graphs if g.startswith(article)}
    records = {g.removeprefix(record) for g in graphs if g.startswith(record)}
    for key in sorted(articles - records):
        yield f"<{article}{key}> has no record of its ingestion."
    for key in sorted(records - articles):
        node, gone = iris.article_graph(key), named("prov:invalidatedAtTime")
        if next(store.quads_for_pattern(node, gone, None, iris.ingestion_graph(key)), None):
            continue  # it was taken out, and the record tells since when
        yield f"<{record}{key}> is the record of an article that is not there."
    for graph in graphs:
        if graph.startswith(f"{iris.base}graph/import/") and not _described(store, ox.NamedNode(graph)):
            yield f"<{graph}> is of an import that broke off: the same 'kg import' makes it whole."
        if "/graph/article/" in graph and not graph.startswith(article):
            yield f"<{graph}> is an article's graph under another base IRI than the setting base_iri."


def _described(store: ox.Store, graph: ox.NamedNode) -> bool:
    """Whether an imported graph has its description, which is written last."""
    kind = (named("rdf:type"), named("dipl:ImportedGraph"))
    return next(store.quads_for_pattern(graph, *kind, graph), None) is not None


def _graph(store: ox.Store, graph: str, iris: Iris, findings: Findings) -> None:
    """Count a graph's quads; in this program's own there is no blank node, and an article's is about that article."""
    own = graph.startswith(f"{iris.base}graph/") and graph != iris.graph("ontology").value
    article = graph.removeprefix(iris.article_graph("").value) if graph.startswith(iris.article_graph("").value) else ""
    about = ox.Triple(ox.NamedNode(graph), named("prov:wasDerivedFrom"), iris.article(article)) if article else None
    number = blank = 0
    for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(graph)):
        number += 1
        blank += isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode)
        about = None if quad.triple == about else about
    findings.count("graphs")
    findings.count("quads", number)
    if article:
        findings.count("articles")
    if own and blank:
        findings.add(f"<{graph}> has {blank:,} triples with blank nodes; this program writes none.")
    if about is not None:
        findings.add(f"<{graph}> does not say that it is read from {about.object}.")


def _lost(store: ox.Store) -> Iterator[str]:
    rows = store.query(_LOST, prefixes=PREFIXES)
    assert isinstance(rows, ox.QuerySolutions)
    for row in rows:
        yield f"{row['across']} is drawn from {row['event']}, which no graph tells of."


def _texts(snapshot: Snapshot, settings: Settings, findings: Findings) -> None:
    """Texts that are kept are those that were read, and each passage's words stand where it says."""
    iris, store = Iris(settings.base_iri), snapshot.store
    for key, packed in _kept(settings.store / FILE):
        graph = iris.article_graph(key)
        if not store.contains_named_graph(graph):
            findings.count("texts of no article")
            continue
        findings.count("texts")
        try:
            text = zlib.decompress(packed).decode()
        except (zlib.error, UnicodeDecodeError, TypeError):
            findings.add(f"The text of article {key} in {FILE} is damaged.")
            continue
        told = ox.Literal(hashlib.sha256(text.encode()).hexdigest())
        if not _says(store, ox.Quad(graph, named("dipl:textDigest"), told, iris.ingestion_graph(key))):
            findings.add(f"The text of article {key} in {FILE} is not the one that it was read from.")
        findings.extend(_misplaced(store, graph, text, findings))


def _says(store: ox.Store, quad: ox.Quad) -> bool:
    """Whether a quad is there; where nothing is said of the kind, as without any record, that is told of elsewhere."""
    held = [q.object for q in store.quads_for_pattern(quad.subject, quad.predicate, None, quad.graph_name)]
    return not held or quad.object in held


def _misplaced(store: ox.Store, graph: ox.NamedNode, text: str, findings: Findings) -> Iterator[str]:
    rows = store.query(_PASSAGES.replace("$graph", str(graph)), prefixes=PREFIXES)
    assert isinstance(rows, ox.QuerySolutions)
    for row in rows:
        findings.count("passages")
        passage, exact, start, end = row["passage"], row["exact"].value, row["start"].value, row["end"].value
        if not (start.isdigit() and end.isdigit()) or text[int(start) : int(end)] != exact:
            yield f"{passage} does not fit: its words are not those from {start} to {end} of the text."


def _opened(path: Path) -> closing[sqlite3.Connection]:
    """A database that is there; open for writing, so that what a killed writer left half done is rolled back."""
    return closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=5))


def _kept(path: Path) -> Iterator[tuple[str, bytes]]:
    if not path.is_file():
        return
    try:
        with _opened(path) as database:
            yield from database.execute("SELECT id, text FROM bodies ORDER BY id")
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read: {error}; it may be deleted.") from None


def damaged(folder: Path) -> Iterator[str]:
    """Which of the databases beside the store SQLite finds damaged."""
    for path in sorted(folder.glob("*.sqlite")):
        try:
            with _opened(path) as database:
                (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):  # else somebody is writing to it, and finds what there is to find
                yield f"{path} cannot be read: {error}."
            continue
        except sqlite3.Error as error:
            found = str(error)
        if found != "ok":
            yield f"{path} is damaged: {found}."
