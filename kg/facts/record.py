"""One article's facts as a plain record for JSON Lines; ``docs/extract-record.md`` explains its fields."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from kg.model import (
    Actor,
    ActorKind,
    Article,
    ArticleFacts,
    DateSpan,
    Event,
    Instrument,
    Participant,
    Span,
    Statement,
    Tenure,
)
from kg.sources.article import article_id

#: The kinds that refine a consultation; the other types' kinds show in ``subtype`` alone.
CONSULT = "consult"


@cache
def event_codes() -> dict[tuple[str, str], tuple[str, str, int]]:
    """(type, kind) -> PLOVER type, CAMEO code, quad class; kind "-" stands for any that is not listed.

    Source: ``kg/data/event_codes.tsv``, which names its own.
    """
    text = (resources.files("kg") / "data" / "event_codes.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return {(kind, sub): (plover, cameo, int(quad)) for kind, sub, plover, cameo, quad in rows}


def _span(span: Span) -> dict[str, Any]:
    return {"text": span.text, "start": span.start, "end": span.end}


def _spans(spans: tuple[Span, ...]) -> list[dict[str, Any]]:
    return [_span(span) for span in sorted(set(spans))]


def _date(date: DateSpan | None) -> dict[str, str] | None:
    if date is None:
        return None
    return {
        "earliest": date.earliest.isoformat(),
        "latest": date.latest.isoformat(),
        "precision": date.precision.value,
    }


def _words(text: str | None) -> str | None:
    return " ".join(text.lower().split()) if text else None


def _name(actor: Actor) -> str | None:
    """A group has no name: the words that describe it stand in ``mention``."""
    return None if actor.kind is ActorKind.GROUP else actor.name


def _party(actor: Actor, on_behalf_of: str | None = None) -> str | None:
    """Whom an actor acts for; a body without a code stands for itself, under its name."""
    return on_behalf_of or actor.party or (actor.name if actor.kind is ActorKind.ORGANIZATION else None)


def _participant(participant: Participant) -> dict[str, Any]:
    actor, mention = participant.actor, participant.mention
    return {
        "name": _name(actor),
        "party": _party(actor, participant.on_behalf_of),
        "kind": actor.kind.value,
        "role": participant.role.value,
        "office": participant.office,
        "mention": mention.text,
        "start": mention.start,
        "end": mention.end,
        "size": actor.size,
    }


def _event(event: Event) -> dict[str, Any]:
    kind = event.type.value
    codes = event_codes()
    plover, cameo, quad = codes.get((kind, event.kind or "-")) or codes[kind, "-"]
    return {
        "key": event.key,
        "type": kind,
        "kind": event.kind if kind == CONSULT else None,
        "subtype": event.kind,
        "plover": plover,
        "cameo": cameo,
        "quad": quad,
        "modality": event.modality.value,
        "source": [_participant(p) for p in event.participants if p.side == "source"],
        "target": [_participant(p) for p in event.participants if p.side == "target"],
        "date": _date(event.date),
        "date_text": _words(event.date.text if event.date else event.date_text),
        "place": event.place_text or (event.place.name if event.place else None),
        "place_state": event.place.state if event.place else None,
        "topics": list(event.topics),
        "about": list(event.about),
        "trigger": event.trigger.text,
        "trigger_start": event.trigger.start,
        "trigger_end": event.trigger.end,
        "instrument": event.instrument,
        "according_to": event.according_to,
        "part_of": event.part_of,
        "confidence": event.confidence,
        "extractor": event.extractor,
        "evidence": _spans(event.evidence),
    }


def _statement(statement: Statement) -> dict[str, Any]:
    speaker = statement.speaker
    reported = (statement.paraphrase,) if statement.paraphrase else ()
    return {
        "key": statement.key,
        "speaker": _name(speaker.actor),
        "party": _party(speaker.actor, speaker.on_behalf_of),
        "kind": speaker.actor.kind.value,
        "office": speaker.office,
        "mention": speaker.mention.text,
        "start": speaker.mention.start,
        "end": speaker.mention.end,
        "cue": _span(statement.verb) if statement.verb else None,
        "quotes": _spans(statement.quotes),
        "paraphrase": _span(statement.paraphrase) if statement.paraphrase else None,
        "content": _spans((*statement.quotes, *reported)),
        "negated": statement.negated,
        "addressees": [_participant(p) for p in statement.addressees],
        "channel": statement.channel,
        "stance": statement.stance,
        "register": statement.register,
        "date": _date(statement.date),
        "date_text": _words(statement.date.text if statement.date else None),
        "topics": list(statement.topics),
        "confidence": statement.confidence,
        "evidence": _spans(statement.evidence),
    }


def _tenure(tenure: Tenure) -> dict[str, Any]:
    return {
        "key": tenure.key,
        "person": tenure.person.name,
        "office": tenure.office,
        "of": tenure.of,
        "former": tenure.former,
        "observed": _date(tenure.observed_on),
        "confidence": tenure.confidence,
        "evidence": _spans(tenure.evidence),
    }


def _instrument(instrument: Instrument) -> dict[str, Any]:
    return {
        "key": instrument.key,
        "name": instrument.name,
        "kind": instrument.kind,
        "status": instrument.status,
        "parties": list(instrument.parties),
        "positions": [
            {"name": actor.name, "party": _party(actor), "position": position}
            for actor, position in instrument.positions
        ],
        "body": instrument.body.name if instrument.body else None,
        "topics": list(instrument.topics),
        "confidence": instrument.confidence,
        "evidence": _spans(instrument.evidence),
    }


def _given_id(article: Article) -> str:
    """The id as the source wrote it, where the article's own is made from it: answers must join to what was asked."""
    given = article.source
    return given if given and article_id(given, article.digest) == article.id else article.id


def record(facts: ArticleFacts) -> dict[str, Any]:
    """The record of one article: events, the surest first; offices, statements, instruments in the text's order.

    Every value is plain JSON: strings, numbers, booleans, None, lists and dicts. Offsets count characters in the text.
    """
    article = facts.article
    events = sorted(facts.events, key=lambda e: (-e.confidence, e.trigger.start, e.key))
    return {
        "id": _given_id(article),
        "title": article.title,
        "published": article.published.isoformat() if article.published else None,
        "reference": _date(facts.reference),
        "reference_inferred": facts.reference_inferred,
        "events": [_event(event) for event in events],
        "offices": [_tenure(tenure) for tenure in facts.tenures],
        "statements": [_statement(statement) for statement in facts.statements],
        "instruments": [_instrument(instrument) for instrument in facts.instruments],
    }
