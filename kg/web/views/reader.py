"""Asks a state of the store what a page needs: few queries, whose number does not grow with what there is.

Pages are built from a ``Bundle``: what is said of the things that are shown, gathered by queries that name them all at once.
Both back-ends are asked the same.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sized
from functools import cache
from typing import TypeVar

import pyoxigraph as ox

from kg.errors import StoreError
from kg.sources.bodies import Bodies, Body
from kg.store import State
from kg.triples.vocab import named
from kg.web.views.words import local_name

Value = ox.NamedNode | ox.Literal
Kind = TypeVar("Kind")
_LOG = logging.getLogger("kg.pages")
#: Things that one query names: pages show fewer.
_LOT = 600
#: Passages, their selectors and participations: what has no name of its own.
_PART = re.compile(r"#(?:char|quote|position)=|#p\d+$")
_LABELS = ("rdfs:label", "skos:prefLabel")
#: What lists do not show of facts, of their parts and of articles: a row that is not read costs little.
_NOT_OF_FACTS = "sem:hasActor, dipl:cameoCode, dipl:ploverType, dipl:placeText, dcterms:identifier, dipl:goldstein"
_NOT_OF_PARTS = "rdf:type, rdfs:label, dipl:confidence, dipl:evidence"
_OF_ARTICLES = "rdfs:label, schema:publisher, schema:datePublished, schema:url, dipl:referenceDate"
_FACT_PARTS = f"""SELECT ?s ?p ?o {{{{ VALUES ?f {{{{ {{facts}} }}}}
 {{{{ ?f dipl:participation ?s . ?s ?p ?o }}}} UNION {{{{ ?f dipl:evidence ?s . ?s ?p ?o }}}}
 UNION {{{{ ?f dipl:evidence ?x . ?x oa:hasSelector ?s . ?s ?p ?o }}}} FILTER (?p NOT IN ({_NOT_OF_PARTS})) }}}}"""


@cache
def iri(curie: str) -> str:
    """The IRI of a term as text."""
    return named(curie).value


class Bundle:
    """What is said of some things, each triple once, in whatever order it came."""

    def __init__(self) -> None:
        self._said: dict[str, dict[str, dict[Value, None]]] = {}
        #: Article -> its text, where it is at hand and may be shown.
        self.bodies: dict[str, Body] = {}

    def add(self, subject: object, predicate: object, value: object) -> None:
        """One triple; blank nodes have no page and are passed over."""
        if not (isinstance(subject, ox.NamedNode) and isinstance(predicate, ox.NamedNode)):
            return
        if isinstance(value, ox.NamedNode | ox.Literal):
            self._said.setdefault(subject.value, {}).setdefault(predicate.value, {})[value] = None

    def __contains__(self, thing: str) -> bool:
        return thing in self._said

    def things(self) -> list[str]:
        """All of which something is said, in the order of their IRIs."""
        return sorted(self._said)

    def said(self, thing: str) -> dict[str, list[Value]]:
        """Property -> values of a thing, both in a fixed order."""
        found = self._said.get(thing, {})
        return {p: sorted(found[p], key=str) for p in sorted(found)}

    def values(self, thing: str, curie: str) -> list[Value]:
        """The values of a property, in a fixed order."""
        return sorted(self._said.get(thing, {}).get(iri(curie), ()), key=str)

    def nodes(self, thing: str, curie: str) -> list[str]:
        """IRIs that a property leads to, in their order."""
        found = self._said.get(thing, {}).get(iri(curie), ())
        return sorted(v.value for v in found if isinstance(v, ox.NamedNode))

    def node(self, thing: str, curie: str) -> str:
        """The first IRI that a property leads to; empty where there is none."""
        return next(iter(self.nodes(thing, curie)), "")

    def text(self, thing: str, curie: str) -> str:
        """The first value of a property: a literal's text, or a thing's label; empty where there is none."""
        value = next(iter(self.values(thing, curie)), None)
        return "" if value is None else self.shown(value)

    def texts(self, thing: str, curie: str) -> list[str]:
        """All values of a property as words."""
        return [self.shown(value) for value in self.values(thing, curie)]

    def shown(self, value: Value) -> str:
        """A value as words."""
        return self.label(value.value) if isinstance(value, ox.NamedNode) else value.value

    def label(self, thing: str) -> str:
        """The curator's label before the articles', of several the first in the order of their text; else the IRI's last part."""
        for curie in ("skos:prefLabel", "rdfs:label"):
            if labels := [v for v in self._said.get(thing, {}).get(iri(curie), ()) if isinstance(v, ox.Literal)]:
                return min(labels, key=str).value
        return local_name(thing)

    def is_a(self, thing: str, class_name: str) -> bool:
        """Whether it is of a class of the ontology; superclasses are written out."""
        return named(f"dipl:{class_name}") in self._said.get(thing, {}).get(iri("rdf:type"), ())

    def paragraph(self, article: str, exact: str, start: int) -> tuple[str, str]:
        """What stands before and after a passage in its paragraph; nothing where the text is not at hand or has changed."""
        body, end = self.bodies.get(article), start + len(exact)
        if body is None or body.text[start:end] != exact:
            return "", ""
        first, last = next(((s, e) for _, s, e in body.blocks if s <= start and end <= e), (start, end))
        return body.text[first:start], body.text[end:last]

    def ends(self) -> set[str]:
        """All IRIs that are spoken of and have a label to look for."""
        found = set(self._said)
        for properties in self._said.values():
            for predicate, values in properties.items():
                if predicate not in _apart():
                    found.update(v.value for v in values if isinstance(v, ox.NamedNode))
        return found


