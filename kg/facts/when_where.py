"""Gives candidates their dates and places: which of the dates and places of a sentence belongs to which event.

A date or place hangs on the first event word above it in the parse; where parsers attach it too high, the nearest event noun
before it takes it, if the direction of time fits.
"""

from __future__ import annotations

from kg.facts.lexicon import lexicon
from kg.facts.located import KINDS_OF_PLACE, places
from kg.facts.reading import Candidate, Reading
from kg.language.sentence import Sentence
from kg.mentions.dates import DateMention, resolve
from kg.mentions.places import place_at
from kg.model import BlockKind, EventType, Modality, Place

_PLACE_CASES = frozenset(
    {"in", "at", "near", "outside", "inside", "off", "around", "across", "to", "into", "on", "from"}
)
#: Prepositions of direction, after which a place is where these acts happen: one visits "to", leaves "from", attacks "into".
_DIRECTIONS = {
    "to": ("visit",),
    "on": ("visit", "assault"),
    "into": ("visit", "assault", "mobilize", "concede"),
    "from": ("retreat",),
}
#: What is done with the hands happens where the sentence puts it, even if another event of the sentence lies between.
_BODILY = frozenset(map(EventType, ("assault", "coerce", "protest")))
#: What is said has no place of its own unless the grammar gives it one: the tagger's hints are of what is spoken about.
_SAID_ANYWHERE = frozenset(map(EventType, ("accuse", "request", "threaten", "reject", "sanction")))
_ON_LAND = (EventType.RETREAT, EventType.ASSAULT)
_AHEAD = (Modality.PLANNED, Modality.POSSIBLE)


def _top(sentence: Sentence, first: int, last: int) -> int:
    return next((i for i in range(first, last + 1) if not first <= sentence.tokens[i].head <= last), first)


def _carrier(sentence: Sentence, i: int, carriers: dict[int, list[Candidate]]) -> int | None:
    """The first event word or verb of saying above a token."""
    for above in sentence.ancestors(i):
        if above.i in carriers:
            return above.i
        if above.is_verb and above.lemma.lower() in lexicon().saying:
            return above.i
        if above.is_verb and above.dep in ("conj", "parataxis") and sentence.children(above.i, "nsubj"):
            return None  # somebody else's act, of which no event is told
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


def _acts_on(sentence: Sentence, top: int, carriers: dict[int, list[Candidate]]) -> bool:
    """Whether a place is itself what is visited or struck: "visited Tokyo", "bombed the port of Aden"."""
    token = sentence.tokens[top]
    if token.dep == "nmod" and sentence.tokens[token.head].lower in KINDS_OF_PLACE:
        token = sentence.tokens[token.head]
    acts = carriers.get(token.head, []) if token.dep == "obj" else []
    return any(c.kind == "visit" or c.frame.type in _ON_LAND for c in acts)


def _place_sentence(reading: Reading, sentence: Sentence, candidates: list[Candidate], prefer: frozenset[str]) -> None:
    carriers: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        for anchor in candidate.anchors:
            carriers.setdefault(anchor, []).append(candidate)
    for located in places(reading, sentence, prefer):
        top = _top(sentence, located.first, located.last)
        suffers = _acts_on(sentence, top, carriers)
        if located.case not in _PLACE_CASES and not suffers and sentence.block.kind is not BlockKind.CAPTION:
            continue
        carrier = _carrier(sentence, top, carriers)
        noun = _noun_before(sentence, located.first, carriers)
        if noun is not None and located.first - noun <= 6:
            carrier = noun
        for candidate in carriers.get(carrier, []) if carrier is not None else []:
            act = (candidate.kind, candidate.frame.type.value)
            if located.case in _DIRECTIONS and not set(act) & set(_DIRECTIONS[located.case]):
                continue
            if candidate.frame.type in _SAID_ANYWHERE and sentence.tokens[top].head not in candidate.anchors:
                continue
            if candidate.place is None:
                candidate.place, candidate.place_text = located.place, located.text


