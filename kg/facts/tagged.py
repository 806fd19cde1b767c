"""Turns what the tagger finds into candidates: who is meant by the words that it marks, and when and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from kg.facts.lexicon import Frame
from kg.facts.marking import mark
from kg.facts.reading import Candidate, Reading
from kg.language.sentence import Sentence
from kg.mentions.actors import Mention
from kg.mentions.dates import DateMention
from kg.mentions.places import place_at
from kg.mentions.strangers import stranger_at
from kg.model import Actor, ActorKind, BlockKind, EventType, Modality, Place
from kg.registry import party_name
from kg.tagger.marks import Marked, top
from kg.tagger.tagger import Part, Tagged

#: Kinds of consultations between equals, and other types that both sides do alike.
_MUTUAL_KINDS = frozenset({"meeting", "negotiation", "summit", "call"})
_TOGETHER = frozenset({"agree", "cooperate"})
_ON_SOIL = frozenset({"retreat", "assault", "mobilize", "aid"})


def _tokens(sentence: Sentence, start: int, end: int) -> list[int]:
    begin = sentence.start
    return [t.i for t in sentence.tokens if t.start < begin + end and begin + start < t.end]


def _mentions(reading: Reading, sentence: Sentence, parts: Iterable[Part]) -> list[Mention]:
    """Who is meant by some words: the persons among them, else whom the head noun and its conjuncts name, else the first."""
    found: list[Mention] = []
    for part in parts:
        tokens = _tokens(sentence, part.start, part.end)
        if not tokens:
            continue
        inside = list(reading.cast.inside(sentence, tokens[0], tokens[-1]))
        people = [m for m in inside if m.kind in ("person", "pronoun")]
        heads = set(sentence.conjuncts(top(sentence, tokens)))
        headed = [m for m in inside if m.head in heads or heads & set(range(m.first, m.last + 1))]
        chosen = people or headed or inside[:1]
        if not chosen and (over := reading.cast.covering(sentence, top(sentence, tokens))):
            chosen = [over]
        found += [m for m in chosen if m.actor.key not in {f.actor.key for f in found}]
    return found


def _unnamed(reading: Reading, sentence: Sentence, parts: Iterable[Part]) -> list[Mention]:
    """People or things that no list knows but that the tagger takes for a side: "a military academy in Tripoli"."""
    for part in parts:
        tokens = _tokens(sentence, part.start, part.end)
        if tokens and sentence.tokens[head := top(sentence, tokens)].upos == "NOUN":
            found = stranger_at(reading.cast, sentence, head, acts_for_state=False)
            return [found] if found else []
    return []


def _state_of_place(reading: Reading, sentence: Sentence, parts: Iterable[Part]) -> list[Mention]:
    """The state in which a town lies that is visited: "Seattle" is no party itself."""
    for part in parts:
        for name in reading.cast.names[sentence.index]:
            tokens = _tokens(sentence, part.start, part.end)
            if not tokens or not tokens[0] <= name.first <= tokens[-1] or name.kind not in ("place", "city"):
                continue
            found = place_at(sentence.words, name.first)
            if found and found[1].state and (title := party_name(found[1].state)):
                code = found[1].state
                actor = Actor(code.lower(), ActorKind.STATE, title, code, curated=True)
                span = sentence.span(name.first, name.last)
                return [Mention(sentence.index, name.first, name.last, name.last, span, actor, "place", code, None)]
    return []


def _two_sides(sentence: Sentence, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Parts with one of them moved to the side that is empty, where two that are not joined by "and" stand on the other.

    The tagger labels each word by itself and does not know that who does something does it to somebody else.
    """
    filled = {side: [p for p in parts if p.label == side] for side in ("source", "target")}
    for side, empty in (("source", "target"), ("target", "source")):
        if filled[empty] or len(filled[side]) < 2:
            continue
        moved = max(filled[side], key=lambda p: p.lean if empty == "target" else 1 - p.lean)
        joined = set(sentence.conjuncts(top(sentence, _tokens(sentence, moved.start, moved.end))))
        others = [_tokens(sentence, p.start, p.end) for p in filled[side] if p is not moved]
        if not any(joined & set(tokens) for tokens in others):
            return tuple(replace(p, label=empty) if p is moved else p for p in parts)
    return parts


def _own(sentence: Sentence, event: Tagged, others: Iterable[Tagged]) -> Tagged:
    """An event told by a noun without what belongs to the event told after it.

    "The purpose of the visit was to discuss a meeting in May": the tagger gives May, and that it lies ahead, to both.
    """
    trigger = top(sentence, _tokens(sentence, event.start, event.end))
    later = [o.start for o in others if o.start > event.end and o.type + o.kind != event.type + event.kind]
    if sentence.tokens[trigger].upos != "NOUN" or not later:
        return event
    lent = {"date", "place", "target"} if event.kind == "visit" else {"date", "place"}
    parts = tuple(p for p in event.parts if p.label not in lent or p.start < min(later))
    if parts == event.parts:
        return event
    modality = "actual" if event.modality == "planned" else event.modality
    return replace(event, parts=parts, modality=modality)


