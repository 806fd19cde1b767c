"""The ways from a thing to its page and its data, as Link headers tell them (RFC 8288) and pages repeat them in their heads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from werkzeug.urls import iri_to_uri

from kg.sparql.formats import TRIPLES
from kg.triples.vocab import DIPL
from kg.web.http.negotiation import Answer
from kg.web.service import service


@dataclass(frozen=True)
class WebLink:
    """A link of an answer: where to, as what, and of which media type."""

    href: str
    rel: str
    type: str = ""

    def __str__(self) -> str:
        target = iri_to_uri(self.href).replace(">", "%3E").replace(",", "%2C")
        # quoted, and with nothing else between: rdflib compares the parts letter by letter
        return f'<{target}>; rel="{self.rel}"' + (f'; type="{self.type}"' if self.type else "")


def page_path(rest: str) -> str:
    """The page of a thing, a graph ("graph/…") or a topic ("topic/…")."""
    return f"/{rest}" if rest.startswith("topic/") else f"/page/{rest}"


def data_path(rest: str, ending: str = "") -> str:
    """The data of the same in the format of an ending; without one what stands before the endings.

    A topic's data lie beside its page: ``/data/topic/…`` are the facts on it.
    """
    stem = f"/{rest}" if rest.startswith("topic/") else f"/data/{rest}"
    return f"{stem}.{ending}" if ending else stem


def alternates(rest: str) -> list[WebLink]:
    """The data of a thing in each format."""
    return [WebLink(data_path(rest, form.name), "alternate", form.media_types[0]) for form in TRIPLES]


def of_thing(rest: str) -> list[WebLink]:
    """From a thing's own address: its page and its data."""
    page = WebLink(page_path(rest), "alternate", "text/html")
    return [page, *alternates(rest), WebLink(data_path(rest, "ttl"), "describedby", "text/turtle")]


def of_data(rest: str, iri: str, ending: str) -> list[WebLink]:
    """From the data of a thing: the thing, its page and the other formats."""
    others = [link for link in alternates(rest) if not link.href.endswith(f".{ending}")]
    return [WebLink(iri, "describes"), WebLink(page_path(rest), "alternate", "text/html"), *others]


def of_page(rest: str, iri: str, kind: str, licenses: Iterable[str]) -> list[WebLink]:
    """From the page of a thing: the thing, its data, its class, and the licence of an article."""
    found = [
        WebLink(iri, "describes"),
        *alternates(rest),
        WebLink(data_path(rest, "ttl"), "describedby", "text/turtle"),
    ]
    if kind and kind != "Topic":
        found.append(WebLink(f"{DIPL}{kind}", "type"))
    return found + [WebLink(one, "license") for one in licenses if one.startswith(("http://", "https://"))]


def canonical(path: str) -> str:
    """The one address of a page, under the base IRI whatever host it was asked from."""
    return service().iris.base + path.lstrip("/")


def linked(response: Answer, links: Iterable[WebLink]) -> Answer:
    """An answer with its links."""
    response.headers["Link"] = ", ".join(str(link) for link in links)
    return response
