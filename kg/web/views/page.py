"""What the page of anything has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kg.triples.vocab import DIPL
from kg.web.views.facts import Fact
from kg.web.views.lists import Paged
from kg.web.views.parts import link
from kg.web.views.reader import Bundle
from kg.web.views.words import Link, property_words


@dataclass(frozen=True)
class Page:
    """A thing's page: its template, and what the template shows."""

    iri: str
    title: str
    kind: str
    template: str
    shown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def listed(self) -> Paged[Any] | None:
        """The list that goes on over several pages, where there is one."""
        return next((value for value in self.shown.values() if isinstance(value, Paged)), None)


@dataclass(frozen=True)
class Counted:
    """A thing in a ranked list; ``share`` is its part of the greatest, in per cent."""

    link: Link
    number: int
    share: int
    note: str = ""


@dataclass(frozen=True)
class Said:
    """A property in words with its values."""

    name: Link
    values: tuple[Link, ...]


def ranked(bundle: Bundle, rows: tuple[tuple[str, int], ...]) -> tuple[Counted, ...]:
    """Things with their numbers, for a list with bars."""
    most = max((number for _, number in rows), default=1)
    return tuple(Counted(link(bundle, iri), number, max(1, round(100 * number / most))) for iri, number in rows)


def properties(bundle: Bundle, thing: str, hidden: frozenset[str] = frozenset()) -> tuple[Said, ...]:
    """What is said of a thing, property by property, without what is shown in a way of its own."""
    found = []
    for predicate, values in bundle.said(thing).items():
        if predicate not in hidden:
            label = bundle.label(predicate)
            name = label if predicate in bundle and label else property_words(label)
            found.append(Said(Link(name, predicate if predicate.startswith(DIPL) else None), _shown(bundle, values)))
    return tuple(found)


def _shown(bundle: Bundle, values: list[Any]) -> tuple[Link, ...]:
    return tuple(
        Link(bundle.shown(v), v.value if hasattr(v, "value") and not hasattr(v, "datatype") else None) for v in values
    )


def links(bundle: Bundle, things: list[str]) -> tuple[Link, ...]:
    """Things by their labels, in the order of these."""
    return tuple(sorted((link(bundle, iri) for iri in things), key=lambda found: (found.text, found.iri or "")))


def places_of(facts: tuple[Fact, ...]) -> int:
    """How many articles the passages of some facts stand in."""
    return len({p.article.iri for f in facts for p in f.passages})
