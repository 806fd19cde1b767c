"""What the tagger is told of a sentence beside its words: who is named, how the words hang together, what the frames see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.language.sentence import Sentence, Token
from kg.tagger.labels import NAMED, PATHS, RELATIONS, ROLES, TRIGGER_LABELS

_NUMBER = {
    name: {label: n for n, label in enumerate(labels)}
    for name, labels in (
        ("named", NAMED),
        ("relation", RELATIONS),
        ("path", PATHS),
        ("role", ROLES),
        ("frame", TRIGGER_LABELS),
    )
}


@dataclass(frozen=True)
class Marked:
    """A sentence with its marks, one for each token.

    ``named`` are labels of ``NAMED``. ``frames`` gives the type (a label of ``TRIGGER_LABELS``) of each token at which a frame
    of the lexicon matches, ``roles`` for such a token what the frame takes other tokens for.
    """

    sentence: Sentence
    named: tuple[str, ...]
    frames: Mapping[int, str] = field(default_factory=dict)
    roles: Mapping[int, Mapping[int, str]] = field(default_factory=dict)


def relation(token: Token) -> str:
    """A token's relation, with its subtype where that is told apart."""
    full = f"{token.dep}:{token.subtype}" if token.subtype else token.dep
    known = _NUMBER["relation"]
    return full if full in known else token.dep if token.dep in known else "dep"


def path(sentence: Sentence, token: int, trigger: int) -> str:
    """How a token stands to a trigger; a label of ``PATHS``."""
    if token == trigger:
        return "self"
    above = [trigger, *(t.i for t in sentence.ancestors(trigger))]
    if token in above:
        return "over"
    child = sentence.tokens[token]
    while child.head != child.i:
        if child.head == trigger:
            return f"under {relation(child)}"
        if child.head in above:
            return f"beside {relation(child)}"
        child = sentence.tokens[child.head]
    return "-"


def token_marks(marked: Marked) -> list[tuple[int, int, int]]:
    """For each token the numbers of who is named, of its relation and of the frame that matches at it."""
    return [
        (
            _NUMBER["named"][named],
            _NUMBER["relation"][relation(token)],
            _NUMBER["frame"].get(marked.frames.get(token.i, "O"), 0),
        )
        for token, named in zip(marked.sentence.tokens, marked.named, strict=True)
    ]


def trigger_marks(marked: Marked, trigger: int) -> list[tuple[int, int]]:
    """For each token the numbers of how it stands to a trigger and what the frame at that trigger takes it for."""
    roles = marked.roles.get(trigger, {})
    return [
        (_NUMBER["path"][path(marked.sentence, token.i, trigger)], _NUMBER["role"][roles.get(token.i, "-")])
        for token in marked.sentence.tokens
    ]


def top(sentence: Sentence, tokens: list[int]) -> int:
    """The token of some that governs the others, or the last."""
    inside = set(tokens)
    return next(
        (i for i in tokens if sentence.tokens[i].head == i or sentence.tokens[i].head not in inside), tokens[-1]
    )
