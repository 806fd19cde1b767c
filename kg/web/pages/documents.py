"""``/docs``: the documents as pages, in order, with their parts, a search, and what is drawn in them."""

from __future__ import annotations

import mimetypes
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request

from kg.web.documents import lookup, routes
from kg.web.documents.markdown import Rendered, Section, Site, render
from kg.web.documents.shelf import Document, Shelf, shelf
from kg.web.http.caching import not_modified, tag_of, with_tag
from kg.web.http.freshness import program
from kg.web.http.links import canonical
from kg.web.openapi import document as openapi
from kg.web.pages.head import Head
from kg.web.service import service
from kg.web.views import schema_org
from kg.web.views.words import Link

pages = Blueprint("documents", __name__)

#: A document of more headings shows those of the second level alone in its contents.
_MOST_HEADS = 36
#: The document behind which the routes are listed.
_API = "http-api"
#: How pictures are coloured in the dark is written in them.
_PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def _other_pages() -> frozenset[str]:
    """Paths at which this service has a page that needs no parameter."""
    told = {path: operations.get("get", {}) for path, operations in openapi()["paths"].items() if "{" not in path}
    return frozenset(
        path
        for path, get in told.items()
        if "text/html" in get.get("responses", {}).get("200", {}).get("content", ())
        and not any(p["name"] == "id" for p in get["parameters"])
    )


@lru_cache(maxsize=2)
def _rendered(made: Shelf, base: str) -> dict[str, Rendered]:
    site = Site(made, _other_pages(), base)
    return {d.name: render(d, site) for d in (made.index, *made.documents)}


def _all(made: Shelf) -> dict[str, Rendered]:
    """All documents as HTML; made once for each state of the files."""
    return _rendered(made, service().iris.base)


def _tag(made: Shelf, *parts: str) -> str:
    return tag_of(program(), repr(service().settings), made.tag, *parts)


def _head(document: Document, path: str, lead: str) -> Head:
    crumbs = (Link("Home", "/"), *((Link("Documents", "/docs"),) if path != "/docs" else ()), Link(document.title))
    address = canonical(path)
    items = [
        {"@type": "ListItem", "position": n, "name": c.text, "item": canonical(c.iri or path)}
        for n, c in enumerate(crumbs, 1)
    ]
    article = {"@type": "TechArticle", "@id": address, "url": address, "headline": document.title, "description": lead}
    way = {"@type": "BreadcrumbList", "@id": f"{address}#breadcrumbs", "itemListElement": items}
    data = schema_org.block([article | {"inLanguage": "en", "isPartOf": {"@id": canonical("#site")}}, way])
    return Head(lead, address, data, document.title, "article", crumbs=crumbs)


@pages.get("/docs", strict_slashes=False)
def index() -> Response:
    """The documents that there are; with words to look for, the sections that have them."""
    made, asked = shelf(), request.args.get("q", "").strip()
    tag = _tag(made, "index", asked)
    if same := not_modified(tag):
        return same
    if len(asked) > lookup.LONGEST:
        abort(HTTPStatus.BAD_REQUEST, f"q: at most {lookup.LONGEST} characters are looked for.")
    found = _all(made)
    hits = lookup.look(asked, ((d, found[d.name]) for d in made.documents)) if asked else []
    shown = found[made.index.name]
    body = render_template(
        "documents/index.html",
        shown=shown,
        asked=asked,
        hits=hits,
        most=lookup.MOST,
        head=_head(made.index, "/docs", shown.lead),
    )
    return with_tag(Response(body, content_type="text/html; charset=utf-8"), tag)


@pages.get("/docs/<name>")
def page(name: str) -> Response:
    """A document."""
    made = shelf()
    document = made.by_name.get(name)
    if document is None:
        abort(HTTPStatus.NOT_FOUND, f"There is no document {name[:60]!r}; /docs lists them.")
    tag = _tag(made, name)
    if same := not_modified(tag):
        return same
    shown, (before, after) = _all(made)[name], made.around(document)
    listed = routes.groups(openapi()) if name == _API else {}
    more = [Section(2, title, title.lower().replace(" ", "-").replace(",", "")) for title in listed]
    body = render_template(
        "documents/page.html",
        document=document,
        shown=shown,
        sections=[
            s for s in (*shown.sections, *more) if s.level == 2 or (s.level == 3 and len(shown.sections) < _MOST_HEADS)
        ],
        groups=made.groups(),
        before=before,
        after=after,
        routes=listed,
        base=service().iris.base,
        notebook=document.path if document.path.endswith(".ipynb") else "",
        head=_head(document, f"/docs/{name}", shown.lead),
    )
    return with_tag(Response(body, content_type="text/html; charset=utf-8"), tag)


def _file(made: Shelf, path: str) -> tuple[Path, Response | None, str]:
    place = made.files.get(path)
    if place is None:
        abort(HTTPStatus.NOT_FOUND, f"The documents have no file {path[:100]!r}.")
    tag = tag_of(str(place.stat().st_mtime_ns), str(place.stat().st_size), path)
    return place, not_modified(tag), tag


@pages.get("/docs/pictures/<name>")
def picture(name: str) -> Response:
    """A picture that a document shows."""
    place, same, tag = _file(shelf(), f"docs/pictures/{name}")
    response = same or with_tag(Response(place.read_bytes(), mimetype=mimetypes.guess_type(name)[0]), tag)
    response.headers["Content-Security-Policy"] = _PICTURE_POLICY
    return response


@pages.get("/docs/files/<path:path>")
def file(path: str) -> Response:
    """A file of the repository that a document links to, as it is; no other is given out."""
    place, same, tag = _file(shelf(), path)
    if same:
        return same
    kind = "application/x-ipynb+json" if place.suffix == ".ipynb" else "text/plain; charset=utf-8"
    response = with_tag(Response(place.read_bytes(), content_type=kind), tag)
    if place.suffix == ".ipynb":
        response.headers["Content-Disposition"] = f'attachment; filename="{place.name}"'
    return response
