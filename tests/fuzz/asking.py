"""What is asked: queries and updates, patterns of fragments, batches of names, parameters and preferences in addresses and headers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pyoxigraph as ox
from flask import Flask
from hypothesis import strategies as st

from kg.errors import KgError, QueryError
from kg.sparql import check, check_update, graphs_written
from kg.sparql.formats import ROWS, TRIPLES
from kg.sparql.lexer import plain, tokens
from kg.sparql.questions import fill, questions, terms
from kg.web.endpoint.fragments import read_term
from kg.web.http.negotiation import choose, prefers_page, wants_page
from kg.web.pictures import parameters
from kg.web.reconcile.extending import answer as extended
from kg.web.reconcile.queries import read_query
from tests.fuzz import queries, requests, texts
from tests.fuzz.guard_oracle import agree_on_query, agree_on_update
from tests.fuzz.target import Target


def _lexed(text: str) -> None:
    try:
        found = list(tokens(text))
        plain(text)
    except KgError:
        return
    for token in found:
        assert text[token.start : token.start + len(token.text)] == token.text


def _term(text: str) -> None:
    try:
        found = read_term("object", text)
    except KgError:
        return
    if found is None:
        return
    again = (
        read_term("object", found.value if isinstance(found, ox.NamedNode) else str(found))
        if not isinstance(found, ox.Literal)
        else found
    )
    assert again == found
    ox.serialize([ox.Triple(ox.NamedNode("a:a"), ox.NamedNode("a:a"), found)], format=ox.RdfFormat.N_TRIPLES)


_TERMS = st.lists(
    st.one_of(
        st.sampled_from(
            (
                '"',
                '"a"',
                "@en",
                "@en-",
                "^^",
                "<",
                ">",
                "http://a/b",
                "xsd:integer",
                "_:b",
                "?x",
                "\\",
                " ",
                "\n",
                "<a:b>",
                "@",
            )
        ),
        st.text(max_size=6),
    ),
    max_size=7,
).map("".join)


_SEEDED = tuple(
    ox.Quad(ox.NamedNode(f"urn:{name}"), ox.NamedNode("urn:p"), ox.Literal("1"), graph)
    for name in ("s", "t")
    for graph in (ox.DefaultGraph(), *(ox.NamedNode(f"urn:g:{n}") for n in (1, 2, 3, 4)))
)


def _by_graph(store: ox.Store) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {graph.value: [] for graph in store.named_graphs()}
    for quad in store:
        name = "" if isinstance(quad.graph_name, ox.DefaultGraph) else quad.graph_name.value
        found.setdefault(name, []).append(str(quad.triple))
    return {name: sorted(lines) for name, lines in found.items()}


def _written(text: str) -> None:
    """An update that passes changes no graph but those that are told of it, and none at random."""
    try:
        update = check_update(text)
        told = graphs_written(update)
    except QueryError as error:
        assert str(error)
        return
    if told is None:
        return
    store = ox.Store()
    store.extend(_SEEDED)
    before = _by_graph(store)
    try:
        store.update(update, base_iri="urn:base:")
    except (SyntaxError, RuntimeError, ValueError, OSError):
        return
    after = _by_graph(store)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed <= set(told), f"it wrote {changed - set(told)}, and only {told} was told of: {text!r}"


@cache
def _nowhere() -> Flask:
    return Flask(__name__)


def preferred(accept: str) -> None:
    """Whatever the header, one of what is on offer is chosen, or none where all are refused."""
    with _nowhere().test_request_context(headers={"Accept": accept}):
        for formats in (ROWS, TRIPLES):
            found = choose(formats)
            assert found is None or found.name in {form.name for form in formats}
            if found:
                found.content_type.encode("latin-1")
            prefers_page(formats)
        wants_page()


def _accepts() -> st.SearchStrategy[str]:
    media = st.sampled_from((*requests.ACCEPT, *(m for f in (*ROWS, *TRIPLES) for m in f.media_types), "*/*", "text/*"))
    tail = st.sampled_from(
        (
            "",
            ";q=0",
            ";q=0.5",
            "; q = .5",
            ";q=",
            ";q=nan",
            ';profile="http://www.w3.org/ns/json-ld#framed"',
            ";a=b;q=1",
            '";',
            ";q=1e3",
        )
    )
    letters = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=12)
    item = st.one_of(st.tuples(media, tail).map("".join), letters)
    much = st.builds(
        lambda piece, times: piece * times,
        st.sampled_from(("a,", ";q=", "*/*,", '"', "a/b;c=", " ", "\\", "a/b;q=0.1,")),
        st.integers(1, 500),
    )
    return st.lists(st.one_of(item, item, much), max_size=6).map(",".join)


_PICTURED = dict.fromkeys(("type", "topic", "modality", "about", "least", "by", "from", "until", "month"), "")


def _pictured() -> st.SearchStrategy[dict[str, str]]:
    some = st.sampled_from(
        (
            *requests.VALUES,
            *parameters.event_classes()[:4],
            *parameters.MODALITIES,
            "2016-02-30",
            "0001-01",
            "9999",
            "٢٠١٦",
            "1.",
            ".",
        )
    )
    value = st.one_of(some, texts.any_text(), st.text("0123456789-.", max_size=11), st.dates().map(str))
    return st.dictionaries(st.sampled_from(tuple(_PICTURED)), value, max_size=4)


def _picture(given: dict[str, str]) -> None:
    """A picture's parameters are terms that can stand in a query, or one sentence says which is wrong."""
    state: Any = None  # only actors are looked up in the graph
    try:
        found = parameters.read(given, _PICTURED, state)
    except QueryError as error:
        assert any(repr(name) in str(error) for name in given), error
        return
    for value in found.terms.values():
        for term in value if isinstance(value, tuple) else (value,):
            assert isinstance(ox.Store().query(f"ASK {{ ?s ?p {term} }}"), ox.QueryBoolean)


