"""Words to states and organisations, as English news writes them."""

import datetime as dt

import pytest

from kg.registry import cities, fold, leader, lookup, match_at, organization, organizations, state, states
from kg.registry.tables import rows, several


@pytest.mark.parametrize(
    ("words", "kind", "code"),
    [
        ("Cambodia", "state", "KHM"),
        ("the United States", "state", "USA"),
        ("United States", "state", "USA"),
        ("U.S.", "state", "USA"),
        ("US", "state", "USA"),
        ("Cambodian", "demonym", "KHM"),
        ("Filipinos", "demonym", "PHL"),
        ("Kremlin", "metonym", "RUS"),
        ("Tehran", "capital", "IRN"),
        ("NATO", "organization", "NATO"),
        ("Association of Southeast Asian Nations", "organization", "ASEAN"),
        ("California", "region", "USA"),
        ("Gaza Strip", "region", "PSE"),
        ("Kurds", "people", None),
        ("Times of India", "other", None),
        ("Côte d'Ivoire", "state", "CIV"),
        ("Soviet Union", "state", "SUN"),
        ("us", None, None),
        ("Blather", None, None),
    ],
)
def test_words(words: str, kind: str | None, code: str | None) -> None:
    found = lookup(words.split())
    assert (found.kind if found else None) == kind
    assert (found.code if found else None) == code


def test_the_longest_name_wins() -> None:
    words = "the Democratic Republic of the Congo said".split()
    found = match_at(words, 1)
    assert found
    assert (found[0], found[1].code) == (6, "COD")


def test_codes_are_one_to_one() -> None:
    codes = [s.code for s in states()]
    assert len(codes) == len(set(codes)) > 200
    bodies = [o.code for o in organizations()]
    assert len(bodies) == len(set(bodies)) > 200
    assert not set(codes) & set(bodies)


def test_members_and_homes_are_states() -> None:
    for row in rows("organizations.tsv"):
        assert all(state(code) for code in row["members"].split()), row["code"]
        assert not row["home"] or state(row["home"]), row["code"]
    for name in ("regions.tsv", "peoples.tsv"):
        for row in rows(name):
            assert all(state(code) for code in [row.get("state") or row.get("home") or "USA"]), row


def test_leaders_lead_something_for_some_time() -> None:
    count = 0
    for row in rows("leaders.tsv"):
        count += 1
        assert state(row["party"]) or organization(row["party"]), row
        assert not (row["from"] and row["to"]) or row["from"] <= row["to"], row
    assert count > 1_000


def test_who_led_when() -> None:
    found = leader("Barack Obama", dt.date(2016, 1, 26))
    assert found
    assert found.party == "USA"
    assert leader("Nobody Atall", dt.date(2016, 1, 26)) is None


def test_cities_know_their_state() -> None:
    assert [c.state for c in cities("Phnom Penh")] == ["KHM"]
    assert len(cities("Paris")) > 1
    assert cities("Paris")[0].state == "FRA"


def test_accents_fold() -> None:
    assert fold("Łódź Straße Ærø") == "Lodz Strasse Aero"
    assert several("") == ()
