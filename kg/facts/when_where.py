"""Gives candidates their dates and places: which of the dates and places of a sentence belongs to which event.

A date or place hangs on the first event word above it in the parse; where parsers attach it too high, the nearest event noun
before it takes it, if the direction of time fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kg.facts.lexicon import lexicon
from kg.facts.reading import Candidate, Reading
from kg.language.sentence import Sentence
from kg.mentions.dates import DateMention, resolve
from kg.mentions.places import place_at
from kg.model import BlockKind, EventType, Modality, Place

_PLACE_CASES = frozenset({"in", "at", "near", "outside", "inside", "to", "into", "on"})
_PLACE_NAMES = frozenset({"capital", "city", "region", "state", "place", "metonym"})
#: What is said has no place of its own unless the grammar gives it one: the tagger's hints are of what is spoken about.
_SAID_ANYWHERE = frozenset(map(EventType, ("accuse", "request", "threaten", "reject", "sanction")))
_AHEAD = (Modality.PLANNED, Modality.POSSIBLE)


@dataclass(frozen=True)
class Located:
    """A place in a sentence: its tokens, the words that name it, and the preposition before it."""

    first: int
    last: int
    place: Place
    text: str
    case: str


def _top(sentence: Sentence, first: int, last: int) -> int:
    return next((i for i in range(first, last + 1) if not first <= sentence.tokens[i].head <= last), first)


def _carrier(sentence: Sentence, i: int, carriers: dict[int, list[Candidate]]) -> int | None:
    """The first event word or verb of saying above a token."""
    for above in sentence.ancestors(i):
        if above.i in carriers:
            return above.i
        if above.is_verb and above.lemma.lower() in lexicon().saying:
            return above.i
    return None


def _noun_before(sentence: Sentence, first: int, carriers: dict[int, list[Candidate]]) -> int | None:
    """The nearest event noun before a token, with no finite verb between them."""
    for i in range(first - 1, -1, -1):
        token = sentence.tokens[i]
        if i in carriers and not token.is_verb:
            return i
        if (token.is_verb and token.tag in ("VBD", "VBZ", "VBP")) or token.text in (";", '"', "“"):
            return None
    return None


def _tense(candidate: Candidate) -> str:
    return "future" if candidate.modality in _AHEAD else "past"


def _give(reading: Reading, candidate: Candidate, mention: DateMention) -> None:
    """Date a candidate that has no date yet; without a day to count from, "Tuesday" stays as words."""
    if candidate.date_text:
        return
    hint = None if candidate.modality is Modality.NEGATED else _tense(candidate)
    candidate.date, candidate.date_text = resolve(mention, reading.today, hint), mention.text


def _date_sentence(reading: Reading, sentence: Sentence, candidates: list[Candidate]) -> None:
    carriers: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        for anchor in candidate.anchors:
            carriers.setdefault(anchor, []).append(candidate)
    for mention, first, last in reading.dates(sentence):
        carrier = _carrier(sentence, _top(sentence, first, last), carriers)
        noun = _noun_before(sentence, first, carriers)
        if noun is not None and noun != carrier and (carrier is None or carrier < noun):
            ahead = carriers[noun][0].modality in _AHEAD
            above = carriers.get(carrier, []) if carrier is not None else []
            if (ahead and not (above and above[0].modality in _AHEAD)) or (carrier is None and not ahead):
                carrier = noun
        if carrier is None and sentence.block.kind is BlockKind.CAPTION:
            for candidate in candidates:
                _give(reading, candidate, mention)
        for candidate in carriers.get(carrier, []) if carrier is not None else []:
            _give(reading, candidate, mention)
    if sentence.block.kind is BlockKind.CAPTION and len(reading.dates(sentence)) == 1:
        mention = reading.dates(sentence)[0][0]
        for candidate in candidates:  # a picture and what it shows are of one day
            _give(reading, candidate, mention)


def _of_the_saying(reading: Reading, candidate: Candidate, mention: DateMention) -> bool:
    """Whether a date tells when somebody spoke of the event: "he posted Wednesday that he had met X"."""
    sentence = candidate.sentence
    for other, first, last in reading.dates(sentence):
        if other == mention:
            carrier = _carrier(sentence, _top(sentence, first, last), {})
            if carrier is None or carrier in candidate.anchors or carrier == candidate.trigger:
                return False
            above = {a.i for a in sentence.ancestors(candidate.trigger)}
            # a report of what had been: of what is to be, the day of saying so is often all there is
            before = any(t.lower == "had" for t in sentence.children(candidate.trigger, "aux"))
            return before and carrier in above and "plain" in lexicon().saying[sentence.tokens[carrier].lemma.lower()]
    return False


def places(reading: Reading, sentence: Sentence, prefer: frozenset[str]) -> Iterator[Located]:
    """The places of a sentence; "the Peace Palace in Phnom Penh, Cambodia" is one, the most exact part of it."""
    chain: list[tuple[int, int, Place, str]] = []
    for name in reading.cast.names[sentence.index]:
        if name.kind not in _PLACE_NAMES:
            continue
        found = place_at(sentence.words, name.first, prefer)
        last = found[0] - 1 if found else name.last
        place = found[1] if found else Place(sentence.span(name.first, name.last).text)
        if (
            name.kind == "place" and last < name.last
        ):  # "Camp David": the longer name is not the known place it begins with
            last, place = name.last, Place(sentence.span(name.first, name.last).text)
        if chain and chain[-1][1] >= name.first:
            continue
        if chain and not _continues(sentence, chain[-1][1], name.first):
            yield _chained(sentence, chain)
            chain = []
        chain.append((name.first, last, place, sentence.span(name.first, last).text))
    if chain:
        yield _chained(sentence, chain)


def _continues(sentence: Sentence, last: int, first: int) -> bool:
    between = [t.lower for t in sentence.tokens[last + 1 : first]]
    return between in ([","], ["in"], [",", "in"], ["in", "the"], [",", "the"], ["in", "the", "city", "of"])


def _chained(sentence: Sentence, chain: list[tuple[int, int, Place, str]]) -> Located:
    first, last, place, text = chain[0]
    for _, later, outer, _ in reversed(chain[1:]):
        last = max(last, later)
        if place.within is None and place.state is None:
            place = replace(place, state=outer.state, within=_nested(outer, chain))
    i = first - 1
    while (
        i >= 0
        and sentence.tokens[i].upos in ("DET", "ADJ", "NOUN", "PROPN")
        and first - i < 4
        and sentence.tokens[i].dep in ("det", "amod", "compound")
    ):
        i -= 1
    case = sentence.tokens[i].lower if i >= 0 else ""
    return Located(first, last, place, text, case)


def _nested(outer: Place, chain: list[tuple[int, int, Place, str]]) -> Place:
    known = [place for _, _, place, _ in chain[1:]]
    return known[0] if known else outer


def _place_sentence(reading: Reading, sentence: Sentence, candidates: list[Candidate], prefer: frozenset[str]) -> None:
    carriers: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        for anchor in candidate.anchors:
            carriers.setdefault(anchor, []).append(candidate)
    for located in places(reading, sentence, prefer):
        if located.case not in _PLACE_CASES and sentence.block.kind is not BlockKind.CAPTION:
            continue
        carrier = _carrier(sentence, _top(sentence, located.first, located.last), carriers)
        noun = _noun_before(sentence, located.first, carriers)
        if noun is not None and located.first - noun <= 6:
            carrier = noun
        for candidate in carriers.get(carrier, []) if carrier is not None else []:
            if located.case in ("to", "into", "on") and candidate.kind != "visit":
                continue
            if candidate.place is None:
                candidate.place, candidate.place_text = located.place, located.text


def _of_the_host(candidate: Candidate, prefer: frozenset[str]) -> tuple[Place | None, str | None]:
    """Where a visitor goes to, or whence forces leave, when no place is named but the other side's land: "visited Kenya"."""
    for mention in candidate.targets:
        if mention.is_place and mention.sentence == candidate.sentence.index:
            found = place_at(candidate.sentence.words, mention.first, prefer)
            if found:
                return found[1], mention.span.text
    return None, None


