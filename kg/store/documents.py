"""Documents that strangers send: RDF in one of its formats, within limits that keep a small one from becoming a huge one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.parsers import expat

import pyoxigraph as ox

from kg.errors import QueryError

#: A document's bytes and media type.
Document = tuple[bytes, str]
#: Elements within one another. RDF/XML nests two for each step; the engine's time grows with the square of them.
MAX_DEPTH = 1_000
#: Characters that one entity may stand for (they shorten namespaces), and those that all of a document may add to it.
MAX_ENTITY, MAX_EXPANDED = 1_000, 100_000_000
#: What leads from one entity to another: any reference but those of XML itself.
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)")


def parsed_graph(documents: Sequence[Document], base: str) -> list[ox.Triple]:
    """The triples of documents, whose blank nodes stay apart.

    Raises:
        SyntaxError, ValueError: one cannot be read.
        QueryError: its format is unknown, it names graphs of its own, or is over a limit.
    """
    triples = []
    for body, media_type in documents:
        form = ox.RdfFormat.from_media_type(media_type)
        if form is None:
            raise QueryError(f"{media_type} is no format of RDF.")
        if form == ox.RdfFormat.RDF_XML:
            _check_xml(body)
        for quad in ox.parse(body, format=form, base_iri=base, rename_blank_nodes=True):
            if not isinstance(quad.graph_name, ox.DefaultGraph):
                raise QueryError("The body names graphs of its own; one graph is written at a time.")
            triples.append(quad.triple)
    return triples


class _Look:
    """Goes through a document without making anything of it: nothing outside of it is read, nothing in it is expanded."""

    def __init__(self, body: bytes) -> None:
        self._depth = self._longest = 0
        self._references = body.count(b"&")
        self.parser = expat.ParserCreate()
        self.parser.EntityDeclHandler = self._entity
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _entity(self, name: str, parameter: bool, value: str | None, *outside: str | None) -> None:
        if parameter or value is None or any(outside):
            raise QueryError(
                f"The entity {name!r} stands outside of the document or is one of its DTD, which are not read."
            )
        if _REFERENCE.search(value) or len(value) > MAX_ENTITY:
            raise QueryError(f"The entity {name!r} stands for others or for more than {MAX_ENTITY:,} characters.")
        self._longest = max(self._longest, len(value))
        if self._longest * self._references > MAX_EXPANDED:
            raise QueryError(f"The document's entities stand for more than {MAX_EXPANDED:,} characters.")

    def _start(self, *_: object) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryError(f"The document nests deeper than {MAX_DEPTH:,} elements.")

    def _end(self, _: str) -> None:
        self._depth -= 1


def _check_xml(body: bytes) -> None:
    """Raises QueryError where a document is over a limit, or no XML: what is not looked at to its end is not handed on."""
    try:
        _Look(body).parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise QueryError(f"It is no XML: {error}.") from None


def split(body: bytes, parts: Sequence[Sequence[object]]) -> Iterator[Document]:
    """Documents out of one after the other, each with its length and media type."""
    start = 0
    for length, media_type in parts:
        end = start + int(str(length))
        yield body[start:end], str(media_type)
        start = end