@cache
def _apart() -> frozenset[str]:
    """Properties whose values are shown in a way of their own."""
    return frozenset(map(iri, ("rdf:type", "oa:hasSelector", "dipl:evidence", "dipl:participation", "oa:hasSource")))


class Kept:
    """What is dear to count, kept while the store is in one state; the least recently used is forgotten first.

    Args:
        most: entries of the lists that are kept, in all; a list with more than a quarter of them is not kept.
    """

    def __init__(self, most: int = 1_000_000) -> None:
        self._most, self._held, self._state, self._lock = most, 0, ("", -1), threading.Lock()
        self._found: OrderedDict[tuple[str, ...], object] = OrderedDict()

    def get(self, state: State, key: tuple[str, ...], make: Callable[[], Kind]) -> Kind:
        """What was made for this key in this state, else what is made now."""
        name = (state.origin, state.generation)
        with self._lock:
            if self._state != name:
                self._state = name
                self._forget()
            elif key in self._found:
                self._found.move_to_end(key)
                return self._found[key]  # type: ignore[return-value]
        made = make()
        size = _size(made)
        with self._lock:
            if self._state == name and key not in self._found and size <= self._most // 4:
                self._found[key] = made
                self._held += size
                while self._held > self._most:
                    self._held -= _size(self._found.popitem(last=False)[1])
        return made

    def _forget(self) -> None:
        self._found.clear()
        self._held = 0

    def forget(self) -> None:
        """Forget all."""
        with self._lock:
            self._forget()


def _size(made: object) -> int:
    return 1 + (len(made) if isinstance(made, Sized) else 0)


class Reader:
    """Reads one state for one page.

    Args:
        kept: what outlives the page.
        bodies: the articles' own texts.
    """

    def __init__(self, state: State, kept: Kept, bodies: Bodies) -> None:
        self.state, self.bundle, self.queries = state, Bundle(), 0
        self._kept, self._bodies = kept, bodies

    def again(self) -> Reader:
        """Another reader of the same state."""
        return Reader(self.state, self._kept, self._bodies)

    def rows(self, text: str) -> list[ox.QuerySolution]:
        """The rows of a query over the union of all graphs; the usual prefixes are known."""
        self.queries += 1
        return list(self.state.rows(text))

    def kept(self, key: tuple[str, ...], make: Callable[[], Kind]) -> Kind:
        """What is made once for each state of the store."""
        return self._kept.get(self.state, key, make)

    def take(self, text: str) -> None:
        """Gather the triples of a query, SELECT ?s ?p ?o."""
        for row in self.rows(text):
            self.bundle.add(row[0], row[1], row[2])

    def about(self, things: Iterable[str], only: str = "") -> None:
        """Gather all that is said of some things, or what a condition on ?p lets through: one query."""
        if chosen := listed(things):
            where = f" FILTER (?p {only})" if only else ""
            self.take(f"SELECT DISTINCT ?s ?p ?o {{ VALUES ?s {{ {chosen} }} ?s ?p ?o{where} }}")

    def facts(self, things: Iterable[str]) -> None:
        """Gather facts with their parts, passages, articles and labels: four queries, whatever their number."""
        chosen = list(things)
        if not chosen:
            return
        self.about(chosen, f"NOT IN ({_NOT_OF_FACTS})")
        self.take(_FACT_PARTS.format(facts=listed(chosen)))
        articles = {a for thing in self.bundle.things() for a in self.bundle.nodes(thing, "oa:hasSource")}
        self.about(articles, f"IN ({_OF_ARTICLES})")
        self.texts(articles)
        self.labels()

    def texts(self, articles: Iterable[str]) -> None:
        """Gather the texts of articles, where they are at hand and may be shown."""
        named = {article.rpartition("/")[2]: article for article in articles}
        try:
            self.bundle.bodies |= {named[key]: body for key, body in self._bodies.get(named).items()}
        except StoreError as error:  # pages then show the passages alone
            _LOG.warning("%s", error)

    def labels(self, *more: str) -> None:
        """Gather the labels of everything that is spoken of: one query."""
        known = {thing for thing in self.bundle.things() if self.bundle.values(thing, "rdfs:label")}
        missing = ({thing for thing in self.bundle.ends() if not _PART.search(thing)} | set(more)) - known
        if chosen := listed(missing):
            # each property by itself: joined with a list of properties, Oxigraph reads every label there is
            each = (f"{{ VALUES ?s {{ {chosen} }} ?s {p} ?o BIND ({p} AS ?p) }}" for p in _LABELS)
            self.take(f"SELECT DISTINCT ?s ?p ?o {{ {' UNION '.join(each)} }}")


def listed(things: Iterable[str]) -> str:
    """IRIs as a query names them, in a fixed order, at most some hundreds."""
    return " ".join(f"<{thing}>" for thing in sorted(set(things))[:_LOT])
