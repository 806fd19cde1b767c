"""What a row of another collection's file says, before it becomes triples."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from kg.registry.codes import CameoKind


@dataclass(frozen=True)
class ImportedActor:
    """An actor as the file names it; ``party`` is the ISO code or organisation it acts for, or ``itself`` is."""

    name: str
    code: str | None = None
    party: str | None = None
    itself: bool = False


@dataclass(frozen=True)
class ImportedPlace:
    """Where it was; ``state`` is an ISO code, ``whole`` tells that the place is that state, ``key`` is the file's own id."""

    name: str
    state: str | None = None
    whole: bool = False
    key: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class ImportedEvent:
    """One row that could be read."""

    key: str
    date: dt.date
    cameo: str
    kind: CameoKind
    source: ImportedActor | None
    target: ImportedActor | None
    place: ImportedPlace | None = None
    quad: int | None = None
    goldstein: float | None = None
    sources: int | None = None
    url: str | None = None
    citation: str | None = None


@dataclass(frozen=True)
class Collection:
    """Another collection of event data: its name here, its title, where it is told of, and the licence where one is known."""

    name: str
    title: str
    home: str
    license: str | None


class RowError(ValueError):
    """A row cannot be read; the message is a clause that says why."""
