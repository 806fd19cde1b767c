"""Things in schema.org's words, embedded in their pages for search engines: from what the page has read, no more.

Classes and codes follow the correspondences that the ontology states. What an event's day is known only roughly from has no
``startDate``; a party's part in an event is told by ``attendee`` and ``organizer`` for meetings and the like alone.
https://schema.org/docs/full.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyoxigraph as ox

from kg.triples.vocab import DIPL, PREFIXES, named, ontology
from kg.web.views.crumbs import name_of
from kg.web.views.page import Page
from kg.web.views.parts import Part, parts
from kg.web.views.reader import Bundle
from kg.web.views.words import EVENT_KINDS, MODALITIES, Link, kind_words, with_the

Node = dict[str, Any]
_SCHEMA = PREFIXES["schema"]
#: Events that people come to.
_ATTENDED = frozenset((*EVENT_KINDS[: EVENT_KINDS.index("Signing") + 1], "Consultation"))
#: Kinds by the IRI's own word, where no more is known of a thing than its name.
_BY_WORD = {
    "state": "State",
    "organization": "Organization",
    "person": "Person",
    "place": "Place",
    "article": "Article",
}


@dataclass(frozen=True)
class Described:
    """A thing's name and a sentence on it, and its JSON-LD as it stands in a page."""

    name: str
    text: str
    data: str


