"""A graph as what can be found in it: the things that it names, the facts that it tells, and its sentences."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

import pyoxigraph as ox

from kg.triples.iris import Iris
from kg.triples.vocab import DIPL, named, ontology, with_superclasses

#: Kinds of what can be found, by group: things by their names, articles by their headlines, facts and sentences by their words.
GROUPS: dict[str, tuple[str, ...]] = {
    "names": ("Person", "State", "Organization", "Office", "Place", "Topic", "Group"),
    "articles": ("Article",),
    "facts": ("Event", "Statement", "Instrument", "Tenure"),
    "sentences": ("Sentence",),
}
ENTITIES = GROUPS["names"]
KINDS = tuple(kind for kinds in GROUPS.values() for kind in kinds)
#: Graphs that name nothing of their own: when articles were read, and the program's own bookkeeping.
_LEFT_OUT = (
    "ingestion",
    "identity/keys",
    "identity/unfinished",
    "identity/name",
    "identity/event",
    "identity/wikidata",
)


@cache
def _iri(name: str) -> str:
    """The IRI of a property or class by its usual short form."""
    return named(name).value


_TYPE = _iri("rdf:type")


@dataclass(frozen=True)
class Document:
    """What one graph says of one thing that can be found.

    ``type`` is the local name of an event's class; ``first`` and ``last`` are days (``date.toordinal``), 0 for none known;
    ``countries`` are codes of states, ``topics`` keys of topics. Of entities ``preferred`` is a curator's label, ``members`` are
    the persons of whom a person across articles is made.
    """

    iri: str
    kind: str
    label: str
    names: tuple[str, ...] = ()
    text: str = ""
    article: str = ""
    outlet: str = ""
    type: tuple[str, ...] = ()
    first: int = 0
    last: int = 0
    countries: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    preferred: str = ""
    members: tuple[str, ...] = ()

    def body(self) -> str:
        """What is said of an entity, the same for the same content."""
        return json.dumps(
            [self.kind, self.label, self.names, self.countries, self.preferred, self.members], ensure_ascii=False
        )

    @classmethod
    def said(cls, iri: str, body: str) -> Document:
        """The inverse of ``body``."""
        kind, label, names, countries, preferred, members = json.loads(body)
        return cls(
            iri, kind, label, tuple(names), countries=tuple(countries), preferred=preferred, members=tuple(members)
        )


@cache
def _event_classes() -> dict[str, int]:
    """Local name of each class of events -> how many classes stand above it."""
    event, owl_class = DIPL + "Event", ox.NamedNode(_iri("owl:Class"))
    names = [
        t.subject.value.removeprefix(DIPL)
        for t in ontology()
        if isinstance(t.subject, ox.NamedNode) and t.object == owl_class and t.subject.value.startswith(DIPL)
    ]
    above = {name: [c.value for c in with_superclasses(name)] for name in names}
    return {name: len(chain) for name, chain in above.items() if event in chain}


@dataclass
class _Facets:
    """What a fact is filed under; that of a sentence and of an article is all that is told in it."""

    types: set[str] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)

    def add(self, other: _Facets) -> None:
        self.types |= other.types
        self.countries |= other.countries
        self.topics |= other.topics


class _Graph:
    """The triples of one graph, by subject and predicate."""

    def __init__(self, triples: Iterable[ox.Triple], base: str) -> None:
        self._found: dict[str, dict[str, list[str]]] = defaultdict(dict)
        self._states = f"{base}id/state/"
        for triple in triples:
            subject, value = triple.subject, triple.object
            if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
                self._found[subject.value].setdefault(triple.predicate.value, []).append(value.value)

    def subjects(self) -> Iterator[tuple[str, dict[str, list[str]]]]:
        yield from sorted(self._found.items())

    def all(self, subject: str, predicate: str) -> list[str]:
        return sorted(set(self._found.get(subject, {}).get(_iri(predicate), ())))

    def one(self, subject: str, predicate: str) -> str:
        return next(iter(self.all(subject, predicate)), "")

    def state(self, iri: str) -> str:
        """The code of a state's IRI; empty for another."""
        return iri.removeprefix(self._states) if iri.startswith(self._states) else ""

    def label(self, subject: str) -> str:
        return self.one(subject, "skos:prefLabel") or self.one(subject, "rdfs:label")

    def countries(self, subject: str, depth: int = 3) -> set[str]:
        """The states that a thing is, acts for or lies in."""
        found = {code} if (code := self.state(subject)) else set()
        for name in ("dipl:actsFor", "dipl:officeOf", "schema:containedInPlace") if depth and not found else ():
            for other in self.all(subject, name):
                found |= self.countries(other, depth - 1)
        return found


def _day(text: str) -> int:
    try:
        return dt.date.fromisoformat(text[:10]).toordinal()
    except ValueError:
        return 0


def _kind(classes: Iterable[str]) -> tuple[str, str]:
    """The kind of a thing by its classes, and of an event its own class; empty for what is not found by itself."""
    ours = {c.removeprefix(DIPL) for c in classes if c.startswith(DIPL)}
    if "Event" in ours:
        depths = _event_classes()
        return "Event", max(ours & depths.keys(), key=lambda name: (depths[name], name))
    if "PersonAcrossArticles" in ours:
        return "Person", ""
    known = next((kind for kind in KINDS if kind in ours), "")
    if not known and "Actor" in ours:  # an actor of which another collection does not say what it is
        return "Group", ""
    return known or ("Sentence" if "Passage" in ours else ""), ""


