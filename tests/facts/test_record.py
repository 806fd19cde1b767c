"""The JSON record of hand-made facts: every field has its place, and every place is described."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest

from kg.facts.record import event_codes, record
from kg.model import (
    Actor,
    ActorKind,
    Article,
    ArticleFacts,
    DateSpan,
    Event,
    EventType,
    Instrument,
    Modality,
    Participant,
    Place,
    Precision,
    Role,
    Span,
    Statement,
    Tenure,
)
from kg.sources.article import make_article

TEXT = "Ann Example met rebels in Sampleton next week. “We agree,” she said."


def span(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words), words)


ANN = Actor("ann", ActorKind.PERSON, "Ann Example", "FRA")
REBELS = Actor("rebels", ActorKind.GROUP, "rebels", size="some 20")
BODY = Actor("body", ActorKind.ORGANIZATION, "Sample Front")
NEXT_WEEK = DateSpan(dt.date(2016, 2, 1), dt.date(2016, 2, 7), Precision.WEEK, "Next  week")
SPEAKER = Participant(ANN, Role.SPEAKER, "source", span("she"), office="Minister")


def event(kind: EventType, subtype: str | None, confidence: float = 0.5) -> Event:
    return Event(
        key=f"{kind}-{subtype}",
        type=kind,
        kind=subtype,
        modality=Modality.PLANNED,
        participants=(
            Participant(ANN, Role.PARTICIPANT, "source", span("Ann Example")),
            Participant(REBELS, Role.PARTICIPANT, "target", span("rebels")),
            Participant(BODY, Role.PARTICIPANT, "target", span("rebels")),
        ),
        trigger=span("met"),
        evidence=(span("Ann Example met rebels in Sampleton next week."),),
        confidence=confidence,
        date=NEXT_WEEK,
        place=Place("Sampleton", "FRA"),
        place_text="Sampleton",
        topics=("trade",),
    )


def facts(*events: Event, article: Article | None = None) -> ArticleFacts:
    statement = Statement(
        "s1", SPEAKER, span("said"), (span("We agree,"),), None, (span("“We agree,” she said."),), 0.9,
        addressees=(SPEAKER,), channel="press",
    )  # fmt: skip
    tenure = Tenure("t1", ANN, "Minister", "FRA", False, NEXT_WEEK, (span("Ann Example"),), 0.9)
    instrument = Instrument("i1", "pact", "treaty", "proposed", ("FRA",), ((BODY, "against"),), BODY, (), (), 0.4)
    return ArticleFacts(
        article or make_article(TEXT, source="a.txt", published=dt.date(2016, 1, 26)),
        NEXT_WEEK, False, (ANN, REBELS, BODY), (), events, (statement,), (tenure,), (instrument,),
    )  # fmt: skip


def test_an_event() -> None:
    found = record(facts(event(EventType.CONSULT, "meeting")))["events"][0]
    assert (found["type"], found["kind"], found["subtype"], found["modality"]) == (
        "consult",
        "meeting",
        "meeting",
        "planned",
    )
    assert (found["plover"], found["cameo"], found["quad"]) == ("CONSULT", "040", 1)
    assert found["date"] == {"earliest": "2016-02-01", "latest": "2016-02-07", "precision": "week"}
    assert (found["date_text"], found["place"], found["place_state"]) == ("next week", "Sampleton", "FRA")
    assert found["source"] == [
        {"name": "Ann Example", "party": "FRA", "kind": "person", "role": "participant", "office": None,
         "mention": "Ann Example", "start": 0, "end": 11, "size": None}
    ]  # fmt: skip


def test_a_group_has_no_name_and_a_body_without_a_code_stands_for_itself() -> None:
    rebels, body = record(facts(event(EventType.CONSULT, "meeting")))["events"][0]["target"]
    assert (rebels["name"], rebels["party"], rebels["mention"], rebels["size"]) == (None, None, "rebels", "some 20")
    assert (body["name"], body["party"]) == ("Sample Front", "Sample Front")


@pytest.mark.parametrize(
    ("kind", "subtype", "codes"),
    [
        (EventType.AGREE, None, ("AGREE", "03", 1)),
        (EventType.AGREE, "signing", ("SUPPORT", "057", 1)),
        (EventType.CONCEDE, "release", ("RETREAT", "084", 2)),
        (EventType.SANCTION, "embargo", ("COERCE", "163", 4)),
        (EventType.SANCTION, "something new", ("SANCTION", "16", 4)),
    ],
)
def test_codes(kind: EventType, subtype: str | None, codes: tuple[str, str, int]) -> None:
    found = record(facts(event(kind, subtype)))["events"][0]
    assert (found["plover"], found["cameo"], found["quad"]) == codes
    assert (found["kind"], found["subtype"]) == (None, subtype)


def test_every_type_has_codes() -> None:
    assert {kind for kind, sub in event_codes() if sub == "-"} == {t.value for t in EventType}


def test_the_surest_event_comes_first() -> None:
    given = [event(EventType.AID, None, 0.3), event(EventType.ACCUSE, None, 0.9), event(EventType.REJECT, None, 0.6)]
    assert [e["confidence"] for e in record(facts(*given))["events"]] == [0.9, 0.6, 0.3]


@pytest.mark.parametrize("given", ["a-1", "ABC.1998", "https://example.org/a b", "Übung 3"])
def test_the_id_is_the_one_that_was_given(given: str) -> None:
    article = make_article(TEXT, source=given, given_id=given)
    assert record(facts(article=article))["id"] == given


def test_without_a_given_id_it_is_the_articles_own() -> None:
    article = make_article(TEXT, source="a.txt")
    assert record(facts(article=article))["id"] == article.id == article.digest[:16]


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {k for v in value.values() for k in _keys(v)}
    return {k for v in value for k in _keys(v)} if isinstance(value, list) else set()


def test_every_field_is_described_and_every_description_is_of_a_field(root: Path) -> None:
    described = re.findall(r"`(\w+)`", (root / "docs" / "extract-record.md").read_text(encoding="utf-8"))
    found = record(facts(event(EventType.CONSULT, "meeting")))
    assert json.loads(json.dumps(found)) == found
    assert not _keys(found) - set(described)
