"""One article's facts: read it, find candidates and statements, bring them together."""

from __future__ import annotations

from collections.abc import Collection

from kg.facts.events import ROADS, candidates_of, find_events
from kg.facts.instruments import find_instruments
from kg.facts.reading import read
from kg.facts.statements import find_sayings, statements
from kg.facts.tagged import EventReader
from kg.facts.tenures import find_tenures
from kg.language.sentence import ParsedArticle
from kg.model import Actor, ArticleFacts, Event, Instrument, Place, Statement, Tenure


def _places(events: tuple[Event, ...]) -> tuple[Place, ...]:
    found: dict[Place, None] = {}
    for event in events:
        place = event.place
        while place is not None:
            found[place] = None
            place = place.within
    return tuple(found)


def _used(
    events: tuple[Event, ...],
    said: tuple[Statement, ...],
    tenures: tuple[Tenure, ...],
    instruments: tuple[Instrument, ...],
    mentioned: tuple[Actor, ...],
) -> tuple[Actor, ...]:
    """The actors that a fact speaks of, and the groups whose size is given; a name alone is no fact."""
    keys = {p.actor.key for e in events for p in e.participants}
    keys |= {p.actor.key for s in said for p in (s.speaker, *s.addressees)}
    keys |= {t.person.key for t in tenures} | {a.key for i in instruments for a, _ in i.positions}
    keys |= {i.body.key for i in instruments if i.body}
    return tuple(a for a in mentioned if a.key in keys or a.size)


def extract(
    parsed: ParsedArticle, roads: Collection[str] = ROADS, language_model: EventReader | None = None
) -> ArticleFacts:
    """All facts that an article asserts, from its parsed sentences.

    The same article and version of this program give the same facts.

    Args:
        parsed: the article.
        roads: which extractors of events are used: "frames", "tagger" or both.
        language_model: a reader that is asked too.

    Raises:
        LanguageModelError: it gives no answer.
    """
    reading = read(parsed)
    candidates_of(reading, roads, language_model)
    sayings = find_sayings(reading)
    numbered = list(statements(sayings))
    said = tuple(statement for _, statement in numbered)
    tenures = find_tenures(reading)
    instruments = find_instruments(reading, sayings)
    events = find_events(
        reading, [(saying, statement.key) for saying, statement in numbered if saying.register == "speech"], instruments
    )
    actors = _used(events, said, tenures, instruments, reading.cast.actors)
    return ArticleFacts(
        article=parsed.article,
        reference=reading.reference,
        reference_inferred=reading.inferred,
        actors=actors,
        places=_places(events),
        events=events,
        statements=said,
        tenures=tenures,
        instruments=instruments,
    )
