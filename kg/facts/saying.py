"""A statement in the making."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.language.sentence import Sentence
from kg.mentions.actors import Mention
from kg.model import DateSpan, Span

#: Set by hand: an explicit verb with its subject.
SURE = 0.9


@dataclass(eq=False)
class Saying:
    """Who says what: ``verb`` is the token of the cue, ``quotes`` and ``paraphrase`` are the words said, quoted or not.

    ``register`` is "speech" for what was said, "thought" or "stance" for what somebody is said to think, want or favour,
    "evidence" for what a study or a picture shows. ``more`` are further sentences that its words stand in.
    """

    sentence: Sentence
    verb: int
    speaker: Mention
    quotes: list[Span] = field(default_factory=list)
    paraphrase: Span | None = None
    addressees: list[Mention] = field(default_factory=list)
    channel: str | None = None
    date: DateSpan | None = None
    more: list[Span] = field(default_factory=list)
    confidence: float = SURE
    register: str = "speech"

    def holds(self, span: Span) -> bool:
        """Whether some words are part of what is said."""
        spans = [*self.quotes, *([self.paraphrase] if self.paraphrase else [])]
        return any(s.start <= span.start and span.end <= s.end for s in spans)
