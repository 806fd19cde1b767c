"""One event's rows: a row for each pair of a source and a target, from the triples of its graph."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cached_property

import pyoxigraph as ox

from kg.registry import organizations, states
from kg.registry.codes import cow, goldstein
from kg.tables.columns import COLUMNS, Row
from kg.tables.index import Index
from kg.triples.iris import Iris
from kg.triples.vocab import DIPL, term, with_superclasses

#: The dataset of what this project reads itself; the others are the names of imports.
OWN = "articles"
#: The kinds of actors, the nearest first.
_ACTOR_KINDS = ("Person", "State", "Organization", "Group")
_NAMES = tuple(column.name for column in COLUMNS)
_START = re.compile(r"#char=(\d+),")


class RowMaker:
    """Makes the rows of events; it knows which IRI is which curated party.

    Args:
        iris: mints the IRIs that the graphs use.
    """

    def __init__(self, iris: Iris) -> None:
        self._iris = iris

    @cached_property
    def _states(self) -> dict[str, str]:
        return {self._iris.party(state.code).value: state.code for state in states()}

    @cached_property
    def _organizations(self) -> dict[str, str]:
        return {self._iris.party(o.code).value: o.code for o in organizations()}

    def rows(self, index: Index, graph: ox.NamedNode, event: ox.NamedNode, sources: int = 1) -> Iterator[Row]:
        """The rows of one event.

        Args:
            index: the triples of the event and of what it points to.
            sources: how many articles tell of it, where the graph itself does not say.
        """
        shared = self._event(index, graph, event, sources)
        parts = sorted(index.nodes(event, "dipl:participation"), key=lambda node: (len(node.value), node.value))
        sides: dict[str, list[ox.NamedNode]] = {"source": [], "target": []}
        for part in parts:
            side = index.node(part, "dipl:side")
            sides["target" if side == term("side-target") else "source"].append(part)
        pairs: Iterator[tuple[ox.NamedNode | None, ox.NamedNode | None]]
        if not sides["target"] and _among_equals(index, event, sides["source"]):
            pairs = itertools.combinations(sides["source"], 2)
        else:
            pairs = itertools.product(sides["source"] or (None,), sides["target"] or (None,))
        for dyad, (source, target) in enumerate(pairs, 1):
            row = shared | {"dyad": dyad}
            row |= self._actor(index, "source", source) | self._actor(index, "target", target)
            yield {name: row.get(name) for name in _NAMES}

    def _event(self, index: Index, graph: ox.NamedNode, event: ox.NamedNode, sources: int) -> Row:
        cameo = index.text(event, "dipl:cameoCode")
        weight = index.number(event, "dipl:goldstein")
        quad, count = index.number(event, "dipl:quadClass"), index.number(event, "dipl:sourceCount")
        imported = index.node(event, "dipl:importedFrom") is not None
        return {
            "event": event.value,
            "dataset": index.text(event, "dipl:extractor") if imported else OWN,
            "graph": graph.value,
            "plover": index.text(event, "dipl:ploverType"),
            "class": _nearest_class(index, event),
            "cameo": cameo,
            "cameo_root": cameo[:2] if cameo else None,
            "quad_class": int(quad) if quad is not None else None,
            "goldstein": weight if weight is not None or cameo is None else goldstein(cameo),
            "date_from": index.text(event, "dipl:earliestDate"),
            "date_until": index.text(event, "dipl:latestDate"),
            "date_precision": _code(index.node(event, "dipl:datePrecision")),
            "date_text": index.text(event, "dipl:dateText"),
            "modality": _code(index.node(event, "dipl:modality")),
            "confidence": index.number(event, "dipl:confidence"),
            "sources": int(count) if count is not None else sources,
            "sentence": _sentence(index, event),
            "extractor": index.text(event, "dipl:extractor"),
            **self._place(index, event),
            **_article(index, graph, event),
        }

    def _place(self, index: Index, event: ox.NamedNode) -> Row:
        place = index.node(event, "dipl:place")
        if place is None:
            return {"place": index.text(event, "dipl:placeText")}
        inside: ox.NamedNode | None = place
        seen = set()
        while inside is not None and inside not in seen and inside.value not in self._states:
            seen.add(inside)
            inside = index.node(inside, "schema:containedInPlace")
        return {
            "place": index.text(place, "rdfs:label"),
            "place_iso": self._states.get(inside.value) if inside else None,
            "latitude": index.number(place, "geo:lat"),
            "longitude": index.number(place, "geo:long"),
        }

    def _actor(self, index: Index, side: str, part: ox.NamedNode | None) -> Row:
        actor = index.node(part, "dipl:actor") if part else None
        if part is None or actor is None:
            return {}
        types = set(index.types(actor))
        kind = next((name for name in _ACTOR_KINDS if term(name) in types), None)
        itself = actor if kind in ("State", "Organization") else None
        party = index.node(part, "dipl:onBehalfOf") or itself
        iso = self._states.get(party.value) if party else None
        number, abbreviation = cow(iso) if iso else (None, None)
        known = iso or (self._organizations.get(party.value) if party else None)
        return {
            side: actor.value,
            f"{side}_name": index.text(actor, "rdfs:label"),
            f"{side}_kind": kind.lower() if kind else None,
            f"{side}_role": _code(index.node(part, "dipl:role")),
            f"{side}_office": index.text(part, "dipl:officeTitle"),
            f"{side}_party": known or (index.text(party, "rdfs:label") if party else None),
            f"{side}_iso": iso,
            f"{side}_cow": number,
            f"{side}_cow_abbreviation": abbreviation,
        }


def _among_equals(index: Index, event: ox.NamedNode, parts: list[ox.NamedNode]) -> bool:
    """Whether several actors of one side deal with each other: "the leaders of Kenya and Uganda met", or signed."""
    roles = {_code(index.node(part, "dipl:role")) for part in parts}
    return len(parts) > 1 and (roles == {"participant"} or _nearest_class(index, event) == "Signing")


def _code(concept: ox.NamedNode | None) -> str | None:
    """A code's key: "day" for dipl:precision-day."""
    return concept.value.removeprefix(DIPL).partition("-")[2].replace("-", "_") if concept else None


def _nearest_class(index: Index, event: ox.NamedNode) -> str | None:
    """The local name of the class that is below all the others the event has."""
    own = [t.value.removeprefix(DIPL) for t in index.types(event) if t.value.startswith(DIPL)]
    return max(own, key=lambda name: len(with_superclasses(name)), default=None)


def _sentence(index: Index, event: ox.NamedNode) -> str | None:
    """The first passage of the text that tells it."""

    def start(passage: ox.NamedNode) -> int:
        found = _START.search(passage.value)
        return int(found[1]) if found else 0

    for passage in sorted(index.nodes(event, "dipl:evidence"), key=start):
        for selector in index.nodes(passage, "oa:hasSelector"):
            if words := index.text(selector, "oa:exact"):
                return words
    return None


def _article(index: Index, graph: ox.NamedNode, event: ox.NamedNode) -> Row:
    if index.node(event, "dipl:importedFrom"):
        return {"url": index.text(event, "dcterms:source")}
    article = index.node(graph, "prov:wasDerivedFrom")
    if article is None:
        return {}
    return {
        "article": article.value,
        "published": index.text(article, "schema:datePublished"),
        "url": index.text(article, "schema:url"),
    }
