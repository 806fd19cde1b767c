"""Reads what an article's graph asserts about events and persons: one graph at a time, whichever program wrote it."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

import pyoxigraph as ox

from kg.identity.names import tokens
from kg.identity.told import Contents, Days, Named, TellingArticle, Told
from kg.registry import fold, party_name
from kg.registry.tables import rows
from kg.triples.labels import EVENT_CLASSES
from kg.triples.vocab import DIPL, named, with_superclasses

_FAMILIES = frozenset(EVENT_CLASSES.values())
_SOURCE = {"role-initiator", "role-visitor", "role-mediator", "role-participant"}
_TARGET = {"role-recipient", "role-host"}
_WORD = re.compile(r"[^\W_]{3,}")
_ENDING = re.compile(r"(?:ing|ed|es|s)$")
_SHORTEST_STEM = 3
_CALENDAR = (
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september "
    "october november december today yesterday tomorrow week month year"
).split()


class _Graph:
    """The triples of one graph by subject and predicate."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, value in triples:
            if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
                self.found[subject.value][predicate.value].append(value.value)
        # the store gives them in no order, and of several values the first is taken; most properties have one
        for about in self.found.values():
            for values in about.values():
                values.sort()

    def all(self, subject: str, predicate: str) -> list[str]:
        return self.found[subject].get(named(predicate).value, []) if subject in self.found else []

    def one(self, subject: str, predicate: str) -> str | None:
        return next(iter(self.all(subject, predicate)), None)

    def of_class(self, name: str) -> list[str]:
        kind, typed = DIPL + name, named("rdf:type").value
        return sorted(s for s, about in self.found.items() if kind in about.get(typed, ()))

    def classes(self, subject: str) -> set[str]:
        return {c.removeprefix(DIPL) for c in self.all(subject, "rdf:type") if c.startswith(DIPL)}


@cache
def _common() -> frozenset[str]:
    """Words that tell nothing about which event is meant."""
    english = next(row for row in _function_words() if row[0] == "en")
    titles = {word for row in rows("frames/titles.tsv") for word in row["title"].lower().split()}
    return frozenset(_stem(word) for word in {*english[1].split(), *titles, *_CALENDAR, "said", "told"})


