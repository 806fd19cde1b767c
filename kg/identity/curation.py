"""The curator's own file: what is one, what is not, and what a thing is called; it wins over every score.

A line is ``same-as``, ``not-same-as`` or ``label``, a thing, and another thing or the words, with tabs between. A thing is
its IRI, or what follows ``id/`` in it (``person/hun-sen-khm``, ``event/4c746df65e6d6e56-e1``). ``#`` begins a comment.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.errors import CurationError
from kg.identity.clusters import Rules, pair
from kg.triples.builder import GraphBuilder
from kg.triples.iris import Iris

_VERBS = ("same-as", "not-same-as", "label")


@dataclass(frozen=True)
class Row:
    """One decision; ``value`` is an IRI, for a label the words."""

    verb: str
    thing: str
    value: str


def _iri(words: str, base: str, where: str) -> str:
    iri = words if words.startswith(("http://", "https://")) else f"{base}id/{words}"
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        raise CurationError(f"{where}: {words!r} is neither an IRI nor what follows 'id/' in one.") from None
    if not words.startswith(("http://", "https://")) and "/" not in words:
        raise CurationError(f"{where}: {words!r} is neither an IRI nor what follows 'id/' in one.")
    return node.value


def _row(line: str, base: str, where: str) -> Row:
    parts = [part.strip() for part in line.split("\t")]
    if parts[0] not in _VERBS:
        raise CurationError(f"{where}: {parts[0]!r} is not one of {', '.join(_VERBS)}.")
    if len(parts) != 3 or not all(parts):
        raise CurationError(
            f"{where}: {parts[0]!r} needs two more columns, with tabs between, and has {len(parts) - 1}."
        )
    thing = _iri(parts[1], base, where)
    value = parts[2] if parts[0] == "label" else _iri(parts[2], base, where)
    if value == thing:
        raise CurationError(f"{where}: {parts[1]!r} is compared with itself.")
    return Row(parts[0], thing, value)


def read_curation(path: Path, base: str) -> tuple[Row, ...]:
    """The rows of the curator's file; none where there is no such file.

    Raises:
        CurationError: it cannot be read, or a line of it is none; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise CurationError(f"The curation file {path} cannot be read: {error}.") from None
    lines = ((number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip())
    found = [_row(line, base, f"{path}, line {number}") for number, line in lines if not line.startswith("#")]
    seen: dict[tuple[str, str], str] = {}
    for row in found:
        if row.verb != "label" and seen.setdefault(pair(row.thing, row.value), row.verb) != row.verb:
            raise CurationError(
                f"{path} says of {row.thing} and {row.value} both that they are one and that they are not."
            )
    return tuple(dict.fromkeys(found))


def rules(rows: tuple[Row, ...]) -> Rules:
    """What the rows decide about pairs."""
    return Rules(
        frozenset(pair(r.thing, r.value) for r in rows if r.verb == "same-as"),
        frozenset(pair(r.thing, r.value) for r in rows if r.verb == "not-same-as"),
    )


def curation_quads(rows: tuple[Row, ...], iris: Iris) -> list[ox.Quad]:
    """The decisions as a graph of their own; none where there are none."""
    if not rows:
        return []
    graph = GraphBuilder(iris.identity_graph("curation"))
    graph.add(graph.graph, "rdfs:label", "What the curator of this graph has decided", "en")
    for row in rows:
        node = ox.NamedNode(row.thing)
        if row.verb == "label":
            graph.add(node, "skos:prefLabel", row.value, "en")
        else:
            graph.add(node, "owl:sameAs" if row.verb == "same-as" else "owl:differentFrom", ox.NamedNode(row.value))
    return graph.quads()
