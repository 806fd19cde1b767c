"""The front page: what is in the graph, and the ways into it."""

from __future__ import annotations

from collections import Counter

import pyoxigraph as ox
from flask import Blueprint, render_template

from kg.sparql.questions import questions
from kg.triples.vocab import PREFIXES
from kg.web.facts_view import KINDS, Link, fact, kind_of
from kg.web.graph_view import GraphView, Node
from kg.web.reading import overview, with_facts
from kg.web.service import service

pages = Blueprint("front", __name__)

_COUNTED = ("Article", "Event", "Statement", "Person", "Organization", "Group", "Office", "Instrument", "Place")
#: What the front page puts forward was read with at least this confidence; the rest is found by looking for it.
_SURE = 0.45


def _newest(view: GraphView, events: set[Node], most: int) -> list[Node]:
    sure = [node for node in events if float(view.text(node, "dipl:confidence") or 0) >= _SURE]
    dated = [(view.text(node, "dipl:latestDate"), node.value, node) for node in sure]
    return [node for *_, node in sorted(dated, reverse=True)[:most]]


def _busiest(view: GraphView, most: int) -> list[tuple[Link, int]]:
    """The states and bodies with the most events, by the parts taken on their behalf."""
    parts: Counter[Node] = Counter()
    for event in view.instances("Event"):
        parties = {p for part in view.nodes(event, "dipl:participation") for p in view.nodes(part, "dipl:onBehalfOf")}
        parts.update(parties)
    ranked = sorted(parts.items(), key=lambda item: (-item[1], item[0].value))
    return [(Link(view.label(node), node.value), number) for node, number in ranked[:most]]


def _spoken_of(view: GraphView) -> dict[str, int]:
    """How many things of each kind the articles speak of; the reference data's own states and bodies do not count."""
    counts = {name: len(view.instances(name)) for name in _COUNTED}
    reference = service().iris.graph("reference")
    curated = {
        q.subject for q in view.store.quads_for_pattern(None, ox.NamedNode(PREFIXES["foaf"] + "name"), None, reference)
    }
    spoken = {node for part in view.instances("Participation") for node in view.nodes(part, "dipl:onBehalfOf")}
    acting = {node for part in view.instances("Participation") for node in view.nodes(part, "dipl:actor")}
    organizations = view.instances("Organization")
    counts["Place"] = len(view.instances("Place") - view.instances("State"))
    counts["Organization"] = len((organizations - curated) | (organizations & (spoken | acting)))
    return {"Article": counts.pop("Article"), "State": len((spoken | acting) & view.instances("State"))} | counts


@pages.get("/")
def home() -> str:
    """What is in the graph, and the ways into it."""
    state = service().snapshots.current()
    view = overview(state, {*KINDS, *_COUNTED, "Participation"}, service().iris.graph("reference"))
    events = view.instances("Event")
    newest = _newest(view, events, 10)
    view = with_facts(state, view, newest)
    kinds = Counter(kind_of(view, node) for node in events)
    articles = sorted((Link(view.label(node), node.value) for node in view.instances("Article")), key=lambda a: a.text)
    return render_template(
        "front.html",
        counts=_spoken_of(view),
        kinds=[(kind, kinds[kind]) for kind in KINDS if kinds[kind]],
        newest=[fact(view, node) for node in newest],
        busiest=_busiest(view, 12),
        articles=articles[:50],
        left_out=max(0, len(articles) - 50),
        questions=questions(),
    )


@pages.app_template_global()
def link(iri: str) -> str:
    """The link for an IRI in a template."""
    return service().link(iri)


@pages.app_template_filter()
def external(iri: str) -> bool:
    """Whether an IRI leads away from this service."""
    return service().link(iri) == iri