def _value(given: tuple[int, str]) -> None:
    """A question that is filled with what was typed is the same question: one query, which passes the check and parses."""
    number, text = given
    every = [(question, parameter) for question in questions() for parameter in question.parameters]
    question, parameter = every[number % len(every)]
    try:
        found = terms(parameter, text, lambda _: [ox.NamedNode("urn:x")], lambda _: ["KHM"])
    except QueryError as error:
        assert str(error)
        return
    checked, bare = check(fill(question, {parameter.name: found})), check(question.query)
    assert checked.form == bare.form
    ox.Store().query(checked.text, base_iri="http://base.invalid/")


def _batches() -> st.SearchStrategy[object]:
    names = st.sampled_from("query type type_strict limit properties pid v id name settings count ids x".split())
    leaf = st.one_of(
        st.none(), st.booleans(), st.integers(-2, 60), st.floats(), texts.any_text(),
        st.sampled_from(("Hun Sen", "Person", "any", "all", "should", "otherName", "isoCode", "date", "limit", "²", "1e400", "9" * 400, "on", "true")),
    )  # fmt: skip
    query = st.fixed_dictionaries({}, optional={
        "query": leaf, "type": st.one_of(leaf, st.lists(leaf, max_size=3)), "type_strict": leaf, "limit": leaf,
        "properties": st.lists(st.one_of(leaf, st.dictionaries(names, leaf, max_size=3)), max_size=3), "ids": st.sampled_from(([], None, "x", [1])),
    })  # fmt: skip
    odd = st.recursive(
        leaf,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=4)),
        max_leaves=8,
    )
    return st.one_of(query, query, odd)


def _reconciled(given: object) -> None:
    """A query of a batch is taken or refused with a sentence; so is a data extension."""
    state: Any = None  # nothing is asked of the graph where there are no things
    readers: tuple[Any, ...] = (read_query, lambda value: extended(state, "http://a.invalid/", value))
    for read in readers:
        try:
            read(given)
        except QueryError as error:
            assert str(error)


def targets() -> Iterator[tuple[str, Target]]:
    """What is asked, by the names of what it is."""
    yield "query-guard", (queries.sparql(), agree_on_query)
    yield "update-guard", (queries.updates(), agree_on_update)
    yield "graphs-written", (queries.updates(), _written)
    yield "lexer", (st.one_of(queries.sparql(), texts.any_text()), _lexed)
    yield "fragment-term", (_TERMS, _term)
    yield "negotiation", (_accepts(), preferred)
    yield "picture", (_pictured(), _picture)
    yield (
        "question",
        (st.tuples(st.integers(0, 999), st.one_of(st.sampled_from(requests.VALUES), texts.any_text(), _TERMS)), _value),
    )
    yield "reconcile", (_batches(), _reconciled)
