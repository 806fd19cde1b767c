"""The way from the front page to a thing: by what it lies in, belongs to or was read from."""

from __future__ import annotations

from kg.web.views.page import Page
from kg.web.views.parts import link
from kg.web.views.reader import Bundle
from kg.web.views.words import Link

_HOME, _ARTICLES, _ONTOLOGY = Link("Home", "/"), Link("Articles", "/articles"), Link("Topics", "/ontology")
#: What leads from a thing to the one above it, by its kind.
_ABOVE = {
    "Person": "dipl:actsFor",
    "Group": "dipl:actsFor",
    "Office": "dipl:officeOf",
    "Place": "schema:containedInPlace",
    "Topic": "skos:broader",
}
_FACTS = ("Statement", "Tenure", "Instrument")


def _article(page: Page, bundle: Bundle) -> tuple[Link, ...]:
    """The article that a fact or a graph was read from, where it is one alone."""
    told = page.shown.get("fact")
    found = {p.article.iri: p.article for p in (told.passages if told else page.shown.get("passages", ()))}
    named = found or {iri: link(bundle, iri) for iri in bundle.nodes(page.iri, "prov:wasDerivedFrom")}
    return (_ARTICLES, *named.values()) if len(named) == 1 else ()


def name_of(page: Page) -> str:
    """What a page is called: a fact by its sentence, without a full stop; anything else by its label."""
    told = page.shown.get("fact")
    if told and page.kind not in ("Instrument", "Statement", "Tenure"):
        return str(told.text).rstrip(".")
    if page.kind == "Statement" and "speakers" in page.shown:
        who = " and ".join(dict.fromkeys(p.actor.text for p in page.shown.get("speakers", ()))) or "Somebody"
        to = ", ".join(dict.fromkeys(p.actor.text for p in page.shown.get("addressees", ())))
        return f"{who} {'did not say' if page.shown.get('negated') else 'said'}" + (f" to {to}" if to else "")
    if page.template == "across.html" and (best := page.shown.get("best")):
        return str(best.text).rstrip(".")
    return page.title[:1].upper() + page.title[1:] if page.kind == "Instrument" else page.title


def trail(page: Page, bundle: Bundle) -> tuple[Link, ...]:
    """The pages from the front page to a thing, itself included (without a link)."""
    above: tuple[Link, ...] = ()
    if page.kind in _ABOVE:
        nodes = bundle.nodes(page.iri, _ABOVE[page.kind])
        above = (_ONTOLOGY,) if page.kind == "Topic" else ()
        above += tuple(link(bundle, iri) for iri in nodes[:1])
    elif page.kind == "Article":
        above = (_ARTICLES,)
    elif page.kind in _FACTS or page.shown.get("fact") or bundle.nodes(page.iri, "prov:wasDerivedFrom"):
        above = _article(page, bundle)
    return (_HOME, *above, Link(name_of(page)))
