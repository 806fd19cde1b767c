"""Turns merged candidates into the events of an article."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from kg.facts.frames import find_candidates
from kg.facts.merge import Group, belongs_to, merge
from kg.facts.reading import Candidate, Reading
from kg.facts.saying import Saying
from kg.facts.settled import settle, without_background
from kg.facts.statements import participant
from kg.facts.tagged import EventReader, tagged_candidates
from kg.facts.together import combined, judge, with_others
from kg.facts.when_where import add_dates_and_places
from kg.mentions.topics import topics_of
from kg.model import Event, EventType, Instrument, Modality, Participant, Place, Precision, Role, Span
from kg.registry import party_name

#: The extractors that come with the package, all of which are used unless the settings say otherwise.
ROADS = ("frames", "tagger")
#: Two tellings make an event surer than each alone.
_TOLD_AGAIN = 0.03
_SUREST = 0.97


def _role(event_type: EventType, kind: str | None, side: str) -> Role:
    if event_type is EventType.CONSULT:
        if kind == "visit":
            return Role.VISITOR if side == "source" else Role.HOST
        if kind == "mediation" and side == "source":
            return Role.MEDIATOR
        return Role.PARTICIPANT
    return Role.INITIATOR if side == "source" else Role.RECIPIENT


def _participants(group: Group) -> tuple[Participant, ...]:
    best = group.best
    found = []
    for side, mentions in (("source", group.side("sources")), ("target", group.side("targets"))):
        role = _role(best.frame.type, best.kind, side)
        found += [participant(m, role, side) for m in mentions]
    return tuple(found)


def keep(candidate: Candidate) -> bool:
    """Whether a candidate is an event at all: what is merely asked for or alleged is not, but a meeting that is asked for is."""
    return not candidate.content or (candidate.frame.type is EventType.CONSULT and candidate.kind is not None)


def unjudged(reading: Reading, roads: Collection[str] = ROADS) -> list[Candidate]:
    """All that the roads find, however unlikely, what two of them find once."""
    by_frames = [c for c in find_candidates(reading) if keep(c)] if "frames" in roads else []
    for candidate in by_frames:
        candidate.framed = candidate.confidence
    if "tagger" not in roads:
        return by_frames
    from kg.tagger.tagger import load  # onnxruntime takes a moment to import, which a run without it need not wait for

    return combined(by_frames, tagged_candidates(reading, load(), by_frames))


def candidates_of(
    reading: Reading, roads: Collection[str] = ROADS, language_model: EventReader | None = None
) -> list[Candidate]:
    """The candidates of an article, with dates and places.

    Args:
        roads: which extractors are used: "frames", "tagger" or both.
        language_model: a third reader, whose events are added to those of the others.
    """
    found = unjudged(reading, roads)
    # frames alone know nothing by which to judge, and each says how sure it is
    reading.candidates = judge(found) if "tagger" in roads else found
    if language_model is not None:
        by_model = tagged_candidates(reading, language_model, extractor="llm")
        reading.candidates = with_others(reading.candidates, by_model)
    reading.candidates = without_background(reading.candidates)
    for candidate in reading.candidates:
        if candidate.content and candidate.modality is Modality.ACTUAL:
            candidate.modality = Modality.POSSIBLE
    add_dates_and_places(reading)
    settle(reading)
    return reading.candidates


def _according_to(candidate: Candidate, sayings: list[tuple[Saying, str]]) -> str | None:
    for saying, key in sayings:
        if saying.sentence is candidate.sentence and saying.holds(candidate.words) and saying.verb != candidate.trigger:
            return key
    return None


def _political(group: Group) -> bool:
    """Whether a state or an organisation of the registry is in it: companies and private people alone are not meant."""
    return any(m.party and party_name(m.party) for m in (*group.side("sources"), *group.side("targets")))


def _kind(group: Group) -> str | None:
    kinds = {c.kind for c in group.candidates}
    best = group.best.kind
    return "meeting" if kinds & {"meeting"} and best in ("negotiation", None) else best


def _about(group: Group) -> tuple[Span, ...]:
    return tuple(dict.fromkeys(span for c in group.candidates for span in c.about))


def _topics(group: Group) -> tuple[str, ...]:
    """Topics of what the event is about; of its whole sentence where nothing says it closer and it is the only event there."""
    about = " ; ".join(span.text for span in _about(group))
    found = list(topics_of(about))
    for candidate in group.candidates:
        first, last = candidate.sentence.subtree(candidate.trigger)
        found += topics_of(candidate.sentence.span(first, last).text)
    return tuple(dict.fromkeys(found))[:5]


def _instrument(group: Group, instruments: tuple[Instrument, ...]) -> str | None:
    for instrument in instruments:
        for candidate in group.candidates:
            first, last = candidate.sentence.subtree(candidate.trigger)
            span = candidate.sentence.span(first, last)
            if candidate.sentence.evidence in instrument.evidence and instrument.name in span.text:
                return instrument.key
    return None


def _event(number: int, group: Group, sayings: list[tuple[Saying, str]], instruments: tuple[Instrument, ...]) -> Event:
    best = group.best
    sources = [_according_to(c, sayings) for c in group.candidates]
    placed = next((c for c in [best, *group.candidates] if c.place), None)
    confidence = min(_SUREST, best.confidence + _TOLD_AGAIN * (len(group.candidates) - 1))
    return Event(
        key=f"e{number}",
        type=best.frame.type,
        kind=_kind(group),
        modality=best.modality,
        participants=_participants(group),
        trigger=best.words,
        evidence=tuple(sorted({c.sentence.evidence for c in group.candidates})),
        confidence=round(confidence, 2),
        date=group.date,
        date_text=group.date_text,
        place=placed.place if placed else None,
        place_text=placed.place_text if placed else None,
        topics=_topics(group),
        about=tuple(span.text for span in _about(group)),
        instrument=_instrument(group, instruments),
        according_to=sources[0] if all(sources) else None,
        extractor=best.extractor,
    )


def _within_visits(groups: list[Group], events: list[Event]) -> list[Event]:
    """Put meetings under the visit during which they took place; what one lacks of day or place, the other gives."""
    found = list(events)
    for v, visit in enumerate(groups):
        if visit.best.kind != "visit":
            continue
        for p, part in enumerate(groups):
            if p == v or found[p].part_of or not belongs_to(part, visit):
                continue
            date = found[p].date
            day = found[v].date
            if date is None and day is not None and day.precision is Precision.DAY:
                date = day
            if day is None and date is not None and date.precision is Precision.DAY:
                found[v] = replace(found[v], date=date, date_text=date.text)
            if found[v].place is None and found[p].place is not None:
                found[v] = replace(found[v], place=_town(found[p].place), place_text=None)
            found[p] = replace(
                found[p], part_of=found[v].key, date=date, date_text=date.text if date else found[p].date_text
            )
    return found


def _town(place: Place | None) -> Place | None:
    """The city around a building."""
    return place.within if place and place.within and place.geonames is None and place.within.name else place


def find_events(
    reading: Reading, sayings: list[tuple[Saying, str]], instruments: tuple[Instrument, ...]
) -> tuple[Event, ...]:
    """The events of an article, each once, in the order of their first telling."""
    groups = merge(reading.candidates)
    groups = [g for g in groups if _political(g)]
    events = [_event(n, group, sayings, instruments) for n, group in enumerate(groups, 1)]
    return tuple(_within_visits(groups, events))
