"""Pages of what happened, was said, held and agreed: events, visits with their meetings, statements, tenures, instruments."""

from __future__ import annotations

from kg.web.views.facts import fact
from kg.web.views.lists import Asked, paged, shown, tabs
from kg.web.views.page import Page, links
from kg.web.views.parts import link, parts, passages
from kg.web.views.reader import Reader, iri
from kg.web.views.sentences import about_words
from kg.web.views.words import MODALITIES, days

#: What leads from other things to an event, and how many of each a page shows.
_TO_EVENT = "dipl:partOf dipl:follows dipl:reportedAs"
_MOST = 60


def _pointing(reader: Reader, thing: str, properties: str) -> dict[str, list[str]]:
    """What points to a thing by some properties: property's IRI -> subjects, in their order."""
    rows = reader.rows(
        f"SELECT DISTINCT ?s ?p {{ VALUES ?p {{ {properties} }} ?s ?p <{thing}> }} ORDER BY ?p ?s LIMIT 500"
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row[1].value, []).append(row[0].value)
    return found


def event(reader: Reader, thing: str, kind: str, asked: Asked) -> Page:
    """Who, what, when, where, about what; what it is part of and what is part of it; what it rests on."""
    tabs(asked, event="The event")
    to = _pointing(reader, thing, _TO_EVENT)
    reader.about([thing])
    bundle = reader.bundle
    near = {name: bundle.nodes(thing, f"dipl:{name}") for name in ("partOf", "follows", "accordingTo")}
    inner, later = to.get(iri("dipl:partOf"), [])[:_MOST], to.get(iri("dipl:follows"), [])[:_MOST]
    across = to.get(iri("dipl:reportedAs"), [])
    reader.facts([thing, *inner, *later, *(i for found in near.values() for i in found)])
    reader.labels(*across)
    itself = fact(bundle, thing)
    context = {
        "fact": itself,
        "parts": parts(bundle, thing),
        "when": days(
            bundle.text(thing, "dipl:earliestDate"),
            bundle.text(thing, "dipl:latestDate"),
            bundle.node(thing, "dipl:datePrecision").rpartition("-")[2],
        ),
        "when_text": bundle.text(thing, "dipl:dateText"),
        "places": links(bundle, bundle.nodes(thing, "dipl:place")),
        "place_text": bundle.text(thing, "dipl:placeText"),
        "topics": links(bundle, bundle.nodes(thing, "dipl:topic")),
        "about": about_words(bundle, thing),
        "concerns": links(bundle, bundle.nodes(thing, "dipl:concerns")),
        "modality_words": MODALITIES.get(itself.modality, ""),
        "trigger": bundle.text(thing, "dipl:trigger"),
        "codes": [bundle.text(thing, f"dipl:{name}") for name in ("ploverType", "cameoCode")],
        "goldstein": bundle.text(thing, "dipl:goldstein"),
        "source": [link(bundle, s) for s in bundle.nodes(thing, "dcterms:source")],
        "inner": [fact(bundle, i) for i in inner],
        "later": [fact(bundle, i) for i in later],
        "part_of": [fact(bundle, i) for i in near["partOf"]],
        "follows": [fact(bundle, i) for i in near["follows"]],
        "according_to": [fact(bundle, i) for i in near["accordingTo"]],
        "across": links(bundle, across),
    }
    return Page(thing, bundle.label(thing), kind, "event.html", context)


def statement(reader: Reader, thing: str, kind: str, asked: Asked) -> Page:
    """Who said it, to whom, in which words, through what; and the events that rest on it."""
    tabs(asked, statement="The statement")
    resting = _pointing(reader, thing, "dipl:accordingTo").get(iri("dipl:accordingTo"), [])[:_MOST]
    reader.facts([thing, *resting])
    bundle = reader.bundle
    found = parts(bundle, thing)
    context = {
        "fact": fact(bundle, thing),
        "quotes": bundle.texts(thing, "dipl:quote"),
        "paraphrase": bundle.text(thing, "dipl:paraphrase"),
        "verb": bundle.text(thing, "dipl:sayingVerb"),
        "negated": bundle.text(thing, "dipl:negated") == "true",
        "speakers": [p for p in found if p.role == "speaker"],
        "addressees": [p for p in found if p.role != "speaker"],
        "channel": bundle.text(thing, "dipl:channel"),
        "stance": bundle.text(thing, "dipl:stance"),
        "topics": links(bundle, bundle.nodes(thing, "dipl:topic")),
        "when": days(bundle.text(thing, "dipl:earliestDate"), bundle.text(thing, "dipl:latestDate")),
        "resting": [fact(bundle, i) for i in resting],
    }
    return Page(thing, bundle.label(thing), kind, "statement.html", context)


def tenure(reader: Reader, thing: str, kind: str, asked: Asked) -> Page:
    """One person's holding of one office, as one article shows it."""
    tabs(asked, tenure="The holding")
    reader.facts([thing])
    bundle = reader.bundle
    context = {
        "fact": fact(bundle, thing),
        "holder": links(bundle, bundle.nodes(thing, "dipl:holder")),
        "office": links(bundle, bundle.nodes(thing, "dipl:office")),
        "title": bundle.text(thing, "dipl:officeTitle"),
        "former": bundle.text(thing, "dipl:former") == "true",
        "when": days(bundle.text(thing, "dipl:observedFrom"), bundle.text(thing, "dipl:observedUntil")),
    }
    return Page(thing, bundle.label(thing), kind, "tenure.html", context)


def instrument(reader: Reader, thing: str, kind: str, asked: Asked) -> Page:
    """A law, treaty or resolution: its parties, who is for and against it, and the events about it."""
    tabs(asked, events="What is told of it")
    concerned = _pointing(reader, thing, "dipl:concerns").get(iri("dipl:concerns"), [])
    page = paged(concerned, asked)
    reader.facts([thing, *page.items])
    bundle = reader.bundle
    roles = (
        ("Parties", "party"),
        ("For it", "supportedBy"),
        ("Against it", "opposedBy"),
        ("Under debate at", "underDebateAt"),
    )
    context = {
        "fact": fact(bundle, thing),
        "kind_of_text": bundle.text(thing, "dipl:instrumentKind"),
        "status": bundle.text(thing, "dipl:instrumentStatus"),
        "roles": [(name, found) for name, p in roles if (found := links(bundle, bundle.nodes(thing, f"dipl:{p}")))],
        "topics": links(bundle, bundle.nodes(thing, "dipl:topic")),
        "passages": passages(bundle, thing),
        "facts": shown(reader, page),
    }
    return Page(thing, bundle.label(thing), kind, "instrument.html", context)
