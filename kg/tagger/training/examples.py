"""The written corpus as training examples: sentences with triggers, and triggers with their arguments."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.language.splitter import sentence_spans
from kg.tagger.labels import ARGUMENTS, MODALITIES, TYPES

CORPUS = Path(__file__).parent / "corpus"
#: One record in so many, by the digest of its id, is never trained on.
TEST_SHARE = 8


@dataclass
class Arguments:
    """One event in a sentence: its trigger, and character spans of what fills its parts."""

    type: str
    modality: str
    trigger: tuple[int, int]
    spans: list[tuple[int, int, str]] = field(default_factory=list)


@dataclass
class Example:
    """One sentence with its events; offsets count characters in ``text``."""

    text: str
    events: list[Arguments]


def records() -> Iterator[dict[str, Any]]:
    """Every record of the corpus, in the order of the files."""
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def is_test(record: dict[str, Any]) -> bool:
    """Whether a record is in the fixed part that is never trained on; a cluster of articles goes one way.

    Records marked ``"part": "train"`` were written after the test part was fixed and leave it as it is.
    """
    if record.get("part") == "train":
        return False
    key = str(record.get("cluster") or record["id"])
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % TEST_SHARE == 0


def _find(text: str, words: str, near: int | None = None) -> tuple[int, int] | None:
    """Where some words stand, the place nearest to a position first."""
    if not words:
        return None
    found = [m.span() for m in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE)]
    return min(found, key=lambda s: abs(s[0] - near)) if found and near is not None else next(iter(found), None)


def _trigger(text: str, words: str, near: int) -> tuple[int, int] | None:
    """The trigger's place; of one whose words stand apart, its last word that is there."""
    whole = _find(text, words, near)
    if whole:
        return whole
    for word in reversed(words.split()):
        if len(word) > 3 and (found := _find(text, word, near)):
            return found
    return None


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for paragraph in text.split("\n"):
        for first, last in sentence_spans(paragraph):
            yield start + first, start + last
        start += len(paragraph) + 1


def _event(text: str, event: dict[str, Any]) -> Arguments | None:
    mentions = [(p, side) for side in ("source", "target") for p in event[side]]
    placed = [_find(text, p.get("mention") or p.get("name") or "") for p, _ in mentions]
    near = next((s[0] for s in placed if s), 0)
    trigger = _trigger(text, event["trigger"] or "", near)
    if trigger is None:
        return None
    kind = event.get("kind")
    found = Arguments(f"{event['type']}:{kind}" if kind else event["type"], event["modality"], trigger)
    if found.type not in TYPES or found.modality not in MODALITIES:
        return None
    for participant, side in mentions:
        span = _find(text, participant.get("mention") or participant.get("name") or "", trigger[0])
        if span and not (span[0] < trigger[1] and trigger[0] < span[1]):
            found.spans.append((*span, side))
    for name in ("date", "place"):
        span = _find(text, event.get(name) or "", trigger[0])
        if span:
            found.spans.append((*span, name))
    return found


def examples(record: dict[str, Any]) -> Iterator[Example]:
    """The sentences of a record, each with the events whose trigger stands in it."""
    text = record["text"]
    events = [e for e in (_event(text, event) for event in record["events"]) if e]
    for first, last in _sentences(text):
        inside = []
        for event in events:
            if not first <= event.trigger[0] < last:
                continue
            spans = [(a - first, b - first, side) for a, b, side in event.spans if first <= a and b <= last]
            assert all(side in ARGUMENTS for *_, side in spans)
            trigger = (event.trigger[0] - first, event.trigger[1] - first)
            inside.append(Arguments(event.type, event.modality, trigger, spans))
        yield Example(text[first:last], inside)
