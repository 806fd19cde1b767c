"""A fact as pages tell it: a sentence with links, how sure it is, and the passages that say so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kg.web.views.parts import Passage, kind_of, link, passages
from kg.web.views.reader import Bundle
from kg.web.views.sentences import event_words, statement_words, tenure_words
from kg.web.views.words import EVENT_KINDS, EXTRACTORS, KINDS, MODALITIES, Link, sureness

#: The classes of facts.
FACTS = ("Event", "Statement", "Tenure", "Instrument")
_ORDER = {kind: number for number, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class Fact:
    """An event, statement, tenure or instrument in a sentence; ``quad`` is 0 where it has none."""

    iri: str
    kind: str
    quad: int
    modality: str
    words: tuple[Link, ...]
    day: str
    passages: tuple[Passage, ...]
    confidence: str
    sure: str
    extractor: str
    imported: Link | None

    @property
    def text(self) -> str:
        """The sentence without its links."""
        return "".join(word.text for word in self.words)


def fact(bundle: Bundle, thing: str) -> Fact:
    """A fact with its sentence and its passages, out of what was gathered."""
    kind = kind_of(bundle, thing)
    if kind in EVENT_KINDS:
        words = event_words(bundle, thing, kind)
    elif kind == "EventAcrossArticles" and (telling := best_telling(bundle, thing)):
        return _across(bundle, thing, telling)
    elif kind == "Statement":
        words = statement_words(bundle, thing)
    elif kind == "Tenure":
        words = tenure_words(bundle, thing)
    else:
        words = (link(bundle, thing),)
    quad, modality = bundle.text(thing, "dipl:quadClass"), bundle.node(thing, "dipl:modality").rpartition("-")[2]
    confidence, imported = bundle.text(thing, "dipl:confidence"), bundle.node(thing, "dipl:importedFrom")
    extractor = bundle.text(thing, "dipl:extractor")
    return Fact(
        thing,
        kind,
        int(quad) if quad in ("1", "2", "3", "4") else 0,
        modality if modality in MODALITIES else "",
        words,
        bundle.text(thing, "dipl:latestDate"),
        passages(bundle, thing),
        confidence,
        sureness(confidence) if confidence else "",
        EXTRACTORS.get(extractor, extractor),
        link(bundle, imported) if imported else None,
    )


def best_telling(bundle: Bundle, across: str) -> str:
    """Of an article's tellings of an event across articles the surest that was gathered; empty where none was."""
    found = [t for t in bundle.nodes(across, "dipl:reportedAs") if bundle.nodes(t, "dipl:participation")]
    return max(found, key=lambda t: (float(bundle.text(t, "dipl:confidence") or 0), t), default="")


def _across(bundle: Bundle, across: str, telling: str) -> Fact:
    """An event across articles, told as its surest telling tells it, with the number of the others."""
    told = fact(bundle, telling)
    words = tuple(replace(w, iri=across) if w.iri == telling else w for w in told.words)
    number = bundle.text(across, "dipl:articleCount")
    return replace(told, iri=across, words=(*words, Link(f" Told by {number} articles.", across, quiet=True)))


def in_order(found: Iterable[Fact]) -> list[Fact]:
    """Facts as an article's page lists them: events first, what was said, what was held; each by its place in the text."""

    def rank(fact: Fact) -> tuple[int, int, str]:
        start = fact.passages[0].start if fact.passages else 0
        return (max(_ORDER.get(fact.kind, 99), _ORDER["Event"]), start, fact.iri)

    return sorted(found, key=rank)
