"""What is compared: the sets of small facts that a record is broken into, one function for each view of it.

A record is one line of ``kg extract --format jsonl``, or of an annotated collection with the same fields (see
``docs/extract-record.md``): plain JSON, so its values are checked where they are used.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

Record = Mapping[str, Any]
Dyad = tuple[str, str, str]

#: Stands for a side that the text leaves open.
OPEN = "-"
#: Consultations between equals; a visit or a mediation has a direction.
_MUTUAL_CONSULTS = {"meeting", "negotiation", "summit", "call", None, ""}
_MUTUAL_TYPES = {"agree", "cooperate"}


@cache
def _aliases() -> dict[str, str]:
    text = (resources.files("kg") / "data" / "party_aliases.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {row[0]: row[1] for row in rows}


def words(text: str | None) -> list[str]:
    """The words of a text in lower case, without punctuation."""
    return re.findall(r"[^\W_]+", (text or "").lower())


def last_word(name: str | None) -> str:
    """A name's last word, by which names are compared; empty for none."""
    found = words(name)
    return found[-1] if found else ""


def party_code(name: str | None) -> str:
    """A party in capitals, without its article, under its usual code; empty for none."""
    key = re.sub(r"^THE ", "", (name or "").strip().upper())
    return _aliases().get(key, key)


def _parties(event: Record, side: str) -> set[str]:
    return {party_code(p.get("party") or p.get("name")) for p in event.get(side) or ()} - {""}


def is_mutual(event: Record) -> bool:
    """Whether the two sides of an event are equals, so that their order says nothing."""
    if event["type"] == "consult":
        return event.get("kind") in _MUTUAL_CONSULTS
    return event["type"] in _MUTUAL_TYPES


def dyads(event: Record) -> Iterator[Dyad]:
    """(type, source party, target party) for every pair of an event's parties; sorted parties where they are equals."""
    sources, targets = _parties(event, "source"), _parties(event, "target")
    pairs: list[tuple[str, str]]
    if is_mutual(event):
        together = sorted(sources | targets)
        pairs = list(itertools.combinations(together, 2)) or [(party, OPEN) for party in together]
    else:
        pairs = sorted(itertools.product(sources or {OPEN}, targets or {OPEN}))
    for source, target in pairs:
        yield event["type"], source, target


def events(record: Record) -> list[Record]:
    """A record's events; none where it has no such field."""
    return record.get("events") or []


def is_actual(event: Record) -> bool:
    """Whether an event is said to have happened; that is what no word on it means."""
    return str(event.get("modality", "actual")) == "actual"


def _names(record: Record) -> Iterator[tuple[str, str]]:
    for event in events(record):
        for participant in [*(event.get("source") or ()), *(event.get("target") or ())]:
            if participant.get("name"):
                yield event["type"], last_word(participant["name"])


def _offices(record: Record) -> Iterator[tuple[str, str, str]]:
    for office in record.get("offices") or ():
        yield last_word(office.get("person")), " ".join(words(office.get("office"))), party_code(office.get("of"))


def _speakers(record: Record) -> Iterator[str]:
    for statement in record.get("statements") or ():
        speaker = party_code(statement["party"]) if statement.get("party") else last_word(statement.get("speaker"))
        if speaker:
            yield speaker


#: Name of each view -> the facts that a record holds in that view. The names are those of the printed figures.
VIEWS: dict[str, Callable[[Record], set[Any]]] = {
    "dyad": lambda record: {d for e in events(record) for d in dyads(e)},
    "dyad-actual": lambda record: {d for e in events(record) if is_actual(e) for d in dyads(e)},
    "detect": lambda record: {e["type"] for e in events(record)},
    "who-whom": lambda record: {tuple(sorted(d[1:])) for e in events(record) for d in dyads(e)},
    "names": lambda record: set(_names(record)),
    "offices": lambda record: set(_offices(record)),
    "statements": lambda record: set(_speakers(record)),
}