@cache
def _correspondences() -> dict[str, tuple[list[str], list[str]]]:
    """Term of the ontology -> terms of schema.org that it is one of or close to, and the terms right above it."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    above = (named("rdfs:subClassOf"), named("skos:closeMatch"))
    for triple in ontology():
        if (
            triple.predicate in above
            and isinstance(triple.subject, ox.NamedNode)
            and isinstance(triple.object, ox.NamedNode)
        ):
            own, wider = found.setdefault(triple.subject.value, ([], []))
            (own if triple.object.value.startswith(_SCHEMA) else wider).append(triple.object.value)
    return found


@cache
def term_of(iri: str) -> str:
    """Local name of the schema.org term that a class or code corresponds to, itself or by a class above it; else empty."""
    own, wider = _correspondences().get(iri, ([], []))
    # what a term is close to tells more than what it is a part of
    return own[-1].removeprefix(_SCHEMA) if own else next((t for w in wider if (t := term_of(w))), "")


def block(nodes: Iterable[Node]) -> str:
    """JSON-LD as it may stand within HTML: no "<" begins anything there."""
    graph = {"@context": _SCHEMA.rstrip("/"), "@graph": list(nodes)}
    return json.dumps(graph, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _without_empty(node: Node) -> Node:
    return {name: value for name, value in node.items() if value not in ("", None, [], ())}


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _brief(target: Link) -> Node:
    """A thing that another one speaks of: its IRI and name, and its class where the IRI tells it."""
    word = (target.iri or "").partition("/id/")[2].partition("/")[0]
    kind = term_of(DIPL + _BY_WORD[word]) if word in _BY_WORD else ""
    return _without_empty({"@type": kind, "@id": target.iri, "name": target.text})


def _briefs(targets: Iterable[Link]) -> Any:
    return _one([_brief(t) for t in targets])


def _who(found: Iterable[Part]) -> Any:
    """Who takes part, each once: the unnamed by their words."""
    return _briefs(dict.fromkeys(p.actor for p in found))


def _same(page: Page) -> Any:
    return _one([link.iri for link in page.shown.get("same", ()) if link.iri])


def _day(bundle: Bundle, thing: str) -> Node:
    """The day, month or year of an event, where it is known to be that one."""
    first, last = (bundle.text(thing, f"dipl:{end}Date")[:10] for end in ("earliest", "latest"))
    length = {"month": 7, "year": 4}.get(bundle.node(thing, "dipl:datePrecision").rpartition("-")[2], 10)
    if not first or first[:length] != last[:length]:
        return {}
    return {"startDate": first[:length], "endDate": last[:length]}


def _articles(page: Page) -> Any:
    told = page.shown.get("fact")
    found = [p.article for p in told.passages] if told else [r.article for r in page.shown.get("reports", ())]
    return _briefs(dict.fromkeys(found))


def _event(page: Page, bundle: Bundle) -> Node:
    own = page.shown.get("best")
    found = parts(bundle, own.iri if own else page.iri)
    hosts = [p for p in found if p.role == "host"]
    guests = [p for p in found if p.role != "host"]
    attended = page.kind in _ATTENDED or any(
        t.removeprefix(DIPL) in _ATTENDED for t in bundle.nodes(page.iri, "dcterms:type")
    )
    about = [*page.shown.get("topics", ()), *page.shown.get("concerns", ())]
    who = {"organizer": _who(hosts), "attendee": _who(guests)} if attended else {"actor": _who(found)}
    return {
        "@type": term_of(DIPL + page.kind) or "Event",
        **_day(bundle, page.iri),
        "location": _briefs(page.shown.get("places", ())),
        **who,
        "eventStatus": _status(bundle.node(page.iri, "dipl:modality")),
        "about": _briefs(about),
        "superEvent": _briefs(Link(f.text, f.iri) for f in page.shown.get("part_of", ())),
        "subjectOf": _articles(page),
    }


def _status(modality: str) -> str:
    found = term_of(modality)
    return _SCHEMA + found if found else ""


def _person(page: Page, _: Bundle) -> Node:
    names = [*page.shown.get("aliases", ()), *(a.text for a in page.shown.get("known_as", ()))]
    held = [row["office"].text for row in page.shown.get("held", ()) if not row["former"]]
    return {
        "@type": term_of(DIPL + page.kind),
        "alternateName": _one([name for name in dict.fromkeys(names) if name != page.title]),
        "jobTitle": _one(held),
        "affiliation": _briefs(page.shown.get("parties", ())),
        "sameAs": _same(page),
    }


def _party(page: Page, _: Bundle) -> Node:
    return {
        "@type": term_of(DIPL + page.kind),
        "identifier": page.shown.get("code", ""),
        "memberOf": _briefs(page.shown.get("members_of", ())),
        "sameAs": _same(page),
    }


def _place(page: Page, _: Bundle) -> Node:
    latitude, longitude = page.shown.get("latitude"), page.shown.get("longitude")
    known = {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude} if latitude and longitude else ""
    return {
        "@type": term_of(DIPL + page.kind),
        "geo": known,
        "containedInPlace": _briefs(page.shown.get("within", ())),
        "sameAs": _same(page),
    }


def _article(page: Page, bundle: Bundle) -> Node:
    day = bundle.text(page.iri, "schema:datePublished")
    if not day and not page.shown.get("inferred"):
        day = bundle.text(page.iri, "dipl:referenceDate")
    outlet, author = page.shown.get("outlet"), page.shown.get("author")
    return {
        "@type": term_of(DIPL + page.kind),
        "headline": page.title,
        "datePublished": day,
        "publisher": {"@type": "Organization", "name": outlet} if outlet else "",
        "author": {"@type": "Person", "name": author} if author else "",
        "license": _one(list(page.shown.get("license", ()))),
        "sameAs": page.shown.get("url", ""),
        "mentions": _briefs([*page.shown.get("people", ()), *page.shown.get("parties", ())]),
    }


def _statement(page: Page, _: Bundle) -> Node:
    said = "negated" in page.shown and not page.shown["negated"]
    return {
        "@type": term_of(DIPL + page.kind),
        "author": _who(page.shown.get("speakers", ())) if said else [],
        "text": _one(list(page.shown.get("quotes", ()))),
        "abstract": page.shown.get("paraphrase", ""),
        "about": _briefs(page.shown.get("topics", ())),
        "isBasedOn": _articles(page),
    }


def _instrument(page: Page, _: Bundle) -> Node:
    return {
        "@type": term_of(DIPL + page.kind),
        "about": _briefs(page.shown.get("topics", ())),
        "subjectOf": _articles(page),
    }


def _office(page: Page, _: Bundle) -> Node:
    return {"@type": term_of(DIPL + page.kind), "roleName": page.title}


def _topic(page: Page, _: Bundle) -> Node:
    return {
        "@type": "DefinedTerm",
        "description": page.shown.get("definition", ""),
        "inDefinedTermSet": DIPL.rstrip("#"),
    }


_MAKERS: dict[str, Callable[[Page, Bundle], Node]] = {
    **dict.fromkeys((*EVENT_KINDS, "EventAcrossArticles"), _event),
    **dict.fromkeys(("Person", "PersonAcrossArticles"), _person),
    **dict.fromkeys(("State", "Organization"), _party),
    "Place": _place,
    "Article": _article,
    "Statement": _statement,
    "Instrument": _instrument,
    "Topic": _topic,
    "Office": _office,
}


def _counted(number: int, kind: str) -> str:
    return f"{number:,} {kind_words(kind, number).lower()}"


def sentence(page: Page) -> str:
    """What a page says, in a sentence or two: the fact with the words that say so, else how much there is about a thing."""
    shown = page.shown
    if told := shown.get("fact") or shown.get("best"):
        quoted = next((f" “{p.text}” ({', '.join(filter(None, (p.outlet, p.day)))})" for p in told.passages), "")
        return f"{told.text.rstrip('.')}. {MODALITIES.get(told.modality, '')}".strip() + quoted.replace(" ()", "")
    if page.kind == "Article":
        numbers = [_counted(n, kind) for kind, n in shown.get("counts", ()) if n]
        source = ", ".join(filter(None, (shown.get("outlet"), shown.get("day"))))
        return f"{source + ': ' if source else ''}{page.title}. Read from it: {', '.join(numbers) or 'nothing'}."
    if "holders" in shown and page.kind == "Office":
        holders = ", ".join(row["who"].text for row in shown["rows"][:6])
        return f"Who has held the office {page.title}, as news articles show it: {holders}."
    if "number" in shown:
        about = shown.get("definition") or f"What news articles tell of {with_the(page.title)}"
        if not shown["number"] and not shown.get("number_said"):
            return f"{about.rstrip('.')}: nothing so far."
        more = f" and {_counted(shown['number_said'], 'Statement')}" if shown.get("number_said") else ""
        return f"{about.rstrip('.')}: {_counted(shown['number'], 'Event')}{more}, each with the sentence that says so."
    return f"{kind_words(page.kind) + ': ' if page.kind else ''}{page.title}."


def described(
    page: Page, bundle: Bundle, link: Callable[[str], str], base: str, address: str, crumbs: tuple[Link, ...]
) -> Described:
    """A thing's page, the thing, and the way to it.

    Args:
        link: from an IRI to the path of its page.
        base: the base IRI.
        address: the page's own.
        crumbs: from the front page to the thing.
    """
    name, text = name_of(page), sentence(page)
    # what points to a thing is a page about it that tells nothing of it
    make = _MAKERS.get(page.kind) if "links" not in page.shown else None
    thing = {"@id": page.iri, "@type": "Thing", "name": name, "description": text, "mainEntityOfPage": address}
    thing |= _without_empty(make(page, bundle)) if make else {}
    items = [
        _without_empty(
            {
                "@type": "ListItem",
                "position": n,
                "name": c.text,
                "item": base + link(c.iri).lstrip("/") if c.iri else "",
            }
        )
        for n, c in enumerate(crumbs, 1)
    ]
    way = {"@type": "BreadcrumbList", "@id": f"{address}#breadcrumbs", "itemListElement": items}
    about = {"@type": "WebPage", "@id": address, "name": name, "inLanguage": "en", "mainEntity": {"@id": page.iri}}
    about |= {"breadcrumb": {"@id": way["@id"]}, "isPartOf": {"@id": f"{base}#site"}}
    return Described(name, text, block([about, _without_empty(thing), way]))


def site(name: str, about: str, base: str, *, searched: bool) -> str:
    """The site, and the address of its search with the place of the words, where it is searched."""
    node: Node = {"@type": "WebSite", "@id": f"{base}#site", "url": base, "name": name, "description": about}
    if searched:
        target = {"@type": "EntryPoint", "urlTemplate": f"{base}search?q={{search_term_string}}"}
        node["potentialAction"] = {
            "@type": "SearchAction",
            "target": target,
            "query-input": "required name=search_term_string",
        }
    return block([node])


def terms(base: str) -> str:
    """The ontology as a set of defined terms."""
    node = {"@type": "DefinedTermSet", "@id": DIPL.rstrip("#"), "name": "Diplomatic events ontology"}
    return block([node | {"url": f"{base}ontology", "license": "https://www.apache.org/licenses/LICENSE-2.0"}])
