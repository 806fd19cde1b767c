"""Who is called by which office of what, in the ways that news says so."""

import pytest

from kg import facts
from kg.language import Pipeline
from kg.sources.article import make_article

MORE = " The talks will go on tomorrow, and both sides said that they were content."


@pytest.mark.parametrize(
    ("text", "person", "office", "of"),
    [
        ("Kenyan Foreign Minister Ann Wanjiru met the envoy.", "Ann Wanjiru", "Foreign Minister", "KEN"),
        ("Kenya's foreign minister, Ann Wanjiru, met the envoy.", "Ann Wanjiru", "foreign minister", "KEN"),
        ("Ann Wanjiru, the Kenyan foreign minister, met the envoy.", "Ann Wanjiru", "foreign minister", "KEN"),
        ("The foreign minister of Kenya, Ann Wanjiru, met the envoy.", "Ann Wanjiru", "foreign minister", "KEN"),
        ("Ann Wanjiru, foreign minister of Kenya, met the envoy.", "Ann Wanjiru", "foreign minister", "KEN"),
        ("Kenya's President General David Otieno met the envoy.", "David Otieno", "President", "KEN"),
        ("Interim Kenyan Prime Minister Ann Wanjiru met the envoy.", "Ann Wanjiru", "Interim Prime Minister", "KEN"),
        ("NATO Secretary-General Peter Hansen met the envoy.", "Peter Hansen", "Secretary-General", "NATO"),
        (
            "Kenya will send troops, Defence Minister Ann Wanjiru said on Monday.",
            "Ann Wanjiru",
            "Defence Minister",
            "KEN",
        ),
        (
            "NAIROBI (Reuters) - Deputy Prime Minister Ann Wanjiru met the envoy.",
            "Ann Wanjiru",
            "Deputy Prime Minister",
            "KEN",
        ),
        ("Kenya's ambassador to Berlin, Ann Wanjiru, met the envoy.", "Ann Wanjiru", "ambassador", "KEN"),
    ],
)
def test_offices(text: str, person: str, office: str, of: str, pipeline: Pipeline) -> None:
    (parsed,) = pipeline.parse([make_article(text + MORE, source="test")])
    found = facts.extract(parsed, ("frames",)).tenures
    assert [(t.person.name, t.office, t.of, t.former) for t in found] == [(person, office, of, False)]


def test_former_offices_are_told_apart(pipeline: Pipeline) -> None:
    text = "Former Kenyan president David Otieno met the envoy."
    (parsed,) = pipeline.parse([make_article(text + MORE, source="test")])
    assert [(t.office, t.former) for t in facts.extract(parsed, ("frames",)).tenures] == [("president", True)]


def test_a_counterpart_holds_the_same_office_elsewhere(pipeline: Pipeline) -> None:
    text = "Kenyan Defence Minister Ann Wanjiru met her Ugandan counterpart, Grace Akello, in Kampala on Monday."
    (parsed,) = pipeline.parse([make_article(text + MORE, source="test")])
    found = {(t.person.name, t.office, t.of) for t in facts.extract(parsed, ("frames",)).tenures}
    assert found == {("Ann Wanjiru", "Defence Minister", "KEN"), ("Grace Akello", "Defence Minister", "UGA")}


def test_the_first_words_in_capitals_are_a_name_like_others(pipeline: Pipeline) -> None:
    text = "ANN WANJIRU, the Kenyan foreign minister, met the envoy on Monday."
    (parsed,) = pipeline.parse([make_article(text + MORE, source="test")])
    assert [(t.person.name, t.of) for t in facts.extract(parsed, ("frames",)).tenures] == [("Ann Wanjiru", "KEN")]