def _candidate(reading: Reading, sentence: Sentence, event: Tagged, extractor: str) -> Candidate | None:
    tokens = _tokens(sentence, event.start, event.end)
    if not tokens:
        return None
    trigger = top(sentence, tokens)
    mutual = event.kind in _MUTUAL_KINDS
    parts = event.parts if mutual or event.type in _TOGETHER else _two_sides(sentence, event.parts)
    sides = {side: _mentions(reading, sentence, (p for p in parts if p.label == side)) for side in ("source", "target")}
    if not sides["target"] and (event.kind == "visit" or event.type in _ON_SOIL):
        # "visited Seattle", "withdrew from Gaza": whose land it is, is whom it is done to
        here = [p for p in event.parts if p.label == "place"] or [Part(event.start, event.end, "place")]
        sides["target"] = _mentions(reading, sentence, here)[:1] or _state_of_place(reading, sentence, here)
    targets = [t for t in sides["target"] if t.actor.key not in {s.actor.key for s in sides["source"]}]
    if not _plausible(sides["source"], targets, mutual):
        return None
    sources = sides["source"] or _unnamed(reading, sentence, (p for p in parts if p.label == "source"))
    if event.kind != "visit":  # a host is a state or a body
        targets = targets or _unnamed(reading, sentence, (p for p in parts if p.label == "target"))
    frame = Frame(
        sentence.tokens[trigger].lemma.lower(),
        "",
        EventType(event.type),
        event.kind or None,
        (),
        (),
        (),
        (),
        frozenset(),
    )
    return Candidate(
        frame=frame,
        sentence=sentence,
        trigger=trigger,
        words=sentence.span(tokens[0], tokens[-1]),
        sources=sources,
        targets=targets,
        modality=Modality(event.modality),
        confidence=event.probability,
        anchors=frozenset(tokens),
        mutual=mutual,
        extractor=extractor,
        date_hint=_date(reading, sentence, event.parts),
        place_hint=_place(reading, sentence, event.parts),
        tagged=event,
    )


def _date(reading: Reading, sentence: Sentence, parts: Iterable[Part]) -> DateMention | None:
    """The date expression among the words that the tagger takes for the event's date."""
    for part in parts:
        tokens = _tokens(sentence, part.start, part.end) if part.label == "date" else []
        for mention, first, last in reading.dates(sentence):
            if tokens and first <= tokens[-1] and tokens[0] <= last:
                return mention
    return None


def _place(reading: Reading, sentence: Sentence, parts: Iterable[Part]) -> tuple[Place, str] | None:
    """The place that the tagger points to, with the whole of its name, as it is known or else by its name alone."""
    for part in parts:
        tokens = _tokens(sentence, part.start, part.end) if part.label == "place" else []
        if not tokens or not any(sentence.tokens[i].upos == "PROPN" for i in tokens):
            continue
        over = (n for n in reading.cast.names[sentence.index] if n.first <= tokens[-1] and tokens[0] <= n.last)
        for name in sorted(over, key=lambda n: n.first):
            if found := place_at(sentence.words, name.first):
                known, last = found[1], found[0] - 1
                return known, sentence.span(min(tokens[0], name.first), max(tokens[-1], last)).text
        span = sentence.span(tokens[0], tokens[-1])
        return Place(span.text), span.text
    return None


def _plausible(sources: list[Mention], targets: list[Mention], mutual: bool) -> bool:
    """An event needs a party, and not one party on both sides."""
    parties = [{m.party or m.actor.key for m in side} for side in (sources, targets)]
    known = [m for m in (*sources, *targets) if m.party or m.actor.kind is not ActorKind.GROUP]
    if not known:
        return False
    if sources and targets and (parties[0] <= parties[1] or parties[1] <= parties[0]):
        return False
    return not mutual or len(sources) + len(targets) > 1


class EventReader(Protocol):
    """What reads the events of sentences: the learned tagger, or a language model."""

    def tag(self, sentences: Sequence[Marked]) -> list[tuple[Tagged, ...]]:
        """The events of each sentence."""


def may_tell(reading: Reading, sentence: Sentence) -> bool:
    """Whether a sentence names anybody or any place: others have no party, and need not be read."""
    mentions = reading.cast.inside(sentence, 0, len(sentence.tokens) - 1)
    return bool(reading.cast.names[sentence.index]) or any(
        m.party or m.actor.kind is not ActorKind.GROUP for m in mentions
    )


def tagged_candidates(
    reading: Reading, tagger: EventReader, by_frames: Sequence[Candidate] = (), extractor: str = "tagger"
) -> list[Candidate]:
    """The candidates that the tagger, or another reader of that name, finds in an article; it is told where frames match."""
    sentences = [s for s in reading.parsed.sentences if s.block.kind is not BlockKind.HEADLINE and may_tell(reading, s)]
    found = []
    for sentence, events in zip(sentences, tagger.tag([mark(reading, s, by_frames) for s in sentences]), strict=True):
        for event in (e for e in events if _tokens(sentence, e.start, e.end)):
            candidate = _candidate(reading, sentence, _own(sentence, event, events), extractor)
            found += [candidate] if candidate else []
    return found
