"""``/sitemap.xml`` (https://www.sitemaps.org/protocol.html) and ``/robots.txt`` (RFC 9309): pages, for search engines."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, abort

from kg.web.documents.shelf import shelf
from kg.web.http.freshness import of_state
from kg.web.http.links import canonical
from kg.web.service import service
from kg.web.views.addresses import Part, index, parts

endpoint = Blueprint("sitemap", __name__)

_XML = "application/xml; charset=utf-8"
#: What is dear to make, has no end of addresses or is not for reading.
_NOT_FOR_ROBOTS = (
    *("/sparql", "/gsp", "/search", "/docs?", "/query", "/ask/", "/metrics", "/health", "/openapi.json"),
    *("/*?*list=links", "/*?*quad=", "/*.csv", "/*.svg"),
    *(f"/{name}?" for name in ("timeline", "network", "map", "compare", "calendar", "disagreements")),
)


def _parts() -> tuple[Part, ...]:
    found = service()
    documents = ("docs", *(f"docs/{document.name}" for document in shelf().documents))
    return parts(found.reader(), found.iris.base, found.link, others=documents)


@endpoint.get("/sitemap.xml")
@of_state
def whole() -> Response:
    """The list of the sitemaps: one for each 50,000 pages."""
    return Response(index(_parts(), canonical("/sitemap/")), content_type=_XML)


@endpoint.get("/sitemap/<int:number>.xml")
@of_state
def one(number: int) -> Response:
    """Up to 50,000 addresses of pages, each with the day since which it is so."""
    found = _parts()
    if not 1 <= number <= len(found):
        abort(HTTPStatus.NOT_FOUND, f"There is no sitemap {number}; /sitemap.xml lists them.")
    return Response(found[number - 1].body, content_type=_XML)


@endpoint.get("/robots.txt")
def robots() -> Response:
    """What programs that follow links may read: the pages, where the operator lets them be found."""
    if service().settings.indexing == "off":
        lines = ["User-agent: *", "Disallow: /"]
    else:
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in _NOT_FOR_ROBOTS), "Allow: /"]
        lines += ["", f"Sitemap: {canonical('/sitemap.xml')}"]
    return Response("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
