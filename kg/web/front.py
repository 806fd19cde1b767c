"""The front page, the page for writing queries, and what an operator's monitor asks."""

from __future__ import annotations

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request

from kg.errors import KgError
from kg.sparql import check
from kg.sparql.formats import ROWS, TRIPLES
from kg.sparql.questions import questions
from kg.triples.vocab import PREFIXES
from kg.web.errors import STATUS
from kg.web.service import service
from kg.web.views.articles import all_articles
from kg.web.views.cost import with_cost
from kg.web.views.lists import asked
from kg.web.views.overview import about, front
from kg.web.views.words import Link

pages = Blueprint("front", __name__)

_MOST_ROWS = 500


@pages.get("/")
def home() -> Response:
    """What is in the graph, and the ways into it."""
    reader = service().reader()
    shown = front(reader)
    body = render_template("front.html", front=shown, questions=questions())
    return with_cost(Response(body, content_type="text/html; charset=utf-8"), reader)


@pages.get("/about")
def about_page() -> Response:
    """About the data: how many of what, from whose articles, how surely, and how to cite and get them."""
    reader = service().reader()
    body = render_template("about.html", about=about(reader), settings=service().settings, formats=TRIPLES)
    return with_cost(Response(body, content_type="text/html; charset=utf-8"), reader)


@pages.get("/articles")
def articles() -> Response:
    """The articles that facts were read from, the latest first, page by page."""
    reader = service().reader()
    body = render_template("articles.html", **all_articles(reader, asked()))
    return with_cost(Response(body, content_type="text/html; charset=utf-8"), reader)


def _rows(body: bytes) -> tuple[list[str], list[list[Link]], bool]:
    """Variables, rows and whether rows were left out, of an answer in SPARQL JSON."""
    parsed = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    if isinstance(parsed, ox.QueryBoolean):
        return ["answer"], [[Link("yes" if parsed else "no")]], False
    assert isinstance(parsed, ox.QuerySolutions)
    names = [v.value for v in parsed.variables]
    rows: list[list[Link]] = []
    for solution in parsed:
        if len(rows) == _MOST_ROWS:
            return names, rows, True
        rows.append([_cell(solution[name]) for name in names])
    return names, rows, False


def _cell(value: object) -> Link:
    if isinstance(value, ox.NamedNode):
        base = service().iris.base
        shown = next(
            (f"{p}:{value.value[len(ns) :]}" for p, ns in PREFIXES.items() if value.value.startswith(ns)), value.value
        )
        return Link(shown.removeprefix(base + "id/").removeprefix(base), value.value)
    return Link(str(getattr(value, "value", "")) if value is not None else "")


@pages.get("/query")
def query() -> str | tuple[str, int]:
    """Write a query, or take an example, and see what it gives; works without scripts."""
    named = next((q for q in questions() if q.name == request.args.get("question")), None)
    text = named.query if named else request.args.get("query", "")
    shown: dict[str, object] = {"text": text, "title": named.title if named else "", "questions": questions()}
    if not text.strip():
        return render_template("query.html", **shown)
    try:
        checked = check(text)
        answer = service().pool.answer(checked, TRIPLES[0] if checked.gives_triples else ROWS[0])
    except KgError as error:
        return render_template("query.html", **shown, error=str(error)), int(STATUS.get(type(error), 500))
    shown["downloads"] = TRIPLES if checked.gives_triples else ROWS
    if answer.whole is None:
        return render_template("query.html", **shown, too_large=True)
    if checked.gives_triples:
        return render_template("query.html", **shown, turtle=answer.whole.decode())
    names, rows, cut = _rows(answer.whole)
    return render_template("query.html", **shown, names=names, rows=rows, cut=cut)


@pages.app_template_global()
def link(iri: str) -> str:
    """The link for an IRI in a template."""
    return service().link(iri)


@pages.app_template_filter()
def external(iri: str) -> bool:
    """Whether an IRI leads away from this service."""
    return service().link(iri) == iri