def _below(reading: Reading, sentence: Sentence, candidates: list[Candidate], prefer: frozenset[str]) -> None:
    """Give what is done bodily and has no place the one place in its reach: "shot him after a week of unrest in Tripoli"."""
    here = [p for p in places(reading, sentence, prefer) if p.case in _PLACE_CASES and p.case not in _DIRECTIONS]
    for candidate in candidates:
        first, last = sentence.subtree(candidate.trigger)
        inside = [p for p in here if first <= p.first and p.last <= last]
        if len(inside) == 1 and candidate.place is None and candidate.frame.type in _BODILY:
            candidate.place, candidate.place_text = inside[0].place, inside[0].text


def _in_one_breath(sentence: Sentence, verb: int) -> list[int]:
    """The verbs whose day and place are a verb's too: those it is joined to, and the one that its participle accompanies."""
    found: list[int] = []
    token = sentence.tokens[verb]
    while token.is_verb and sentence.tokens[token.head].is_verb and token.head != token.i:
        accompanies = (
            token.dep == "advcl" and token.tag == "VBG" and not sentence.children(token.i, "aux", "mark", "case")
        )
        if token.dep != "conj" and not accompanies:
            break
        if token.dep == "conj" and any(t.i > token.head for t in sentence.children(token.i, "nsubj")):
            break  # somebody else's act
        token = sentence.tokens[token.head]
        found.append(token.i)
    return found


def _share(reading: Reading, sentence: Sentence, candidates: list[Candidate]) -> None:
    """Days and places of a verb, given to the verbs joined to it: "on Monday praised X and thanked Y"."""
    days: dict[int, DateMention] = {}
    for mention, first, last in reading.dates(sentence):
        above = next((a for a in sentence.ancestors(_top(sentence, first, last)) if a.is_verb), None)
        if above is not None and above.i == sentence.tokens[_top(sentence, first, last)].head:
            days.setdefault(above.i, mention)
    for candidate in candidates:
        for verb in _in_one_breath(sentence, candidate.trigger):
            if verb in days and candidate.modality is Modality.ACTUAL:
                _give(reading, candidate, days[verb])
            for other in (c for c in candidates if verb in c.anchors):
                if not candidate.date_text and other.modality is candidate.modality:
                    candidate.date, candidate.date_text = other.date, other.date_text
                if candidate.place is None and candidate.frame.type not in _SAID_ANYWHERE:
                    candidate.place, candidate.place_text = other.place, other.place_text


def _of_the_host(candidate: Candidate, prefer: frozenset[str]) -> tuple[Place | None, str | None]:
    """Where a visitor goes, or what forces leave or attack, when no place is named but the other side's land: "visited Kenya"."""
    for mention in candidate.targets:
        whose = candidate.sentence.tokens[mention.head].dep in ("compound", "amod")
        if candidate.kind != "visit" and whose:
            continue
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
    told: dict[int, list[Candidate]] = {}
    for candidate in reading.candidates:
        told.setdefault(candidate.sentence.index, []).append(candidate)
    for sentence in reading.parsed.sentences:
        if here := told.get(sentence.index):
            _date_sentence(reading, sentence, here)
            _place_sentence(reading, sentence, here, prefer)
            _share(reading, sentence, here)
            _below(reading, sentence, here, prefer)
    for candidate in reading.candidates:
        if candidate.date_hint and not _of_the_saying(reading, candidate, candidate.date_hint):
            _give(reading, candidate, candidate.date_hint)
        if candidate.place_hint and candidate.place is None and candidate.frame.type not in _SAID_ANYWHERE:
            candidate.place, candidate.place_text = candidate.place_hint
        if candidate.place is None and (candidate.kind == "visit" or candidate.frame.type in _ON_LAND):
            candidate.place, candidate.place_text = _of_the_host(candidate, prefer)
    _meetings_on_visits(reading.candidates)
