"""The page of an event that several articles tell of: who reports it, as what, and where they contradict each other."""

from __future__ import annotations

from dataclasses import dataclass

from kg.web.views.facts import Fact, fact
from kg.web.views.lists import Asked, tabs
from kg.web.views.page import Page, links
from kg.web.views.parts import day_of
from kg.web.views.reader import Bundle, Reader
from kg.web.views.words import Link, days, property_words

#: More tellings than this are not shown; the data hold all.
_MOST = 60


@dataclass(frozen=True)
class Report:
    """One article that tells of the event: itself, its outlet and day, and its own telling."""

    article: Link
    outlet: str
    day: str
    telling: Fact


def _reports(bundle: Bundle, tellings: list[str]) -> list[Report]:
    found = []
    for telling in tellings:
        told = fact(bundle, telling)
        article = next((p.article for p in told.passages), None)
        if article and article.iri:
            outlet = bundle.text(article.iri, "schema:publisher")
            rank = bundle.text(article.iri, "dipl:referenceDate")
            found.append((rank or "9999", telling, Report(article, outlet, day_of(bundle, article.iri), told)))
    return [report for *_, report in sorted(found, key=lambda f: f[:2])]


def _disputes(bundle: Bundle, thing: str) -> list[tuple[str, list[tuple[str, Link, tuple[Link, ...]]]]]:
    """Property in words -> its values with their anchors and the articles that give each."""
    found: dict[str, list[tuple[str, Link, tuple[Link, ...]]]] = {}
    names = {
        "earliestDate": "when it was",
        "place": "where it was",
        "actor": "who took part",
        "onBehalfOf": "for whom",
        "size": "how many",
    }
    for claim in sorted(bundle.nodes(thing, "dipl:claim"), key=lambda n: (len(n), n)):
        about = bundle.node(claim, "dipl:claimAbout").rpartition("#")[2]
        value = next(iter(bundle.values(claim, "dipl:claimedValue")), None)
        if value is None:
            continue
        when = days(bundle.text(claim, "dipl:earliestDate"), bundle.text(claim, "dipl:latestDate"))
        shown = Link(when) if when else Link(bundle.shown(value), bundle.node(claim, "dipl:claimedValue") or None)
        found.setdefault(names.get(about, property_words(about)), []).append(
            (claim.rpartition("#")[2], shown, links(bundle, bundle.nodes(claim, "dipl:claimedBy")))
        )
    return list(found.items())


def event_across(reader: Reader, thing: str, kind: str, asked: Asked) -> Page:
    """One event of the world, as several articles tell it."""
    tabs(asked, event="The event")
    reader.about([thing])
    bundle = reader.bundle
    tellings = bundle.nodes(thing, "dipl:reportedAs")
    claims = bundle.nodes(thing, "dipl:claim")
    rows = reader.rows(f"SELECT DISTINCT ?s {{ ?s dipl:follows <{thing}> }} ORDER BY ?s LIMIT 20")
    reader.about([*claims, *bundle.nodes(thing, "dipl:follows")])
    reader.facts(tellings[:_MOST])
    reader.labels(*(row[0].value for row in rows))
    reports = _reports(bundle, tellings[:_MOST])
    context = {
        "reports": reports,
        "left_out": max(0, len(tellings) - _MOST),
        "best": max((r.telling for r in reports), key=lambda f: (float(f.confidence or 0), f.iri), default=None),
        "disputes": _disputes(bundle, thing),
        "articles": bundle.text(thing, "dipl:articleCount"),
        "outlets": bundle.texts(thing, "schema:publisher"),
        "actors": links(bundle, bundle.nodes(thing, "sem:hasActor")),
        "places": links(bundle, bundle.nodes(thing, "dipl:place")),
        "topics": links(bundle, bundle.nodes(thing, "dipl:topic")),
        "when": days(
            bundle.text(thing, "dipl:earliestDate"),
            bundle.text(thing, "dipl:latestDate"),
            bundle.node(thing, "dipl:datePrecision").rpartition("-")[2],
        ),
        "type": next((t for t in bundle.nodes(thing, "dcterms:type")), ""),
        "modality": bundle.node(thing, "dipl:modality").rpartition("-")[2],
        "confidence": bundle.text(thing, "dipl:confidence"),
        "follows": links(bundle, bundle.nodes(thing, "dipl:follows")),
        "followed": links(bundle, [row[0].value for row in rows]),
    }
    return Page(thing, bundle.label(thing), kind, "across.html", context)
