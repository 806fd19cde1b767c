"""What is known of an article before facts are sought in it, and the candidates that are found."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from kg.facts.lexicon import Frame
from kg.language.sentence import ParsedArticle, Sentence
from kg.mentions.actors import Cast, Mention, read_actors
from kg.mentions.dates import DateMention, find_dates
from kg.mentions.quotes import find_quotes
from kg.mentions.reference_date import infer_reference
from kg.model import DateSpan, Modality, Place, Precision, Span
from kg.tagger.tagger import Tagged


@dataclass(eq=False)
class Candidate:
    """One telling of an event: what a frame or the tagger found in one sentence. The hints are the tagger's, taken where the
    grammar gives no date or place.

    ``trigger`` is the head token, ``words`` the span of the words that tell it; ``anchors`` are the tokens on which dates and
    places of this event may hang (a light verb besides the noun).
    """

    frame: Frame
    sentence: Sentence
    trigger: int
    words: Span
    sources: list[Mention]
    targets: list[Mention]
    modality: Modality
    confidence: float
    content: bool = False
    anchors: frozenset[int] = frozenset()
    about: tuple[Span, ...] = ()
    date: DateSpan | None = None
    date_text: str | None = None
    place: Place | None = None
    place_text: str | None = None
    mutual: bool = False
    extractor: str = "frames"
    date_hint: DateMention | None = None
    place_hint: tuple[Place, str] | None = None
    #: What the tagger said of it, and how sure the frame's rule is; None where that road did not find it.
    tagged: Tagged | None = None
    framed: float | None = None

    @property
    def kind(self) -> str | None:
        return self.frame.kind


@dataclass(eq=False)
class Reading:
    """An article, its actors, its quotations and its reference day."""

    parsed: ParsedArticle
    reference: DateSpan | None
    inferred: bool
    cast: Cast
    quotes: tuple[Span, ...]
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def today(self) -> dt.date | None:
        return self.reference.latest if self.reference else None

    @cached_property
    def _dates(self) -> dict[int, list[tuple[DateMention, int, int]]]:
        return {s.index: list(_placed(s)) for s in self.parsed.sentences}

    def dates(self, sentence: Sentence) -> list[tuple[DateMention, int, int]]:
        """The date expressions of a sentence, each with its first and last token."""
        return self._dates[sentence.index]

    def is_quoted(self, sentence: Sentence, i: int) -> bool:
        """Whether a token stands inside quotation marks."""
        token = sentence.tokens[i]
        # quotations come in their order, and none reaches into the next
        n = bisect_right(self.quotes, token.start, key=lambda q: q.start)
        return n > 0 and token.end <= self.quotes[n - 1].end

    def quotes_between(self, start: int, end: int) -> tuple[Span, ...]:
        """The quotations that end behind ``start`` and begin before ``end``."""
        first = bisect_right(self.quotes, start, key=lambda q: q.end)
        return self.quotes[first : max(first, bisect_left(self.quotes, end, key=lambda q: q.start))]

    def sentences_between(self, start: int, end: int) -> tuple[Sentence, ...]:
        """The sentences that end behind ``start`` and begin before ``end``."""
        sentences = self.parsed.sentences
        first = bisect_right(sentences, start, key=lambda s: s.end)
        return sentences[first : max(first, bisect_left(sentences, end, key=lambda s: s.start))]


def _placed(sentence: Sentence) -> Iterator[tuple[DateMention, int, int]]:
    for mention in find_dates(sentence.text):
        begin, end = sentence.start + mention.start, sentence.start + mention.end
        inside = [t.i for t in sentence.tokens if t.start < end and t.end > begin]
        if inside:
            yield mention, inside[0], inside[-1]


def read(parsed: ParsedArticle) -> Reading:
    """Read an article's actors, quotations and reference day."""
    article = parsed.article
    if article.published is not None:
        reference: DateSpan | None = DateSpan(
            article.published, article.published, Precision.DAY, article.published.isoformat()
        )
    else:
        reference = infer_reference([(b.kind, article.text[b.start : b.end]) for b in article.blocks])
    cast = read_actors(parsed, reference.latest if reference else None)
    return Reading(parsed, reference, article.published is None and reference is not None, cast, find_quotes(article))
