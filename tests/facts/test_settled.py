"""How real an event is, where and when it was, and several parties in one phrase: what grammar alone tells of each."""

from __future__ import annotations

import pytest

from kg.facts import extract
from kg.language import Pipeline
from kg.model import Event
from kg.sources.article import make_article


def events(text: str, pipeline: Pipeline) -> list[Event]:
    (parsed,) = pipeline.parse([make_article(text, source="article")])
    return list(extract(parsed, ("frames",)).events)


def the(text: str, event_type: str, pipeline: Pipeline) -> Event:
    """The one event of a type, by its type or its kind."""
    found = [e for e in events(text, pipeline) if event_type in (e.type.value, e.kind)]
    assert len(found) == 1, [(e.type.value, e.kind, e.trigger.text) for e in found]
    return found[0]


@pytest.mark.parametrize(
    ("event_type", "modality", "text"),
    [
        ("visit", "planned", "A visit to Laos by the Thai president, scheduled for May, was on every front page."),
        ("visit", "negated", "The cancelled visit of the Thai president to Laos was on every front page."),
        ("visit", "planned", "The Irish president will fly to Malta on Monday."),
        ("meeting", "planned", "The Irish president arrived in Malta on Sunday for talks with the Maltese president."),
        ("meeting", "planned", "Norway is set to meet Iceland in Oslo."),
        ("meeting", "planned", "Norway is likely to meet Iceland in Oslo."),
        ("meeting", "planned", "Norway is due to meet Iceland in Oslo."),
        ("meeting", "planned", "The Chilean president meets the Peruvian president on Friday in Lima."),
        ("meeting", "possible", "Norway is willing to meet Iceland in Oslo."),
        ("meeting", "actual", "Norway met Iceland in Oslo."),
        ("support", "negated", "Norway stopped short of endorsing Kenya."),
        ("support", "negated", "Kenya no longer supports Uganda."),
        ("meeting", "negated", "No Iranian official met the French president."),
        ("accuse", "actual", "Peru voted to condemn Chile."),
    ],
)
def test_how_real_it_is(event_type: str, modality: str, text: str, pipeline: Pipeline) -> None:
    assert the(text, event_type, pipeline).modality == modality


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("Yemen promised Oman to release the prisoners.", {"agree"}),
        ("Chad threatened to attack Sudan.", {"threaten"}),
        ("Kenya refused to release Somali prisoners.", {"reject"}),
        ("Togo agreed to lift sanctions on Benin.", {"agree"}),
    ],
)
def test_what_is_promised_threatened_or_refused_is_no_second_event(
    text: str, types: set[str], pipeline: Pipeline
) -> None:
    assert {e.type.value for e in events(text, pipeline)} == types


def test_a_meeting_that_is_promised_is_told_as_planned(pipeline: Pipeline) -> None:
    assert the("Norway agreed to meet Iceland in Oslo.", "meeting", pipeline).modality == "planned"


def test_talks_in_passing_are_not_talks_of_those_who_meet(pipeline: Pipeline) -> None:
    told = events("The Fijian president met the Tongan king in Suva during the summit of island states.", pipeline)
    assert [(e.kind, e.place_text) for e in told] == [("meeting", "Suva")]


@pytest.mark.parametrize(
    ("event_type", "place", "text"),
    [
        ("assault", "Bavaria", "Austrian troops attacked a farm in Germany's hilly Bavaria region."),
        ("assault", "Sanaa", "Saudi jets bombed Yemeni soldiers outside a Sanaa hotel."),
        ("assault", "Kuwait", "Iraq's invasion of Kuwait was swift."),
        ("retreat", "Gaza", "Israel withdrew from Gaza on Monday."),
        ("meeting", "Varna", "The Greek president met the Bulgarian president in the port of Varna."),
        ("coerce", "Tripoli", "Libyan troops arrested Italian journalists after a week of unrest in Tripoli."),
        ("assault", "Jakarta", "Protesters attacked the Myanmar embassy in Jakarta."),
        ("visit", "Tokyo", "The Samoan president visited Tokyo and thanked Japan."),
        ("assault", "Aden", "Saudi Arabia bombed the Yemeni port of Aden after a raid on Riyadh."),
        ("accuse", None, "KHARTOUM, Sept 3 - Sudan accused Chad of lying."),
    ],
)
def test_where_it_was(event_type: str, place: str | None, text: str, pipeline: Pipeline) -> None:
    found = the(text, event_type, pipeline).place_text
    assert (found or "").split()[:1] == (place or "").split()[:1]


@pytest.mark.parametrize(
    ("event_type", "text"),
    [
        ("request", "Peru on Monday praised Chile and urged Bolivia to sign."),
        ("accuse", "Peru called off the talks with Chile on Monday, blaming Bolivia for the delay."),
    ],
)
def test_verbs_told_in_one_breath_share_the_day(event_type: str, text: str, pipeline: Pipeline) -> None:
    assert the(text, event_type, pipeline).date_text == "Monday"


@pytest.mark.parametrize(
    "text",
    [
        "Iranian and Saudi diplomats met in Baghdad.",
        "The presidents of Iran and Saudi Arabia met in Baghdad.",
        "The Iranian and Saudi presidents met in Baghdad.",
    ],
)
def test_several_parties_in_one_phrase(text: str, pipeline: Pipeline) -> None:
    met = the(text, "meeting", pipeline)
    assert {p.actor.party for p in met.participants} == {"IRN", "SAU"}


def test_one_party_in_a_phrase_is_one(pipeline: Pipeline) -> None:
    accused = the("Iranian diplomats accused Saudi Arabia of lying.", "accuse", pipeline)
    assert [p.actor.party for p in accused.participants if p.side == "source"] == ["IRN"]
