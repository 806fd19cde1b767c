"""The front page, what the data are, and the list of articles."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from kg.exports.dataset import Dataset
from kg.sparql.formats import TRIPLES
from kg.sparql.questions import questions
from kg.web.http.caching import not_modified, with_tag
from kg.web.http.freshness import of_state, state_tag
from kg.web.pages.head import front_data, plain_head
from kg.web.service import service
from kg.web.views.articles import all_articles
from kg.web.views.cost import with_cost
from kg.web.views.lists import asked
from kg.web.views.overview import about, front

pages = Blueprint("front", __name__)


@pages.get("/")
def home() -> Response:
    """What is in the graph, and the ways into it."""
    dump = Dataset.of(service().settings).dump
    tag = state_tag("/", dump.name if dump else "")
    response = not_modified(tag)
    if response is None:
        reader = service().reader()
        shown = front(reader)
        body = render_template("front.html", front=shown, questions=questions(), head=plain_head("/", front_data()))
        response = with_tag(with_cost(Response(body, content_type="text/html; charset=utf-8"), reader), tag)
    # its description of the dataset names the newest dump, which the store's state does not tell: not to be remembered by that
    response.headers["Cache-Control"] = "no-cache"
    return response


@pages.get("/about")
@of_state
def about_page() -> Response:
    """About the data: how many of what, from whose articles, how surely, and how to cite and get them."""
    reader = service().reader()
    body = render_template("about.html", about=about(reader), settings=service().settings, formats=TRIPLES)
    return with_cost(Response(body, content_type="text/html; charset=utf-8"), reader)


@pages.get("/articles")
@of_state
def articles() -> Response:
    """The articles that facts were read from, the latest first, page by page."""
    reader = service().reader()
    body = render_template("articles.html", **all_articles(reader, asked()))
    return with_cost(Response(body, content_type="text/html; charset=utf-8"), reader)


@pages.app_template_global()
def link(iri: str) -> str:
    """The link for an IRI in a template."""
    return service().link(iri)


@pages.app_template_filter()
def external(iri: str) -> bool:
    """Whether an IRI leads away from this service."""
    return service().link(iri) == iri


pages.add_app_template_global(plain_head, "plain_head")
