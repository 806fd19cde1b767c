"""What was said: a row for each statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg.graph.frames import extra
from kg.graph.opening import Reading
from kg.graph.selecting import indexed
from kg.registry import states
from kg.tables.index import Index
from kg.triples.iris import Iris
from kg.triples.vocab import DIPL

if TYPE_CHECKING:
    import pandas as pd

#: Column -> the type that pandas gives it.
COLUMNS = {
    "statement": "object",
    "graph": "object",
    "speaker": "object",
    "speaker_name": "object",
    "speaker_office": "object",
    "speaker_party": "object",
    "speaker_iso": "category",
    "quote": "object",
    "paraphrase": "object",
    "verb": "object",
    "channel": "category",
    "stance": "category",
    "negated": "bool",
    "topics": "object",
    "date_from": "datetime64[s]",
    "date_until": "datetime64[s]",
    "confidence": "float64",
    "article": "object",
    "published": "datetime64[s]",
    "url": "object",
}
_PARTS = (
    "?statement ?p ?o . BIND (?statement AS ?s)",
    "?statement dipl:participation ?s . ?s ?p ?o",
    "?statement dipl:speaker ?s . ?s rdfs:label ?o . BIND (rdfs:label AS ?p)",
    "?statement dipl:participation/dipl:onBehalfOf ?s . ?s rdfs:label ?o . BIND (rdfs:label AS ?p)",
    "?g prov:wasDerivedFrom ?o . BIND (?g AS ?s) BIND (prov:wasDerivedFrom AS ?p)",
    "?g prov:wasDerivedFrom ?s . ?s ?p ?o",
)


def statements_frame(reading: Reading, iris: Iris, found: Sequence[tuple[ox.NamedNode, ox.NamedNode]]) -> pd.DataFrame:
    """The statements as a table. Raises MissingExtraError."""
    rows = list(_rows(reading, iris, found))
    return extra("pandas").DataFrame.from_records(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _rows(reading: Reading, iris: Iris, found: Sequence[tuple[ox.NamedNode, ox.NamedNode]]) -> Iterator[dict[str, Any]]:
    codes = {iris.party(state.code).value: state.code for state in states()}
    for index, (graph, statement) in indexed(reading, found, "statement", _PARTS):
        yield _row(index, graph, statement, codes)


def _row(index: Index, graph: ox.NamedNode, statement: ox.NamedNode, codes: dict[str, str]) -> dict[str, Any]:
    speaker = index.node(statement, "dipl:speaker")
    parts = index.nodes(statement, "dipl:participation")
    part = next((p for p in parts if index.node(p, "dipl:actor") == speaker), None)
    party = index.node(part, "dipl:onBehalfOf") if part else None
    article = index.node(graph, "prov:wasDerivedFrom")
    return {
        "statement": statement.value,
        "graph": graph.value,
        "speaker": speaker.value if speaker else None,
        "speaker_name": index.text(speaker, "rdfs:label"),
        "speaker_office": index.text(part, "dipl:officeTitle"),
        "speaker_party": index.text(party, "rdfs:label") if party else None,
        "speaker_iso": codes.get(party.value) if party else None,
        "quote": " … ".join(index.texts(statement, "dipl:quote")) or None,
        "paraphrase": index.text(statement, "dipl:paraphrase"),
        "verb": index.text(statement, "dipl:sayingVerb"),
        "channel": _key(index.node(statement, "dipl:channel")),
        "stance": _key(index.node(statement, "dipl:stance")),
        "negated": index.text(statement, "dipl:negated") == "true",
        "topics": ", ".join(filter(None, map(_key, index.nodes(statement, "dipl:topic")))) or None,
        "date_from": index.text(statement, "dipl:earliestDate"),
        "date_until": index.text(statement, "dipl:latestDate"),
        "confidence": index.number(statement, "dipl:confidence"),
        "article": article.value if article else None,
        "published": index.text(article, "schema:datePublished"),
        "url": index.text(article, "schema:url"),
    }


def _key(concept: ox.NamedNode | None) -> str | None:
    return concept.value.removeprefix(DIPL).partition("-")[2] if concept else None