def _function_words() -> list[list[str]]:
    from importlib import resources

    text = (resources.files("kg") / "data" / "function_words.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def _stem(word: str) -> str:
    cut = _ENDING.sub("", word)
    cut = cut if len(cut) >= _SHORTEST_STEM else word
    return cut[:-1] + "i" if cut.endswith("y") else cut


def words(texts: Iterable[str]) -> frozenset[str]:
    """The telling words of some texts, in small letters and without their endings."""
    found = {_stem(w) for text in texts for w in _WORD.findall(fold(text).lower())}
    return frozenset(found - _common())


def telling_words(texts: Iterable[str], people: Iterable[str], parties: Iterable[str]) -> frozenset[str]:
    """The words that tell which event is meant, beyond who takes part: names, states and their adjectives are left out."""
    names = {_stem(word) for name in people for word in tokens(name)}
    heads = {w[:4] for party in parties for w in _WORD.findall(fold(party_name(party) or party).lower()) if len(w) > 3}
    return frozenset(w for w in words(texts) if w not in names and w[:4] not in heads)


def trigger_word(texts: Iterable[str]) -> str:
    """The first word of a trigger that is no common one, else its first word, without its ending."""
    found = [_stem(w) for text in sorted(texts) for w in _WORD.findall(fold(text).lower())]
    return next((w for w in found if w not in _common()), next(iter(found), ""))


def party_key(iri: str) -> str | None:
    """The key of a state or body by its IRI ("KHM"); None for an actor of another kind."""
    head, _, key = iri.rpartition("/")
    return key if head.endswith(("/id/state", "/id/organization")) else None


def _day(value: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError:
        return None


def _days(graph: _Graph, node: str) -> Days | None:
    first, last = _day(graph.one(node, "dipl:earliestDate")), _day(graph.one(node, "dipl:latestDate"))
    if first is None or last is None:
        return None
    return Days(first, last, (graph.one(node, "dipl:datePrecision") or "precision-day").rpartition("-")[2])


def _article(graph: _Graph, node: str) -> TellingArticle:
    day = _day(graph.one(node, "dipl:referenceDate")) or _day(graph.one(node, "schema:datePublished"))
    return TellingArticle(node, day, graph.one(node, "schema:publisher"))


def _kinds(graph: _Graph, node: str) -> tuple[str, str]:
    """Family and kind: the class of the PLOVER type, and the most particular one."""
    classes = graph.classes(node)
    family = min(classes & _FAMILIES, default="Event")
    above = {n.value.removeprefix(DIPL) for c in classes for n in with_superclasses(c)[1:]}
    return family, min(classes - above, default=family)


def _around(graph: _Graph, place: str | None) -> frozenset[str]:
    """A place and the places that it lies in."""
    found: set[str] = set()
    while place and place not in found:
        found.add(place)
        place = graph.one(place, "schema:containedInPlace")
    return frozenset(found)


class _Parts:
    """Who takes part in an event, by side."""

    def __init__(self, graph: _Graph, event: str) -> None:
        self.sources: set[str] = set()
        self.targets: set[str] = set()
        self.people: set[tuple[str, str]] = set()
        self.sizes: set[tuple[str, str]] = set()
        self.actors: set[str] = set()
        for part in graph.all(event, "dipl:participation"):
            self._add(graph, part)

    def _add(self, graph: _Graph, part: str) -> None:
        actor, role = graph.one(part, "dipl:actor"), (graph.one(part, "dipl:role") or "").removeprefix(DIPL)
        if actor is None:
            return
        behalf = graph.one(part, "dipl:onBehalfOf")
        party = (party_key(behalf) if behalf else None) or party_key(actor)
        self.actors.add(actor)
        if party:
            (self.targets if role in _TARGET else self.sources).add(party)
        if "Person" in graph.classes(actor) and (name := graph.one(actor, "foaf:name")):
            self.people.add((party or "", name))
        if size := graph.one(actor, "dipl:size"):
            self.sizes.add((party or "", size.lower()))


def _told(graph: _Graph, node: str, article: TellingArticle) -> Told:
    parts, place = _Parts(graph, node), graph.one(node, "dipl:place")
    family, kind = _kinds(graph, node)
    exact = {
        text
        for passage in graph.all(node, "dipl:evidence")
        for selector in graph.all(passage, "oa:hasSelector")
        for text in graph.all(selector, "oa:exact")
    }
    return Told(
        iri=node,
        article=article,
        family=family,
        kind=kind,
        modality=(graph.one(node, "dipl:modality") or "").rpartition("-")[2],
        sources=frozenset(parts.sources),
        targets=frozenset(parts.targets),
        people=frozenset(parts.people),
        sizes=frozenset(parts.sizes),
        actors=frozenset(parts.actors),
        days=_days(graph, node),
        place=place,
        places=_around(graph, place),
        topics=frozenset(graph.all(node, "dipl:topic")),
        words=telling_words(exact, (name for _, name in parts.people), parts.sources | parts.targets),
        trigger=trigger_word(graph.all(node, "dipl:trigger")),
        confidence=float(graph.one(node, "dipl:confidence") or 0.5),
    )


def _person(graph: _Graph, node: str, article: TellingArticle) -> Named:
    behalf = graph.one(node, "dipl:actsFor")
    titles = [
        title
        for tenure in graph.of_class("Tenure")
        if graph.one(tenure, "dipl:holder") == node
        for title in graph.all(tenure, "dipl:officeTitle")
    ]
    name = graph.one(node, "foaf:name") or graph.one(node, "rdfs:label") or ""
    return Named(node, article, name, party_key(behalf) if behalf else None, frozenset(t.lower() for t in titles))


def contents(triples: Iterable[ox.Triple]) -> Contents | None:
    """What a graph's triples, in whatever order, assert; None where it is no article's."""
    graph = _Graph(triples)
    article = next(iter(graph.of_class("Article")), None)
    if article is None:
        return None
    telling = _article(graph, article)
    events = tuple(_told(graph, node, telling) for node in graph.of_class("Event"))
    persons = tuple(_person(graph, node, telling) for node in graph.of_class("Person"))
    return Contents(telling, events, persons)
