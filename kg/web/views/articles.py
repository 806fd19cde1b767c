"""The page of an article: its text with what was read marked in it, or the sentences alone; and the list of articles."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from kg.web.views.facts import FACTS, Fact, fact, in_order
from kg.web.views.lists import MANY, Asked, Paged, refuse, tabs
from kg.web.views.marking import Mark, Stretch, apart, stretches, within
from kg.web.views.page import Page, links
from kg.web.views.parts import Passage, day_of, link, parts, passage
from kg.web.views.reader import Reader
from kg.web.views.words import days

#: Larger graphs of articles are not read whole, and more facts are not listed.
_MOST_TRIPLES, _MOST_FACTS = 20_000, 200


@dataclass(frozen=True)
class Block:
    """A block of the text: what it is, and its stretches."""

    kind: str
    stretches: tuple[Stretch, ...]

    @property
    def text(self) -> str:
        """Its words, without their line breaks."""
        return " ".join("".join(piece.text for s in self.stretches for piece in s.pieces).split())


def article(reader: Reader, thing: str, kind: str, asked: Asked) -> Page:
    """An article: what is known of it, its text with marks, and every fact that was read from it."""
    tabs(asked, article="The article")
    reader.take(
        f"SELECT ?s ?p ?o {{ ?g prov:wasDerivedFrom <{thing}> . GRAPH ?g {{ ?s ?p ?o }} }} LIMIT {_MOST_TRIPLES}"
    )
    reader.about([thing])
    repeats = reader.rows(f"SELECT DISTINCT ?s {{ ?s prov:alternateOf <{thing}> }} ORDER BY ?s LIMIT 60")
    reader.labels(*(row[0].value for row in repeats))
    reader.texts([thing])
    bundle = reader.bundle
    told = [f for name in FACTS for f in bundle.things() if "#" not in f and bundle.is_a(f, name)]
    facts = in_order(fact(bundle, f) for f in told)
    found = {p.anchor: p for node in bundle.things() if "#char=" in node and (p := passage(bundle, node))}
    every = sorted(found.values(), key=lambda p: (p.start, -p.end, p.anchor))
    context = {
        "facts": facts[:_MOST_FACTS],
        "left_out": max(0, len(facts) - _MOST_FACTS),
        "blocks": _blocks(reader, thing, facts, every),
        "whole": thing in bundle.bodies,
        "outlet": bundle.text(thing, "schema:publisher"),
        "author": bundle.text(thing, "schema:author"),
        "day": day_of(bundle, thing),
        "counted_from": days(*[bundle.text(thing, "dipl:referenceDate")] * 2),
        "inferred": bundle.text(thing, "dipl:referenceDateInferred") == "true",
        "license": bundle.texts(thing, "schema:license"),
        "url": bundle.node(thing, "schema:url"),
        "retrieved": bundle.text(thing, "pav:retrievedOn")[:10],
        "repeats": links(bundle, bundle.nodes(thing, "prov:alternateOf")),
        "repeated_by": links(bundle, [row[0].value for row in repeats]),
        "people": _mentioned(reader, ("Person",)),
        "parties": _mentioned(reader, ("State", "Organization")),
        "counts": [(name, sum(f.kind == name if name != "Event" else f.quad > 0 for f in facts)) for name in FACTS],
    }
    return Page(thing, bundle.label(thing), kind, "article.html", context)


def _mentioned(reader: Reader, kinds: tuple[str, ...]) -> tuple[object, ...]:
    bundle = reader.bundle
    return links(bundle, [t for t in bundle.things() if any(bundle.is_a(t, k) for k in kinds) and "#" not in t])


def _marks(reader: Reader, facts: list[Fact], text: str, shift: int) -> tuple[list[Mark], list[Mark]]:
    """Marks of events, actors, places and days, found by their words inside the passages they were read from; and quoted words.

    Args:
        text: the article's text, or one passage of it.
        shift: position in the article at which the text begins.
    """
    bundle = reader.bundle
    marks: dict[str, list[Mark]] = {"event": [], "actor": [], "place": [], "time": []}
    said: list[Mark] = []

    def look(words: str, spot: Passage, kind: str, to: str, title: str, quad: int = 0) -> bool:
        start, end = spot.start - shift, spot.end - shift
        place = within(words, text, max(start, 0), min(end, len(text))) if start < len(text) and end > 0 else None
        if place:
            (said if kind == "said" else marks[kind]).append(Mark(*place, kind, to, title, quad))
        return bool(place)

    for told in facts:
        for spot in told.passages:
            look(bundle.text(told.iri, "dipl:trigger"), spot, "event", told.iri, told.text, told.quad)
            look(bundle.text(told.iri, "dipl:placeText"), spot, "place", bundle.node(told.iri, "dipl:place"), "")
            look(bundle.text(told.iri, "dipl:dateText"), spot, "time", told.iri, _day(reader, told.iri))
            for quote in bundle.texts(told.iri, "dipl:quote"):
                look(quote, spot, "said", told.iri, told.text)
            for part in parts(bundle, told.iri):
                look(part.mention, spot, "actor", part.actor.iri or "", part.actor.text)
    # an event's words are put forward before names that hold them; of names the longer one
    ordered = [
        m
        for k in ("event", "actor", "place", "time")
        for m in sorted(marks[k], key=lambda m: (m.start - m.end, m.start, m.iri))
        if m.iri
    ]
    return apart(ordered), apart(sorted(said, key=lambda m: (m.start - m.end, m.start, m.iri)))


def _day(reader: Reader, thing: str) -> str:
    bundle = reader.bundle
    return days(bundle.text(thing, "dipl:earliestDate"), bundle.text(thing, "dipl:latestDate"))


def _blocks(reader: Reader, thing: str, facts: list[Fact], every: list[Passage]) -> tuple[Block, ...]:
    """The text block by block where it is at hand and is the one that was read; else each passage as a block."""
    body = reader.bundle.bodies.get(thing)
    spots = [(p.start, p.end, p.anchor) for p in every]
    if body and all(body.text[p.start : p.end] == p.text for p in every):
        marks, said = _marks(reader, facts, body.text, 0)
        return tuple(Block(k, stretches(body.text, s, e, spots, marks, said)) for k, s, e in body.blocks)
    reader.bundle.bodies.pop(thing, None)
    blocks = []
    for spot in every:
        marks, said = _marks(
            reader, [f for f in facts if spot.anchor in {p.anchor for p in f.passages}], spot.text, spot.start
        )
        blocks.append(
            Block("passage", stretches(spot.text, 0, len(spot.text), [(0, len(spot.text), spot.anchor)], marks, said))
        )
    return tuple(blocks)


def all_articles(reader: Reader, asked: Asked) -> dict[str, object]:
    """The articles, the latest first, page by page."""
    query = "SELECT DISTINCT ?a ?d { ?a a dipl:Article OPTIONAL { ?a dipl:referenceDate ?d } }"

    def ask() -> tuple[str, ...]:
        found: dict[str, str] = {}
        for row in reader.rows(query):
            found[row[0].value] = max(found.get(row[0].value, ""), getattr(row[1], "value", ""))
        return tuple(sorted(sorted(found), key=lambda a: found[a], reverse=True))

    every = reader.kept(("articles",), ask)
    start = (asked.page - 1) * MANY
    if start and start >= len(every):
        refuse(f"This list has no page {asked.page}; it ends before.", HTTPStatus.NOT_FOUND)
    chosen = every[start : start + MANY]
    reader.about(chosen)
    bundle = reader.bundle
    rows = tuple((link(bundle, a), bundle.text(a, "schema:publisher"), day_of(bundle, a)) for a in chosen)
    return {"articles": Paged(rows, len(every), asked.page, MANY)}
