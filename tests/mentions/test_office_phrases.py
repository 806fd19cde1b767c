"""Offices that are told by more than a title beside the name, and look-alikes that tell none."""

import pytest

from kg import facts
from kg.language import Pipeline
from kg.sources.article import make_article

MORE = " The talks will go on tomorrow, and both sides said that they were content."

Office = tuple[str, str, str | None, bool]


def told(text: str, pipeline: Pipeline) -> set[Office]:
    (parsed,) = pipeline.parse([make_article(text + MORE, source="test")])
    return {(t.person.name, t.office, t.of, t.former) for t in facts.extract(parsed, ("frames",)).tenures}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Presidents David Otieno of Kenya and Grace Akello of Uganda met the envoy on Monday.",
            {("David Otieno", "President", "KEN", False), ("Grace Akello", "President", "UGA", False)},
        ),
        (
            "The envoy met the foreign ministers of Kenya and Uganda, Ann Wanjiru and Grace Akello, on Monday.",
            {("Ann Wanjiru", "foreign minister", "KEN", False), ("Grace Akello", "foreign minister", "UGA", False)},
        ),
        (
            "Prime Minister Ann Wanjiru of Kenya met the envoy on Monday.",
            {("Ann Wanjiru", "Prime Minister", "KEN", False)},
        ),
        (
            "Kenya's prime minister at the time, Ann Wanjiru, rejected the treaty.",
            {("Ann Wanjiru", "prime minister", "KEN", True)},
        ),
        (
            "Kenya's navy chief, Vice Admiral David Otieno, met the envoy on Monday.",
            {("David Otieno", "navy chief", "KEN", False)},
        ),
        (
            "Kenya praised the plan, and its foreign minister, Ann Wanjiru, thanked the envoy.",
            {("Ann Wanjiru", "foreign minister", "KEN", False)},
        ),
        (
            "David Otieno, who became president of Kenya in March, met the envoy.",
            {("David Otieno", "president", "KEN", False)},
        ),
        ("David Otieno is the president of Kenya.", {("David Otieno", "president", "KEN", False)}),
        ("Ann Wanjiru was Kenya's foreign minister.", {("Ann Wanjiru", "foreign minister", "KEN", True)}),
        (
            "Ann Wanjiru was elected president of Kenya on Sunday.",
            {("Ann Wanjiru", "president", "KEN", False)},
        ),
    ],
)
def test_more_than_a_title_beside_the_name(text: str, wanted: set[Office], pipeline: Pipeline) -> None:
    assert told(text, pipeline) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "If Ann Wanjiru is elected president of Kenya, the envoy will go home.",
        "Ann Wanjiru will become president of Kenya in March.",
        "Ann Wanjiru is a diplomat who likes to walk along the river.",
        "Ann Wanjiru is not the president of Kenya.",
    ],
)
def test_what_tells_no_office(text: str, pipeline: Pipeline) -> None:
    assert told(text, pipeline) == set()


def test_a_government_called_after_its_head_tells_the_office(pipeline: Pipeline) -> None:
    named = "The Obama administration welcomed the plan on Monday. Obama met the envoy in Washington."
    assert told(named, pipeline) == {("Obama", "president", "USA", False)}
    # the government alone is spoken of, and nobody knows which office heads the other one
    assert told("The Obama administration welcomed the plan on Monday.", pipeline) == set()
    assert told("The Otieno administration welcomed the plan. Otieno met the envoy.", pipeline) == set()


def test_an_office_of_a_region_is_not_the_states(pipeline: Pipeline) -> None:
    assert told("Bavarian Premier Karl Huber met the envoy.", pipeline) == {("Karl Huber", "Premier", "Bavaria", False)}
    both = "David Otieno, the governor of Pakistan's Sindh province, met Warsaw Mayor Anna Zielinska."
    assert told(both, pipeline) == {
        ("David Otieno", "governor", "Sindh", False),
        ("Anna Zielinska", "Mayor", "Warsaw", False),
    }
    assert told("California Senator Ann Miller met the envoy.", pipeline) == {("Ann Miller", "Senator", "USA", False)}


def test_a_party_of_a_state_is_not_the_state(pipeline: Pipeline) -> None:
    found = told("David Otieno, president of Kenya's Green Party, met the envoy.", pipeline)
    assert found == {("David Otieno", "president", "Green Party", False)}


def test_whose_a_minister_is_that_is_named_without_a_state(pipeline: Pipeline) -> None:
    much = "Kenya closed its border on Monday. Kenyan police said that the roads of Kenya were safe. "
    named = "Fisheries Minister Ann Wanjiru praised them."
    assert told(much + named, pipeline) == {("Ann Wanjiru", "Fisheries Minister", "KEN", False)}
    assert told(
        much + "Uganda and Tanzania waited, and so did Uganda's neighbours in Tanzania. " + named, pipeline
    ) == {("Ann Wanjiru", "Fisheries Minister", None, False)}
    firm = "David Otieno, president and chief executive of a maker of lenses, praised them."
    assert told(much + firm, pipeline) == {("David Otieno", "president", None, False)}


def test_counterparts_across_sentences_and_behind_the_name(pipeline: Pipeline) -> None:
    apart = (
        "Kenyan Defence Minister Ann Wanjiru was in Kampala. She met her Ugandan counterpart Grace Akello on Monday."
    )
    behind = "Kenyan Defence Minister Ann Wanjiru met Grace Akello, her Ugandan counterpart, on Monday."
    for text in (apart, behind):
        assert told(text, pipeline) == {
            ("Ann Wanjiru", "Defence Minister", "KEN", False),
            ("Grace Akello", "Defence Minister", "UGA", False),
        }


def test_a_counterpart_can_hold_an_office_of_another_name(pipeline: Pipeline) -> None:
    text = "German Chancellor Angela Merkel met her French counterpart Francois Hollande in Berlin."
    assert told(text, pipeline) == {
        ("Angela Merkel", "Chancellor", "DEU", False),
        ("Francois Hollande", "president", "FRA", False),
    }


def test_a_title_before_a_name_is_not_that_of_the_name_before_it(pipeline: Pipeline) -> None:
    text = "The envoy met Grace Akello, Kenyan Foreign Minister Ann Wanjiru and two generals."
    assert told(text, pipeline) == {("Ann Wanjiru", "Foreign Minister", "KEN", False)}


def test_words_before_a_minister_that_are_no_matter_of_his(pipeline: Pipeline) -> None:
    text = (
        "In Nairobi on Tuesday Foreign Minister Ann Wanjiru praised the plan, which Defence Minister Paul Maina hates."
    )
    assert {office for _, office, _, _ in told(text, pipeline)} == {"Foreign Minister", "Defence Minister"}
