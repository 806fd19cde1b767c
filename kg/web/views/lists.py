"""Lists of facts on a page: in a stable order, page by page, by class of event, with their number.

Which facts there are is asked once for each state of the store and kept; of the facts alone that a page shows more is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Generic, NoReturn, TypeVar
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import abort, request

from kg.web.views.facts import Fact, fact
from kg.web.views.numbers import whole_number
from kg.web.views.reader import Reader
from kg.web.views.words import QUADS

#: Facts, and plain links, on one page; pages that can be asked for.
SIZE, MANY, MOST_PAGES = 20, 60, 100_000
Item = TypeVar("Item")


@dataclass(frozen=True)
class Asked:
    """What the address asks for beside the thing: which list, which page of it, which class of events (0: all)."""

    list: str = ""
    page: int = 1
    quad: int = 0


@dataclass(frozen=True)
class Tab:
    """A list that a thing has: its name in the address, what it is called, and whether it is the one shown."""

    name: str
    title: str
    current: bool


@dataclass(frozen=True)
class Paged(Generic[Item]):
    """A page of a list."""

    items: tuple[Item, ...]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are; one of an empty list."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Number of the first item, from 1."""
        return (self.page - 1) * self.size + 1


@dataclass(frozen=True)
class Found:
    """Facts in their order, with the class of each where it is an event, and how many there are of each class."""

    facts: tuple[tuple[str, int], ...]
    quads: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.facts)

    def of(self, quad: int) -> list[str]:
        """The facts of a class; all for 0."""
        return [iri for iri, q in self.facts if not quad or q == quad]


def refuse(detail: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> NoReturn:
    """End the request with an error that says why."""
    abort(status, detail)


def asked() -> Asked:
    """What the request's parameters ask for; 400 for what they cannot."""
    given, quad = request.args.get("page", "1"), request.args.get("quad", "0")
    page = whole_number(given, 1, MOST_PAGES)
    if page is None:
        refuse(f"page: {given[:20]!r} is no number from 1 to {MOST_PAGES:,}.")
    if quad not in ("0", "1", "2", "3", "4"):
        refuse(f"quad: {quad[:20]!r} is no class of events; they are 1 to 4, and 0 for all.")
    return Asked(request.args.get("list", "")[:40], page, int(quad))


def address(**changes: object) -> str:
    """The address of this page with other parameters; those that are empty are left out."""
    values = {name: request.args[name] for name in ("list", "quad", "page") if name in request.args}
    values |= {name: str(value) for name, value in changes.items()}
    kept = {n: v for n, v in values.items() if v and not (n == "page" and v == "1") and not (n == "quad" and v == "0")}
    return request.path + (f"?{urlencode(kept)}" if kept else "")


def tabs(asked: Asked, **names: str) -> tuple[str, tuple[Tab, ...]]:
    """The list that is shown, and all that there are, the first one being that of the plain address; 400 for another."""
    first = next(iter(names))
    shown = asked.list or first
    if shown not in names:
        refuse(f"list: {shown!r} is not a list of this page; they are {', '.join(names)} and links.")
    return shown, tuple(Tab("" if name == first else name, title, name == shown) for name, title in names.items())


def paged(items: Sequence[Item], asked: Asked, size: int = SIZE) -> Paged[Item]:
    """A page of a list; 404 for one behind its end."""
    start = (asked.page - 1) * size
    if start and start >= len(items):
        refuse(f"This list has no page {asked.page}; it ends before.", HTTPStatus.NOT_FOUND)
    return Paged(tuple(items[start : start + size]), len(items), asked.page, size)


def found(reader: Reader, key: tuple[str, ...], where: str) -> Found:
    """The facts ?f that a pattern finds, the latest first and what has no day last; ?q is the class of an event.

    One query, once for each state of the store.
    """

    def ask() -> Found:
        rows = reader.rows(f"SELECT DISTINCT ?f ?q ?d {{ {where} OPTIONAL {{ ?f dipl:latestDate ?d }} }}")
        days: dict[str, str] = {}
        quads: dict[str, int] = {}
        for row in rows:
            if isinstance(iri := row[0], ox.NamedNode):
                day, quad = getattr(row[2], "value", ""), getattr(row[1], "value", "")
                days[iri.value] = max(day, days.get(iri.value, ""))
                quads[iri.value] = int(quad) if quad in ("1", "2", "3", "4") else 0
        # the IRI settles what falls on one day, so that the order is the same each time
        ordered = sorted(sorted(days), key=lambda iri: days[iri], reverse=True)
        counts = Counter(quads.values())
        return Found(tuple((iri, quads[iri]) for iri in ordered), tuple((q, counts[q]) for q in QUADS if counts[q]))

    return reader.kept(("found", *key), ask)


def shown(reader: Reader, page: Paged[str]) -> Paged[Fact]:
    """The facts of a page of which everything has been gathered."""
    return Paged(tuple(fact(reader.bundle, iri) for iri in page.items), page.total, page.page, page.size)


def counted(reader: Reader, key: tuple[str, ...], query: str, most: int) -> tuple[tuple[str, int], ...]:
    """Things with a number each, the greatest first: rows ?o ?n of a query, once for each state of the store."""

    def ask() -> tuple[tuple[str, int], ...]:
        rows = [(row[0].value, int(row[1].value)) for row in reader.rows(query) if isinstance(row[0], ox.NamedNode)]
        return tuple(sorted(rows, key=lambda row: (-row[1], row[0]))[:most])

    return reader.kept(("counted", *key), ask)


def iris(rows: Iterable[ox.QuerySolution]) -> list[str]:
    """The IRIs of the rows' first column, each once, in their order."""
    return sorted({row[0].value for row in rows if isinstance(row[0], ox.NamedNode)})
