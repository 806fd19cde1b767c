"""What stands in the heads of pages for search engines and for those who share links: one description of each page, made here."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from kg.web.http.links import WebLink, alternates, canonical, page_path
from kg.web.service import service
from kg.web.views import schema_org
from kg.web.views.crumbs import trail
from kg.web.views.lists import Asked
from kg.web.views.page import Page
from kg.web.views.reader import Bundle
from kg.web.views.words import Link

SITE = "Diplomatic KG"
ABOUT = (
    "News articles, read by a program and turned into facts you can follow: who met, asked, promised or accused whom, "
    "where and when, and which sentence says so."
)
_LONGEST = 300


@dataclass(frozen=True)
class Head:
    """A page's head; ``crumbs`` lead to it from the front page, ``data`` is JSON-LD as it stands within the page."""

    description: str
    canonical: str
    data: str = ""
    title: str = ""
    #: Of https://ogp.me: website, article or profile.
    type: str = "website"
    alternates: tuple[WebLink, ...] = ()
    licenses: tuple[str, ...] = ()
    crumbs: tuple[Link, ...] = ()


def _cut(text: str) -> str:
    """A description's first words, up to what search engines show at most."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0] + " …"


def plain_head(path: str, data: str = "", links: tuple[WebLink, ...] = ()) -> Head:
    """The head of a page that is not of one thing."""
    return Head(ABOUT, canonical(path), data, alternates=links)


def head_of(page: Page, bundle: Bundle, rest: str, asked: Asked) -> Head:
    """The head of a thing's page, from what the page has read.

    The pages of a list are each their own; a list of one class of events alone is a part of the list without it.
    """
    kept = {"list": asked.list, "page": "" if asked.page == 1 or asked.quad else str(asked.page)}
    parameters = urlencode({name: value for name, value in kept.items() if value})
    address = canonical(page_path(rest)) + (f"?{parameters}" if parameters else "")
    crumbs = trail(page, bundle)
    described = schema_org.described(page, bundle, service().link, service().iris.base, address, crumbs)
    return Head(
        _cut(described.text),
        address,
        described.data,
        described.name,
        {"Article": "article", "Person": "profile"}.get(page.kind, "website"),
        tuple(alternates(rest)),
        tuple(bundle.texts(page.iri, "schema:license")) if page.kind == "Article" else (),
        crumbs,
    )


def front_data() -> str:
    """The site itself, and how it is searched, for the front page."""
    return schema_org.site(SITE, ABOUT, service().iris.base, searched=service().search is not None)


def ontology_data() -> str:
    """The ontology as a set of terms, for its page."""
    return schema_org.terms(service().iris.base)
