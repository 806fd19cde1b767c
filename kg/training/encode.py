"""Examples as numbers: word pieces, marks and labels; and copies in which other states and people are named."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from kg.tagger.labels import ARGUMENT_LABELS, MODALITIES, TRIGGER_LABELS
from kg.tagger.marks import Marked, token_marks, top, trigger_marks
from kg.tagger.tagger import Pieces
from kg.training.examples import Example, Told

IGNORED = -100
#: How many sentences are read with other names, and how many without the frames' marks.
SWAPPED, WITHOUT_FRAMES = 0.3, 0.3


@dataclass
class Question:
    """A trigger that is asked about, with its labels; ``arguments`` and ``modality`` are ignored where it tells no event."""

    marked: list[int]
    type: int
    paths: list[int]
    roles: list[int]
    arguments: list[int]
    modality: int
    valid: float


@dataclass
class Encoded:
    """One sentence as the network reads it; ``tokens`` is the token of each piece, -1 at both ends."""

    source: Marked
    ids: list[int]
    tokens: list[int]
    marks: list[tuple[int, int, int]]
    triggers: list[int]
    questions: list[Question]
    events: list[Told] = field(default_factory=list)


@cache
def _state_rows() -> dict[str, dict[str, list[str]]]:
    text = (resources.files("kg") / "data" / "states.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")][1:]
    return {
        code: {"state": [name], "demonym": people.split("|")[0].split("/"), "capital": capitals.split("|")[:1]}
        for code, name, _, people, capitals, *_ in rows
        if "-" not in (people, capitals) and len(code) == 3
    }


@cache
def _people() -> list[str]:
    text = (resources.files("kg") / "data" / "leaders.tsv").read_text(encoding="utf-8")
    return [line.split("\t")[0] for line in text.splitlines() if line and not line.startswith("#")][1:]


def swapped(example: Example, chance: random.Random) -> list[str]:
    """The words of an example with other states and people in it; each name's new words stand at its first token."""
    words = list(example.bare.sentence.words)
    others: dict[str, str] = {}
    for first, last, kind, code in example.names:
        old = " ".join(words[first : last + 1])
        if kind == "person":
            full = chance.choice(_people()).split()
            new = " ".join(full if last > first else full[-1:])
        elif code in _state_rows():
            row = _state_rows()[others.setdefault(str(code), chance.choice(list(_state_rows())))]
            plural = kind == "demonym" and old.endswith("s")
            new = row[kind][-1 if plural else 0]
        else:
            continue
        words[first : last + 1] = [new, *[""] * (last - first)]
    return words


def question(
    marked: Marked, tokens: Sequence[int], trigger: list[int], type_: str, told: Told | None, valid: float
) -> Question:
    """What is asked of one trigger; ``told`` is the event that it tells, None where it tells none."""
    inside = set(trigger)
    marks = trigger_marks(marked, top(marked.sentence, trigger))
    spread = [(0, 0) if t < 0 else marks[t] for t in tokens]
    arguments = [IGNORED] * len(tokens)
    if told is not None:
        arguments = [IGNORED if t < 0 else 0 for t in tokens]
        for first, last, label in told.spans:
            for n, t in enumerate(tokens):
                if first <= t <= last:
                    arguments[n] = ARGUMENT_LABELS.index(f"{'B' if t == first else 'I'}-{label}")
    return Question(
        [int(t in inside) for t in tokens],
        TRIGGER_LABELS.index(type_),
        [p for p, _ in spread],
        [r for _, r in spread],
        arguments,
        MODALITIES.index(told.modality) if told else IGNORED,
        valid,
    )


def encode(pieces: Pieces, example: Example, chance: random.Random | None = None) -> Encoded:
    """An example as the network reads it; with ``chance`` some names are others and some frames' marks are left out."""
    marked, words = example.marked, list(example.bare.sentence.words)
    if chance is not None and chance.random() < WITHOUT_FRAMES:
        marked = example.bare
    if chance is not None and chance.random() < SWAPPED:
        words = swapped(example, chance)
    ids, tokens = pieces.sentence(words)
    marks = token_marks(marked)
    triggers = [IGNORED if t < 0 else 0 for t in tokens]
    for told in example.events:
        for n, t in enumerate(tokens):
            if t in told.trigger:
                triggers[n] = TRIGGER_LABELS.index(told.type)
    return Encoded(
        marked,
        ids,
        tokens,
        [(0, 0, 0) if t < 0 else marks[t] for t in tokens],
        triggers,
        [question(marked, tokens, e.trigger, e.type, e, 1.0) for e in example.events],
        example.events,
    )


def vocabulary(tokenizer: Any, source: Sequence[str], words: set[str], size: int) -> list[int]:
    """The numbers of the pieces that are kept of the encoder's vocabulary: those of some words, then the commonest.

    The encoder numbers its pieces by how common they are; pieces of other scripts are left out.
    """
    kept = {n for n, piece in enumerate(source) if piece in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")}
    for word in words:
        kept.update(tokenizer.encode(word, add_special_tokens=False).ids)
    for n, piece in enumerate(source):
        if len(kept) >= size:
            break
        if not piece.startswith("[") and all(c.isascii() or (c.isalpha() and ord(c) < 0x250) for c in piece):
            kept.add(n)
    return sorted(kept)
