"""Documents of RDF as strangers send them, and answers of a remote store: any bytes give triples or a clear error."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyoxigraph as ox
from hypothesis import strategies as st

from kg.errors import QueryError, StoreError
from kg.sparql.formats import TRIPLES
from kg.store.documents import Document, parsed_graph
from kg.store.embedded import graph_digest
from kg.store.endpoint import Reply
from kg.store.remote import results, triples_of
from tests.fuzz import texts
from tests.fuzz.queries import CANARY
from tests.fuzz.target import Target

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TURTLE = (
    "@prefix e: <urn:e:> . @base <http://b.invalid/> .\n<x> a e:Talks ; e:on \"2016-01-26\"^^e:day, 'it'@en, 3, -1.5e3, true .\n"
    '[] e:with (e:a "b" [ e:p <#y> ]) . # a comment\ne:a e:says """two\nlines""" .\n',
    'PREFIX e: <urn:e:>\n<< e:a e:b e:c ~ e:r >> e:p 1 . e:a e:b <<( e:c e:d <<( e:e e:f "g"@en--ltr )>> )>> {| e:q _:b |} .\n',
    f"@prefix : <{CANARY}> . :a :b :c . @import <{CANARY}> .\n",
)
_LINES = (
    '<urn:a> <urn:b> "c\\u0041\\n"@en .\n_:x <urn:b> <urn:c> . # told\n',
    '<urn:a> <urn:b> <<( <urn:c> <urn:d> "1"^^<urn:t> )>> <urn:g> .\n_:x <urn:b> _:y .\n',
)
_TRIG = "@prefix e: <urn:e:> . { e:a e:b 1 } e:g { e:a e:b [ e:c (1 2) ] } GRAPH _:g { e:a a e:B . }\n"
_N3 = "@prefix e: <urn:e:> . e:a e:b { ?x e:c e:d } . e:a!e:p^e:q = e:r . { e:a => e:b } <= {} . @forAll e:x .\n"
_XML = (
    f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e "urn:e:">]><r:RDF xmlns:r="{RDF}" xmlns:e="urn:e:" xml:base="http://b.invalid/">'
    '<e:Talks r:about="x" e:on="2016"><e:with r:resource="&e;a"/><e:says xml:lang="en">it &lt; &#65;</e:says>'
    '<e:list r:parseType="Collection"><r:Description r:ID="i"/></e:list><e:x r:parseType="Literal"><b>c</b></e:x>'
    '<e:p r:parseType="Resource"><r:li>1</r:li></e:p><e:q r:nodeID="n" e:z="1"/></e:Talks></r:RDF>',
    f'<!DOCTYPE r [<!ENTITY x SYSTEM "{CANARY}"><!ENTITY % y SYSTEM "{CANARY}"> %y;]><r:RDF xmlns:r="{RDF}">&x;</r:RDF>',
)
_JSON_LD = (
    '{"@context": {"e": "urn:e:", "on": {"@id": "e:on", "@type": "e:day"}, "in": {"@reverse": "e:has"}, "@base": "http://b.invalid/"},'
    ' "@id": "x", "@type": "e:Talks", "on": "2016", "e:list": {"@list": [1, 1.5, true, null]}, "in": [{"@id": "y"}],'
    ' "e:says": [{"@value": "it", "@language": "en"}, {"@value": {"a": 1}, "@type": "@json"}], "@included": []}',
    f'{{"@context": ["{CANARY}", {{"@import": "{CANARY}", "@vocab": "urn:v:", "@version": 1.1}}], "a": {{"@nest": {{"@graph": []}}}}}}',
    '[{"@id": "urn:g", "@graph": [{"@id": "urn:a", "urn:b": {"@set": ["c"]}}]}]',
)
_EXAMPLES: dict[str, tuple[bytes, ...]] = {
    "text/turtle": tuple(map(str.encode, _TURTLE)),
    "application/n-triples": tuple(map(str.encode, _LINES)),
    "application/n-quads": tuple(map(str.encode, _LINES)),
    "application/trig": tuple(map(str.encode, (*_TURTLE, _TRIG))),
    "text/n3": tuple(map(str.encode, (*_TURTLE, _N3))),
    "application/rdf+xml": tuple(map(str.encode, _XML)) + tuple(text.encode("utf-16") for text in _XML),
    "application/ld+json": tuple(map(str.encode, _JSON_LD)),
}
#: What opens one thing within another, or adds one to a list, in any of the formats; much of each.
_NESTED = (
    "(", "[ <urn:b> ", "<<( <urn:a> <urn:b> ", "<< ", "{| <urn:b> 1 ", "{ ", '{"urn:b": ', "[", '{"@list": [', '{"@graph": ',
    '{"@context": ', '{"@id": "urn:a", "@reverse": {"urn:b": ', '{"@context": {"a": "urn:a"}, "a": ', "<e:a>", '<e:a r:parseType="Resource">',
    "<r:Description><e:p>", "&e;", "<!-- ", "<![CDATA[", "'''", '"""', "\\u0041", "<urn:a", "_:a.", "e:a.", "#", "a ", ", 1", "; ", "^", "!<urn:b>",
    " xmlns:e='urn:e:'", " e:a='1'", '"a": "urn:b", ', '{"@context": ["', "@prefix e: <urn:e:> . ", "../", "%41", "\ufeff", "]", "}", ")>>",
)  # fmt: skip


