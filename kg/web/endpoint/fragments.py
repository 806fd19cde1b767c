"""``/tpf``: Triple Pattern Fragments of the union of all graphs, for clients that answer SPARQL by themselves.

https://linkeddatafragments.org/specification/triple-pattern-fragments/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request

import kg
from kg.errors import QueryError
from kg.sparql.formats import TRIPLES, Format
from kg.sparql.fragments import PAGE, Count, Page, Pattern, Term
from kg.triples.vocab import PREFIXES, named
from kg.web.http.caching import not_modified, tag_of, with_tag
from kg.web.http.errors import problem
from kg.web.http.negotiation import choose, offered, prefers_page, varied
from kg.web.service import service
from kg.web.views import answers
from kg.web.views.numbers import whole_number

pages = Blueprint("fragments", __name__)

_HYDRA, _VOID = "http://www.w3.org/ns/hydra/core#", "http://rdfs.org/ns/void#"
_PARTS = ("subject", "predicate", "object")
_LONGEST, _LAST = 10_000, 100_000
_LITERAL = re.compile(r'"(.*)"(?:@([A-Za-z0-9-]+)|\^\^(?:<([^<>\s]+)>|([^<>\s"]+)))?', re.DOTALL)
#: Graphs part what is found from what is said of the page, where a format has them: such formats first.
_OFFERED = tuple(f for name in ("trig", "nq", "ttl", "jsonld") for f in TRIPLES if f.name == name)
_QUADS = ("trig", "nq", "jsonld")


def read_term(name: str, text: str) -> Term | None:
    """A term as clients write it: an IRI bare or in angle brackets, a literal in quotation marks; None for a variable.

    Raises:
        QueryError: it is none of these.
    """
    text = text.strip()
    if not text or text.startswith("?"):
        return None
    wrong = QueryError(f"{name}: {text[:60]!r} is neither an IRI nor a literal in quotation marks.")
    if len(text) > _LONGEST:
        raise QueryError(f"{name}: a term may have {_LONGEST:,} characters.")
    try:
        if text.startswith('"'):
            found = _LITERAL.fullmatch(text)
            if found is None:
                raise wrong
            value, language, *types = found.groups()
            datatype = ox.NamedNode(types[0] or types[1]) if any(types) else None
            return ox.Literal(value, language=language) if language else ox.Literal(value, datatype=datatype)
        if text.startswith("_:"):
            return ox.BlankNode(text[2:])
        return ox.NamedNode(text.removeprefix("<").removesuffix(">"))
    except ValueError:
        raise wrong from None


def _pattern() -> Pattern:
    subject, predicate, value = (read_term(name, request.args.get(name, "")) for name in _PARTS)
    if isinstance(subject, ox.Literal):
        raise QueryError("subject: a literal is nothing's subject.")
    if predicate is not None and not isinstance(predicate, ox.NamedNode):
        raise QueryError("predicate: a predicate is an IRI.")
    return Pattern(subject, predicate, value)


def _number() -> int:
    text = request.args.get("page", "1").strip()
    number = whole_number(text, 1, _LAST)
    if number is None:
        raise QueryError(f"page: {text[:40]!r} is no number from 1 to {_LAST:,}.")
    return number


@dataclass(frozen=True)
class Fragment:
    """One page of a pattern, with the addresses of what belongs to it."""

    base: str
    given: dict[str, str]
    number: int
    page: Page
    count: Count

    def address(self, page: int | None = None) -> str:
        """The address of the fragment, or of one of its pages."""
        query = self.given | ({"page": str(page)} if page else {})
        return f"{self.base}tpf{'?' + urlencode(query) if query else ''}"

    @property
    def own(self) -> str:
        """The address that was asked for."""
        return self.address(self.number if "page" in request.args else None)


def _void(name: str) -> ox.NamedNode:
    return ox.NamedNode(_VOID + name)


def _hydra(name: str) -> ox.NamedNode:
    return ox.NamedNode(_HYDRA + name)


def _number_of(number: int) -> ox.Literal:
    return ox.Literal(str(number), datatype=ox.NamedNode(PREFIXES["xsd"] + "integer"))


def _search(dataset: ox.NamedNode, base: str) -> Iterator[ox.Triple]:
    """How to ask for other fragments."""
    search = ox.BlankNode("search")
    yield ox.Triple(dataset, _hydra("search"), search)
    yield ox.Triple(search, _hydra("template"), ox.Literal(f"{base}tpf{{?{','.join(_PARTS)}}}"))
    yield ox.Triple(search, _hydra("variableRepresentation"), _hydra("ExplicitRepresentation"))
    for name in _PARTS:
        mapping = ox.BlankNode(name)
        yield ox.Triple(search, _hydra("mapping"), mapping)
        yield ox.Triple(mapping, _hydra("variable"), ox.Literal(name))
        yield ox.Triple(mapping, _hydra("property"), named(f"rdf:{name}"))


def _controls(fragment: Fragment) -> Iterator[ox.Triple]:
    """What is said of a page: of what it is a part, how many triples there are, and how to go on and to ask for others."""
    a, node, triple = named("rdf:type"), ox.NamedNode, ox.Triple
    dataset, whole, page = node(f"{fragment.base}tpf#dataset"), node(fragment.address()), node(fragment.own)
    yield triple(dataset, a, _void("Dataset"))
    yield triple(dataset, a, _hydra("Collection"))
    yield triple(dataset, _void("subset"), page)
    yield from _search(dataset, fragment.base)
    yield triple(page, a, _hydra("PartialCollectionView"))
    if page != whole:
        yield triple(whole, _void("subset"), page)
    yield triple(page, named("dcterms:source"), dataset)
    for name in (_void("triples"), _hydra("totalItems")):
        yield triple(page, name, _number_of(fragment.count.number))
    if not fragment.count.exact:
        yield triple(page, named("rdfs:comment"), ox.Literal("The number of triples is an estimate.", language="en"))
    yield triple(page, _hydra("itemsPerPage"), _number_of(PAGE))
    yield triple(page, _hydra("first"), node(fragment.address(1)))
    if fragment.number > 1:
        yield triple(page, _hydra("previous"), node(fragment.address(fragment.number - 1)))
    if fragment.page.more:
        yield triple(page, _hydra("next"), node(fragment.address(fragment.number + 1)))


def _serialized(fragment: Fragment, form: Format) -> bytes:
    assert isinstance(form.oxigraph, ox.RdfFormat)
    controls = list(_controls(fragment))
    prefixes = PREFIXES | {"hydra": _HYDRA, "void": _VOID}
    if form.name not in _QUADS:
        return ox.serialize([*fragment.page.triples, *controls], format=form.oxigraph, prefixes=prefixes) or b""
    about = ox.NamedNode(f"{fragment.own}#metadata")
    quads = [ox.Quad(t.subject, t.predicate, t.object) for t in fragment.page.triples]
    quads.append(ox.Quad(about, named("foaf:primaryTopic"), ox.NamedNode(fragment.own), about))
    quads += [ox.Quad(t.subject, t.predicate, t.object, about) for t in controls]
    return ox.serialize(quads, format=form.oxigraph, prefixes=prefixes) or b""


def _html(fragment: Fragment) -> bytes:
    cells = [[answers.cell(term) for term in triple] for triple in fragment.page.triples]
    texts = {name: fragment.given.get(name, "") for name in _PARTS}
    shown = render_template("fragment.html", fragment=fragment, rows=cells, texts=texts, size=PAGE, parts=_PARTS)
    return shown.encode()


@pages.get("/tpf")
def fragment() -> Response:
    """The triples that match a pattern, a page of them, with how many there are and how to ask for others."""
    html = prefers_page(_OFFERED)
    form = choose(_OFFERED)
    if form is None and not html:
        return problem(HTTPStatus.NOT_ACCEPTABLE, f"A fragment can be had as {offered(_OFFERED, page=True)}.")
    pattern, number, state = _pattern(), _number(), service().snapshots.current()
    given = {name: text for name in _PARTS if (text := request.args.get(name, "").strip())}
    kind = "text/html; charset=utf-8" if html or form is None else form.content_type
    # the terms as they are written stand in the controls
    told = [f"{name}={text}" for name, text in given.items()] + [str(number), str("page" in request.args)]
    tag = tag_of("tpf", kg.__version__, state.origin, str(state.generation), kind, *told)
    response = not_modified(tag)
    if response is None:
        known = service().results.get(tag)
        body = known[0] if known else b""
        if not known:
            page, count = service().fragments.page(state, pattern, number)
            made = Fragment(service().iris.base, given, number, page, count)
            body = _html(made) if html or form is None else _serialized(made, form)
            service().results.keep(tag, (body, kind), len(body))
        response = with_tag(Response(body, content_type=kind), tag)
    return varied(response)
