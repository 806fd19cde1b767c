"""The written corpus as training examples: its sentences as the pipeline reads them, with the tokens that tell events."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.config import Settings
from kg.facts.events import keep
from kg.facts.frames import find_candidates
from kg.facts.marking import mark
from kg.facts.reading import Reading, read
from kg.facts.tagged import may_tell
from kg.language import load
from kg.language.sentence import Sentence
from kg.model import BlockKind
from kg.sources.article import make_article
from kg.tagger.labels import MODALITIES, TYPES
from kg.tagger.marks import Marked

CORPUS = Path(__file__).parent / "corpus"
#: One record in so many, by the digest of its id, is never trained on.
TEST_SHARE = 8
#: Words that tell nothing of an event by themselves, though annotators take them into its trigger.
FUNCTION_WORDS = frozenset(
    (
        "a an the its his her their it him them of to in on at for from by with into over and or that as be been was were is are"
    ).split()
)


@dataclass
class Told:
    """One event in a sentence: the tokens of its trigger, and first and last token of what fills its parts."""

    type: str
    modality: str
    trigger: list[int]
    spans: list[tuple[int, int, str]] = field(default_factory=list)


@dataclass
class Example:
    """One sentence with its marks, without and with those of the frames, its events, and the names that could be others.

    ``names`` are first and last token, kind of name, and code of the state for names of states.
    """

    bare: Marked
    marked: Marked
    events: list[Told]
    names: list[tuple[int, int, str, str | None]]


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


def judges(record: dict[str, Any]) -> bool:
    """Whether the weights of ``kg.facts.confidence`` are fitted on a record: it is then kept from the tagger too."""
    late = record.get("part") == "train" and not str(record["id"]).startswith("n")
    return late and int(hashlib.sha256(record["id"].encode()).hexdigest(), 16) % TEST_SHARE == 1


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


@dataclass
class _Event:
    type: str
    modality: str
    trigger: tuple[int, int]
    spans: list[tuple[int, int, str]]


def _event(text: str, event: dict[str, Any]) -> _Event | None:
    mentions = [(p, side) for side in ("source", "target") for p in event[side]]
    placed = [_find(text, p.get("mention") or p.get("name") or "") for p, _ in mentions]
    near = next((s[0] for s in placed if s), 0)
    trigger = _trigger(text, event["trigger"] or "", near)
    kind = event.get("kind")
    event_type = f"{event['type']}:{kind}" if kind else event["type"]
    if trigger is None or event_type not in TYPES or event["modality"] not in MODALITIES:
        return None
    found = _Event(event_type, event["modality"], trigger, [])
    for participant, side in mentions:
        span = _find(text, participant.get("mention") or participant.get("name") or "", trigger[0])
        if span and not (span[0] < trigger[1] and trigger[0] < span[1]):
            found.spans.append((*span, side))
    for name in ("date", "place"):
        if span := _find(text, event.get(name) or "", trigger[0]):
            found.spans.append((*span, name))
    return found


def _told(sentence: Sentence, event: _Event) -> Told | None:
    def tokens(start: int, end: int) -> list[int]:
        return [t.i for t in sentence.tokens if t.start < end and start < t.end]

    whole = tokens(*event.trigger)
    if not whole or not sentence.start <= event.trigger[0] < sentence.end:
        return None
    spans = [(inside[0], inside[-1], label) for *span, label in event.spans if (inside := tokens(*span))]
    named = {i for first, last, _ in spans for i in range(first, last + 1)}
    # not its articles and prepositions, nor who or what stands inside it
    telling = [i for i in whole if i not in named and sentence.tokens[i].lower not in FUNCTION_WORDS]
    return Told(event.type, event.modality, telling or whole, spans)


def _names(reading: Reading, sentence: Sentence) -> Iterator[tuple[int, int, str, str | None]]:
    for name in reading.cast.names[sentence.index]:
        if name.kind in ("state", "demonym", "capital") and name.entry:
            yield name.first, name.last, name.kind, name.entry.code
        elif name.kind == "person":
            yield name.first, name.last, name.kind, None


def examples(chosen: Iterable[dict[str, Any]]) -> Iterator[Example]:
    """The sentences of some records that the tagger reads, each with the events whose trigger stands in it."""
    some = list(chosen)
    articles = [make_article(r["text"], source=r["id"], title=r.get("title")) for r in some]
    for record, parsed in zip(some, load(Settings()).parse(articles), strict=True):
        reading = read(parsed)
        candidates = [c for c in find_candidates(reading) if keep(c)]
        events = [e for e in (_event(record["text"], event) for event in record["events"]) if e]
        for sentence in parsed.sentences:
            if sentence.block.kind is not BlockKind.HEADLINE and may_tell(reading, sentence):
                told = [t for t in (_told(sentence, event) for event in events) if t]
                bare, marked = mark(reading, sentence), mark(reading, sentence, candidates)
                yield Example(bare, marked, told, list(_names(reading, sentence)))