def _nested(media_type: str) -> st.SearchStrategy[bytes]:
    """One thing within another, again and again, at some place of an example."""

    def made(example: bytes, place: int, piece: str, times: int, closing: str) -> bytes:
        at = place % (len(example) + 1)
        return example[:at] + piece.encode() * times + b"1" + closing.encode() * times + example[at:]

    closings = st.sampled_from(
        ("", ")", "]", ")>>", " )>>", "}", "]}", "}}", " |}", "</e:a>", "</e:p></r:Description>", '"')
    )
    often = st.one_of(st.integers(1, 150), st.integers(1, 20_000))
    begun = st.sampled_from((*_EXAMPLES[media_type], b"<urn:a> <urn:b> ", b""))
    return st.builds(made, begun, st.integers(0, 2_000), st.sampled_from(_NESTED), often, closings)


def in_format(media_type: str, *, nested: bool = True) -> st.SearchStrategy[bytes]:
    """Documents of one format, most of them wrong somewhere; with ``nested`` some that go deep."""
    examples = _EXAMPLES[media_type]
    spliced = (*examples, *(piece.encode() for piece in _NESTED))
    change = st.tuples(
        st.integers(0, 4_000), st.integers(0, 12), st.one_of(st.sampled_from(spliced), st.binary(max_size=4))
    )

    def changed(example: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
        for place, length, put in changes:
            at = place % (len(example) + 1)
            example = example[:at] + put + example[at + length :]
        return example

    altered = st.builds(changed, st.sampled_from(examples), st.lists(change, max_size=4))
    made = [texts.tampered(examples), altered, altered, st.binary(max_size=60)]
    if nested:
        made.append(_nested(media_type))
    if media_type == "application/ld+json":
        made.append(_json_ld().map(texts.json_bytes))
    return st.one_of(made)


def _json_ld() -> st.SearchStrategy[object]:
    """JSON with the words of JSON-LD in all places, right and wrong."""
    words = st.sampled_from(
        "@id @type @value @language @direction @list @set @graph @included @nest @reverse @index @json @none @container @context @vocab "
        "@base @version @propagate @protected @import @prefix e e:a urn:a a a:b _:b : #x http://b.invalid/ @odd 1.1 ltr".split()
    )
    leaf = st.one_of(
        words, st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from((CANARY, "\ud800", "", "1.1"))
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=4)),
        max_leaves=14,
    )


def documents() -> st.SearchStrategy[Document]:
    """Documents with the media types that they are sent as, now and then another's."""
    own = [st.tuples(in_format(media_type), st.just(media_type)) for media_type in _EXAMPLES]
    other = st.tuples(in_format("text/turtle"), st.sampled_from(tuple(m for f in TRIPLES for m in f.media_types)))
    return st.one_of(*own, other)


def read_or_told(document: Document) -> None:
    """A document gives triples that can be written and read again, or an error in words."""
    try:
        found = parsed_graph([document], "http://base.invalid/x?y#z")
    except (QueryError, SyntaxError, ValueError) as error:
        assert str(error)
        return
    graph_digest(found)
    lines = ox.serialize(found, format=ox.RdfFormat.N_TRIPLES) or b""
    assert len(parsed_graph([(lines, "application/n-triples")], "urn:x")) == len(found)


_ROWS = (
    b'{"head": {"vars": ["a"]}, "results": {"bindings": [{"a": {"type": "literal", "value": "1", '
    b'"datatype": "http://www.w3.org/2001/XMLSchema#boolean"}}]}}',
    b'{"head": {"vars": ["__ASK_RETVAL"]}, "results": {"bindings": [{"__ASK_RETVAL": {"type": "literal", "value": "1"}}]}}',
    b'{"head": {}, "boolean": true}',
)


def _replies() -> st.SearchStrategy[Reply]:
    words = st.sampled_from(
        ("head", "vars", "results", "bindings", "type", "value", "datatype", "boolean", "__ASK_RETVAL", "a")
    )
    odd = st.recursive(
        st.one_of(words, st.none(), st.booleans(), st.integers()),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=4)),
        max_leaves=10,
    )
    whole = odd.map(lambda value: json.dumps({"head": value, "results": value, "__ASK_RETVAL": 1}).encode())
    body = st.one_of(texts.tampered(_ROWS), whole)
    return st.builds(Reply, body, st.just("application/sparql-results+json"), st.booleans(), st.just(0))


def _rows(reply: Reply) -> None:
    """Rows, or an error of the store; that an answer is whole shows when the last row is read."""
    try:
        found = results(reply)
        if isinstance(found, ox.QuerySolutions):
            list(found)
    except (StoreError, SyntaxError, ValueError) as error:
        assert str(error)


def _triples(document: Document) -> None:
    try:
        triples_of(Reply(*document, virtuoso=False, cut=0))
    except StoreError as error:
        assert str(error)


def targets() -> Iterator[tuple[str, Target]]:
    """Documents in each format, and what a remote store answers."""
    for form in TRIPLES:
        media_type = form.media_types[0]
        yield f"document-{form.name}", (st.tuples(in_format(media_type), st.just(media_type)), read_or_told)
    yield "remote-rows", (_replies(), _rows)
    yield (
        "remote-triples",
        (st.tuples(texts.tampered(_EXAMPLES["application/n-triples"]), st.just("application/n-triples")), _triples),
    )
