"""Precision, recall and F1 of answers against annotations, in the views that event-data projects report.

dyad         type, source party and target party; equals in any order; every pair of an event with several parties
dyad-actual  the same over events that are said to have happened
detect       type, once a text: is there such an event at all
who-whom     the two parties in any order, whatever the type
names        type and participant, by the last word of the name
offices      last word of the person, words of the office, and whose office it is
statements   the speaker's party, or the last word of the name where no party is known

Besides, over the events whose dyad is right: the shares with the right modality, date words and place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import SourceError
from kg.evaluation.items import VIEWS, Dyad, Record, dyads, events, words

Records = Mapping[str, Record]


@dataclass(frozen=True)
class Figure:
    """Counts of one view over all texts: ``hits`` are the facts that are in both the annotation and the answer."""

    hits: int
    gold: int
    system: int

    @property
    def precision(self) -> float:
        return self.hits / self.system if self.system else 0.0

    @property
    def recall(self) -> float:
        return self.hits / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall (van Rijsbergen 1979); 0 without a hit."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if self.hits else 0.0


@dataclass(frozen=True)
class Share:
    """How many of the details that could be right are."""

    right: int
    total: int

    @property
    def value(self) -> float | None:
        return self.right / self.total if self.total else None


def figure(gold: Records, system: Records, view: Callable[[Record], set[Any]]) -> Figure:
    """Compare in one view; a text that the system lacks counts as an empty answer, one that gold lacks not at all."""
    hits = wanted = given = 0
    for key, record in gold.items():
        want, have = view(record), view(system.get(key, {}))
        hits, wanted, given = hits + len(want & have), wanted + len(want), given + len(have)
    return Figure(hits, wanted, given)


def score(gold: Records, system: Records) -> dict[str, Figure]:
    """Every view's figure, in the order of this module's head."""
    return {name: figure(gold, system, view) for name, view in VIEWS.items()}


def by_type(gold: Records, system: Records) -> dict[str, Figure]:
    """The dyad figure of each event type that the annotations hold, in the order of their names."""

    def only(kind: str) -> Callable[[Record], set[Any]]:
        return lambda record: {d for d in VIEWS["dyad"](record) if d[0] == kind}

    kinds = sorted({e["type"] for record in gold.values() for e in events(record)})
    return {kind: figure(gold, system, only(kind)) for kind in kinds}


def _matched(gold: Records, system: Records) -> Iterator[tuple[Record, Record]]:
    """Pairs of a gold event and the system's event with the same dyad (the last one, where it has several)."""
    for key, record in gold.items():
        answers: dict[Dyad, Record] = {d: e for e in events(system.get(key, {})) for d in dyads(e)}
        for event in events(record):
            for dyad in dyads(event):
                if dyad in answers:
                    yield event, answers[dyad]


def details(gold: Records, system: Records) -> dict[str, Share]:
    """The shares of right modality, date and place; a date or place is right when one word of it is."""
    pairs = list(_matched(gold, system))
    right = sum(a.get("modality", "actual") == g.get("modality", "actual") for g, a in pairs)
    shares = {"modality": Share(right, len(pairs))}
    for field in ("date", "place"):
        asked = [(g[field], a.get(f"{field}_text") or a.get(field) or "") for g, a in pairs if g.get(field)]
        found = sum(bool(set(words(want)) & set(words(str(have)))) for want, have in asked)
        shares[field] = Share(found, len(asked))
    return shares


def differences(gold: Records, system: Records) -> Iterator[tuple[str, list[Dyad], list[Dyad]]]:
    """For each text whose dyads are not all right: its id, the missed ones, the extra ones."""
    for key, record in gold.items():
        want, have = VIEWS["dyad"](record), VIEWS["dyad"](system.get(key, {}))
        if want != have:
            yield key, sorted(want - have), sorted(have - want)


def read_records(lines: Iterable[str], name: str) -> dict[str, Record]:
    """Records by their ids, from JSON Lines.

    Raises:
        SourceError: a line is not a JSON object with an id.
    """
    found: dict[str, Record] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            found[record["id"]] = record
        except (json.JSONDecodeError, KeyError, TypeError):
            raise SourceError(f"{name}, line {number}: it is not a JSON object with an id.") from None
    return found


def load_records(path: Path) -> dict[str, Record]:
    """``read_records`` of a file.

    Raises:
        SourceError: the file cannot be read.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            return read_records(lines, str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: it cannot be read ({error}).") from None
