"""Documents that strangers send: RDF in one of its formats, within limits that keep a small one from becoming a huge one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from xml.parsers import expat

import pyoxigraph as ox

from kg.errors import QueryError

#: A document's bytes and media type.
Document = tuple[bytes, str]
#: Elements within one another. RDF/XML nests two for each step; the engine's time grows with the square of them.
MAX_DEPTH = 1_000
#: Objects and arrays of JSON within one another: the engine reads what is inside again for each, and overflows its stack.
MAX_JSON_DEPTH = 100
#: Terms of one context of JSON-LD: one may rest on another and that on the next, and each step takes the engine deeper.
MAX_TERMS = 4_000
#: Triples within one another as terms (RDF 1.2): to free one the engine goes down to the innermost.
MAX_TRIPLE_TERMS = 100
#: Attributes of an element, each of which the engine compares with the others, and namespaces that hold at one place.
MAX_ATTRIBUTES, MAX_NAMESPACES = 256, 1_000
#: Characters that one entity may stand for (they shorten namespaces), and those that all of a document may add to it.
MAX_ENTITY, MAX_EXPANDED = 1_000, 100_000_000
#: What leads from one entity to another: any reference but those of XML itself.
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)")
_JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKET = bytes(set(range(256)) - set(_STEP))
#: Where a context begins; JSON lets any character of a name be written as an escape.
_CONTEXT = re.compile(
    '"' + "".join(rf"(?:{c}|\\u00{ord(c):02x})" for c in "@context") + r'"[ \t\r\n]*:[ \t\r\n]*(?=[\[{])', re.IGNORECASE
)
#: What in Turtle and the formats around it may hide the signs of a triple within another, and these signs.
_TURTLE = re.compile(
    rb"""(?P<quote>\"{3}|'{3})(?:[^\"'\\]|\\.|(?!(?P=quote))[\"'])*+(?P=quote)"""
    rb"""|\"(?:[^\"\\\n\r]|\\.)*+\"|'(?:[^'\\\n\r]|\\.)*+'|\#[^\n\r]*+|<[^<>\"{}|^`\x00-\x20]*+>|\\."""
    rb"""|(?P<sign><<\(|\)>>)""",
    re.DOTALL,
)


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
        elif form == ox.RdfFormat.JSON_LD:
            _check_json(body)
        else:
            _check_turtle(body)
        for quad in ox.parse(body, format=form, base_iri=base, rename_blank_nodes=True):
            if not isinstance(quad.graph_name, ox.DefaultGraph):
                raise QueryError("The body names graphs of its own; one graph is written at a time.")
            triples.append(quad.triple)
    return triples


class _Look:
    """Goes through a document without making anything of it: nothing outside of it is read, nothing in it is expanded."""

    def __init__(self, body: bytes) -> None:
        self._depth = self._longest = 0
        self._namespaces: list[int] = [0]
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

    def _start(self, _: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryError(f"The document nests deeper than {MAX_DEPTH:,} elements.")
        if len(attributes) > MAX_ATTRIBUTES:
            raise QueryError(f"An element of the document has more than {MAX_ATTRIBUTES:,} attributes.")
        self._namespaces.append(self._namespaces[-1] + sum(name.startswith("xmlns") for name in attributes))
        if self._namespaces[-1] > MAX_NAMESPACES:
            raise QueryError(f"More than {MAX_NAMESPACES:,} namespaces hold at one place of the document.")

    def _end(self, _: str) -> None:
        self._depth -= 1
        self._namespaces.pop()


def _check_xml(body: bytes) -> None:
    """Raises QueryError where a document is over a limit, or no XML: what is not looked at to its end is not handed on."""
    try:
        _Look(body).parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise QueryError(f"It is no XML: {error}.") from None


def _check_json(body: bytes) -> None:
    """Raises QueryError where a document nests too deep, or a context has too many terms."""
    brackets = _JSON_STRING.sub(b"", body).translate(None, _NO_BRACKET)
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > MAX_JSON_DEPTH:
        raise QueryError(f"The document nests deeper than {MAX_JSON_DEPTH:,} objects and arrays.")
    # what Python would not read must not hide what the engine does: long numbers, control characters
    text, read, decoder = body.decode(), 0, json.JSONDecoder(parse_int=str, strict=False)
    for found in _CONTEXT.finditer(text):
        if found.end() < read:
            continue
        try:
            context, read = decoder.raw_decode(text, found.end())
        except ValueError:
            return  # no JSON from here on, as the engine finds out
        if _terms(context) > MAX_TERMS:
            raise QueryError(f"A context of the document has more than {MAX_TERMS:,} terms.")


def _terms(context: object) -> int:
    if isinstance(context, dict):
        return len(context) + sum(map(_terms, context.values()))
    return sum(map(_terms, context)) if isinstance(context, list) else 0


def _check_turtle(body: bytes) -> None:
    """Raises QueryError where triples stand as terms in too many others."""
    if body.count(b"<<(") <= MAX_TRIPLE_TERMS:
        return
    depth = 0
    for found in _TURTLE.finditer(body):
        if sign := found["sign"]:
            depth = depth + 1 if sign == b"<<(" else max(0, depth - 1)
            if depth > MAX_TRIPLE_TERMS:
                raise QueryError(f"The document nests more than {MAX_TRIPLE_TERMS:,} triples within one another.")


def split(body: bytes, parts: Sequence[Sequence[object]]) -> Iterator[Document]:
    """Documents out of one after the other, each with its length and media type."""
    start = 0
    for length, media_type in parts:
        end = start + int(str(length))
        yield body[start:end], str(media_type)
        start = end