class _Reader:
    """Makes the documents of one graph."""

    def __init__(self, graph: _Graph) -> None:
        self.graph = graph
        self._everything = _Facets()
        self._passages: dict[str, _Facets] = defaultdict(_Facets)
        self._articles: dict[str, tuple[str, int]] = {}

    def read(self) -> Iterator[Document]:
        kinds = {s: _kind(about.get(_TYPE, ())) for s, about in self.graph.subjects()}
        for subject, (kind, _) in kinds.items():
            if kind == "Article":
                day = self.graph.one(subject, "dipl:referenceDate") or self.graph.one(subject, "schema:datePublished")
                self._articles[subject] = self.graph.one(subject, "schema:publisher"), _day(day)
        for subject, (kind, event_class) in kinds.items():
            if kind in ENTITIES:
                yield self._entity(subject, kind)
            elif kind in GROUPS["facts"]:
                yield self._fact(subject, kind, event_class)
        for subject, (kind, _) in kinds.items():
            if kind == "Sentence":
                yield from self._sentence(subject)
            elif kind == "Article":
                yield self._article(subject)
        yield from self._relabelled(kinds)

    def _entity(self, subject: str, kind: str) -> Document:
        graph = self.graph
        names = [
            n
            for p in ("foaf:name", "skos:altLabel", "schema:identifier", "dipl:isoCode")
            for n in graph.all(subject, p)
        ]
        countries = tuple(sorted(graph.countries(subject)))
        label = graph.one(subject, "rdfs:label")
        members = tuple(graph.all(subject, "dipl:knownAs"))
        preferred = graph.one(subject, "skos:prefLabel")
        return Document(
            subject, kind, label, tuple(dict.fromkeys(names)), countries=countries, preferred=preferred, members=members
        )

    def _relabelled(self, kinds: dict[str, tuple[str, str]]) -> Iterator[Document]:
        """Topics, and what a curator has named in a graph that says nothing else of it."""
        topic = DIPL + "topic-"
        for subject, (kind, _) in kinds.items():
            if subject.startswith(topic):
                names = tuple(self.graph.all(subject, "skos:altLabel"))
                yield Document(subject, "Topic", self.graph.label(subject), names)
            elif not kind and (preferred := self.graph.one(subject, "skos:prefLabel")) and not subject.startswith(DIPL):
                yield Document(subject, "", "", preferred=preferred)

    def _source(self, passages: Iterable[str]) -> str:
        return next((a for p in passages if (a := self.graph.one(p, "oa:hasSource"))), "")

    def _fact(self, subject: str, kind: str, event_class: str) -> Document:
        graph = self.graph
        facets = _Facets({event_class} - {""}, set(), self._topics(subject))
        parts = graph.all(subject, "dipl:participation")
        ends = [e for part in parts for p in ("dipl:onBehalfOf", "dipl:actor") for e in graph.all(part, p)]
        for name in ("dipl:place", "dipl:party", "dipl:holder", "dipl:office", "dipl:supportedBy", "dipl:opposedBy"):
            ends += graph.all(subject, name)
        for end in ends:
            facets.countries |= graph.countries(end)
        passages = graph.all(subject, "dipl:evidence")
        self._everything.add(facets)
        for passage in passages:
            self._passages[passage].add(facets)
        first = _day(graph.one(subject, "dipl:earliestDate") or graph.one(subject, "dipl:observedFrom"))
        last = _day(graph.one(subject, "dipl:latestDate") or graph.one(subject, "dipl:observedUntil"))
        told = [
            t for p in ("dipl:quote", "dipl:paraphrase", "dipl:about", "dipl:placeText") for t in graph.all(subject, p)
        ]
        article = self._source(passages)
        return self._filed(
            Document(subject, kind, graph.label(subject), text=" … ".join(told), article=article), facets, first, last
        )

    def _topics(self, subject: str) -> set[str]:
        return {t.removeprefix(DIPL + "topic-") for t in self.graph.all(subject, "dipl:topic")}

    def _filed(self, made: Document, facets: _Facets, first: int = 0, last: int = 0) -> Document:
        outlet, _ = self._articles.get(made.article, ("", 0))
        return Document(
            made.iri,
            made.kind,
            made.label,
            text=made.text,
            article=made.article,
            outlet=outlet,
            type=tuple(sorted(facets.types)),
            first=first,
            last=last or first,
            countries=tuple(sorted(facets.countries)),
            topics=tuple(sorted(facets.topics)),
        )

    def _sentence(self, subject: str) -> Iterator[Document]:
        selectors = self.graph.all(subject, "oa:hasSelector")
        text = next((t for s in selectors if (t := self.graph.one(s, "oa:exact"))), "")
        article = self.graph.one(subject, "oa:hasSource")
        if text and subject in self._passages:
            day = self._articles.get(article, ("", 0))[1]
            made = Document(subject, "Sentence", "", text=" ".join(text.split()), article=article)
            yield self._filed(made, self._passages[subject], day, day)

    def _article(self, subject: str) -> Document:
        day = self._articles[subject][1]
        label = self.graph.one(subject, "schema:headline") or self.graph.label(subject)
        author = self.graph.one(subject, "schema:author")
        made = Document(subject, "Article", label, text=author, article=subject)
        return self._filed(made, self._everything, day, day)


def wanted(graph: str, iris: Iris) -> bool:
    """Whether anything in a graph is to be found."""
    return not graph.startswith(tuple(iris.graph(name).value + "/" for name in _LEFT_OUT))


def documents(triples: Iterable[ox.Triple], iris: Iris) -> list[Document]:
    """What can be found in a graph, in the order of the kinds' reading; the same for the same triples in any order."""
    return list(_Reader(_Graph(triples, iris.base)).read())
