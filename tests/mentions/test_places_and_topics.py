"""Names to places that nest, and phrases to topics."""

import pytest

from kg.mentions.places import capital_of, place_at
from kg.mentions.topics import find_topics, topics_of


@pytest.mark.parametrize(
    ("words", "prefer", "name", "state", "within"),
    [
        ("Phnom Penh", "", "Phnom Penh", "KHM", "Cambodia"),
        ("California", "", "California", "USA", "United States"),
        ("Cambodia", "", "Cambodia", "KHM", None),
        ("Paris", "", "Paris", "FRA", "France"),
        ("Cambridge", "", "Cambridge", "GBR", "United Kingdom"),
        ("Cambridge", "USA", "Cambridge", "USA", "United States"),
    ],
)
def test_places(words: str, prefer: str, name: str, state: str, within: str | None) -> None:
    found = place_at(words.split(), 0, frozenset(filter(None, [prefer])))
    assert found
    end, place = found
    assert end == len(words.split())
    assert (place.name, place.state, place.within.name if place.within else None) == (name, state, within)


def test_what_is_no_place() -> None:
    assert place_at(["Wednesday"], 0) is None
    assert place_at(["the", "city"], 0) is None


def test_capitals() -> None:
    found = capital_of("KHM")
    assert found
    assert found.name == "Phnom Penh"
    assert capital_of("XXX") is None


def test_topics_stand_where_they_are_found() -> None:
    text = "The ministers discussed border disputes, human rights and the price of oil."
    found = find_topics(text)
    assert {"borders", "human-rights", "oil"} <= {m.topic for m in found}
    assert all(text[m.start : m.end] == m.text for m in found)
    assert find_topics("They had lunch.") == []


def test_topics_come_once_in_the_order_of_the_text() -> None:
    assert topics_of("Trade, trade and more trade; then terrorism.") == ("trade", "terrorism")
