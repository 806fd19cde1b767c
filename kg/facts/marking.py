"""Tells the tagger what the rules know of a sentence: who is named in it, and where frames of the lexicon match."""

from __future__ import annotations

from collections.abc import Iterable

from kg.facts.reading import Candidate, Reading
from kg.language.sentence import Sentence
from kg.mentions.actors import Mention
from kg.tagger.labels import NAMED
from kg.tagger.marks import Marked

_KNOWN = frozenset(NAMED)


def _named(mention: Mention) -> str:
    for label in (f"{mention.kind}!", mention.kind) if mention.party else (mention.kind,):
        if label in _KNOWN:
            return label
    return "other"


def mark(reading: Reading, sentence: Sentence, by_frames: Iterable[Candidate] = ()) -> Marked:
    """A sentence with its marks; ``by_frames`` are the frames' candidates, or none to keep them from the tagger."""
    named = ["-"] * len(sentence.tokens)
    for name in reading.cast.names[sentence.index]:
        if name.kind in ("place", "city"):
            named[name.first : name.last + 1] = ["place"] * (name.last - name.first + 1)
    for _, first, last in reading.dates(sentence):
        named[first : last + 1] = ["date"] * (last - first + 1)
    for i in range(len(named)):
        if mention := reading.cast.covering(sentence, i):
            named[i] = _named(mention)
    frames: dict[int, str] = {}
    roles: dict[int, dict[int, str]] = {}
    for candidate in by_frames:
        if candidate.sentence is not sentence:
            continue
        kind = candidate.kind if candidate.frame.type.value == "consult" else None
        frames[candidate.trigger] = f"{candidate.frame.type.value}:{kind}" if kind else candidate.frame.type.value
        sides = (("source", candidate.sources), ("target", candidate.targets))
        roles[candidate.trigger] = {
            i: side
            for side, mentions in sides
            for m in mentions
            if m.sentence == sentence.index
            for i in range(m.first, m.last + 1)
        }
    return Marked(sentence, tuple(named), frames, roles)
