"""Pages of where and about what: places and topics."""

from __future__ import annotations

from functools import cache

import pyoxigraph as ox

from kg.triples.vocab import named, ontology
from kg.web.views.lists import Asked, counted, found, paged, shown, tabs
from kg.web.views.page import Page, links, ranked
from kg.web.views.parts import link
from kg.web.views.reader import Reader, listed
from kg.web.views.words import Link, elsewhere

_RANKED = 12


@cache
def _narrower() -> dict[str, tuple[str, ...]]:
    """Topic -> the topics right under it, as the ontology that ships with the program has them."""
    broader = named("skos:broader")
    found: dict[str, list[str]] = {}
    for triple in ontology():
        if (
            triple.predicate == broader
            and isinstance(triple.subject, ox.NamedNode)
            and isinstance(triple.object, ox.NamedNode)
        ):
            found.setdefault(triple.object.value, []).append(triple.subject.value)
    return {topic: tuple(sorted(under)) for topic, under in found.items()}


def below(topic: str) -> list[str]:
    """A topic and all that lies under it, in whatever depth."""
    all_found, waiting = {topic}, [topic]
    while waiting:
        waiting = [t for w in waiting for t in _narrower().get(w, ()) if t not in all_found]
        all_found.update(waiting)
    return sorted(all_found)


def topic(reader: Reader, thing: str, kind: str, asked: Asked) -> Page:
    """A topic: what was done and said about it and what lies under it, and by whom."""
    list_, all_tabs = tabs(asked, events="What was done", said="What was said")
    topics = f"VALUES ?topic {{ {listed(below(thing))} }}"
    events = found(reader, ("events", thing), f"{topics} ?f dipl:topic ?topic ; dipl:quadClass ?q .")
    chosen = events
    if list_ == "said":
        chosen = found(reader, ("said", thing), f"{topics} ?f dipl:topic ?topic ; dipl:speaker ?x .")
    parties = counted(
        reader,
        ("parties", thing),
        f"SELECT ?o (COUNT(DISTINCT ?f) AS ?n) {{ {topics} ?f dipl:topic ?topic ; dipl:quadClass ?q ; dipl:participation ?x ."
        " ?x dipl:onBehalfOf ?o } GROUP BY ?o",
        _RANKED,
    )
    page = paged(chosen.of(asked.quad if list_ == "events" else 0), asked)
    reader.about([thing])
    reader.facts(page.items)
    under = _narrower().get(thing, ())
    reader.labels(*(iri for iri, _ in parties), *under)
    bundle = reader.bundle
    context = {
        "tabs": all_tabs,
        "list": list_,
        "number": len(events.facts),
        "quads": events.quads,
        "filter": chosen.quads if list_ == "events" else (),
        "facts": shown(reader, page),
        "definition": bundle.text(thing, "skos:definition"),
        "broader": links(bundle, bundle.nodes(thing, "skos:broader")),
        "narrower": links(bundle, list(under)),
        "parties": ranked(bundle, parties),
    }
    return Page(thing, bundle.label(thing), kind or "Topic", "topic.html", context)


def there(thing: str) -> str:
    """The pattern of events ?f at a place, or at one that lies in it: a site in a town in a state."""
    below = f"{{ ?in schema:containedInPlace <{thing}> }}"
    deeper = f"{{ ?y schema:containedInPlace <{thing}> . ?in schema:containedInPlace ?y }}"
    inside = f"{{ SELECT DISTINCT ?in {{ {below} UNION {deeper} }} }}"
    return f"{{ ?f dipl:place <{thing}> }} UNION {{ {inside} ?f dipl:place ?in }} ?f dipl:quadClass ?q ."


def place(reader: Reader, thing: str, kind: str, asked: Asked) -> Page:
    """A place: what happened there and in what lies in it."""
    tabs(asked, events="What took place there")
    events = found(reader, ("here", thing), there(thing))
    page = paged(events.of(asked.quad), asked)
    inside = reader.rows(f"SELECT DISTINCT ?s {{ ?s schema:containedInPlace <{thing}> }} ORDER BY ?s LIMIT 60")
    reader.about([thing])
    reader.facts(page.items)
    within = [row[0].value for row in inside]
    reader.labels(*within)
    bundle = reader.bundle
    context = {
        "number": len(events.facts),
        "quads": events.quads,
        "filter": events.quads,
        "facts": shown(reader, page),
        "within": [link(bundle, iri) for iri in bundle.nodes(thing, "schema:containedInPlace")],
        "inside": links(bundle, within),
        "latitude": bundle.text(thing, "geo:lat"),
        "longitude": bundle.text(thing, "geo:long"),
        "same": [Link(elsewhere(iri), iri) for iri in bundle.nodes(thing, "owl:sameAs")],
    }
    return Page(thing, bundle.label(thing), kind, "place.html", context)