def _meetings_on_visits(candidates: list[Candidate]) -> None:
    """A meeting told in the same breath as the visit to the one who is met takes place where the visit goes."""
    visits = [c for c in candidates if c.kind == "visit" and c.place]
    for meeting in candidates:
        if meeting.kind not in ("meeting", "negotiation") or meeting.place:
            continue
        parties = {m.party for m in (*meeting.sources, *meeting.targets)}
        for visit in visits:
            sides = [{m.party for m in side} - {None} for side in (visit.sources, visit.targets)]
            if visit.sentence is meeting.sentence and all(side & parties for side in sides):
                meeting.place, meeting.place_text = visit.place, visit.place_text
                break


def add_dates_and_places(reading: Reading) -> None:
    """Fill in ``date``, ``place`` and ``place_text`` of the candidates."""
    prefer = frozenset(a.party for a in reading.cast.actors if a.party and len(a.party) == 3)
    for sentence in reading.parsed.sentences:
        here = [c for c in reading.candidates if c.sentence is sentence]
        if here:
            _date_sentence(reading, sentence, here)
            _place_sentence(reading, sentence, here, prefer)
    for candidate in reading.candidates:
        if candidate.date_hint and not _of_the_saying(reading, candidate, candidate.date_hint):
            _give(reading, candidate, candidate.date_hint)
        if candidate.place_hint and candidate.place is None and candidate.frame.type not in _SAID_ANYWHERE:
            candidate.place, candidate.place_text = candidate.place_hint
        if candidate.place is None and (candidate.kind == "visit" or candidate.frame.type is EventType.RETREAT):
            candidate.place, candidate.place_text = _of_the_host(candidate, prefer)
    _meetings_on_visits(reading.candidates)
