"""How answers are counted. The figures were worked out by hand."""

from typing import Any

import pytest

from kg.evaluation.figures import by_type, details, differences, score
from kg.evaluation.items import VIEWS, dyads, party_code


def event(name: str, source: list[str], target: list[str], **more: Any) -> dict[str, Any]:
    return {"type": name, "source": [{"party": p} for p in source], "target": [{"party": p} for p in target]} | more


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (event("accuse", ["USA"], ["RUS"]), [("accuse", "USA", "RUS")]),
        (event("accuse", ["USA"], []), [("accuse", "USA", "-")]),
        (event("aid", ["USA", "FRA"], ["KHM"]), [("aid", "FRA", "KHM"), ("aid", "USA", "KHM")]),
        (event("consult", ["USA"], ["CHN"], kind="meeting"), [("consult", "CHN", "USA")]),
        (event("consult", ["USA"], ["CHN"], kind="visit"), [("consult", "USA", "CHN")]),
        (event("consult", ["USA"], [], kind="meeting"), [("consult", "USA", "-")]),
        (event("agree", ["IRN"], ["The United Nations"]), [("agree", "IRN", "UN")]),
        (
            event("consult", ["USA", "CHN"], ["RUS"], kind="summit"),
            [("consult", "CHN", "RUS"), ("consult", "CHN", "USA"), ("consult", "RUS", "USA")],
        ),
    ],
)
def test_dyads(given: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert list(dyads(given)) == expected


def test_party_codes_and_names() -> None:
    assert [party_code(p) for p in ("the EU", "PLO", " hamas ", None)] == ["EU", "PSE", "HAMAS", ""]


def test_views_of_a_record() -> None:
    record = {
        "events": [
            event("accuse", ["USA"], ["RUS"], modality="planned")
            | {"source": [{"name": "John Kerry", "party": "USA"}]},
        ],
        "offices": [{"person": "John Kerry", "office": "Secretary of State", "of": "USA"}],
        "statements": [{"speaker": "Ban Ki-moon", "party": "U.N."}, {"speaker": "Ath Thon"}, {"speaker": None}],
    }
    assert VIEWS["dyad-actual"](record) == set()
    assert VIEWS["detect"](record) == {"accuse"}
    assert VIEWS["who-whom"](record) == {("RUS", "USA")}
    assert VIEWS["names"](record) == {("accuse", "kerry")}
    assert VIEWS["offices"](record) == {("kerry", "secretary of state", "USA")}
    assert VIEWS["statements"](record) == {"UN", "thon"}


def test_figures_over_texts_with_misses_extras_and_no_answer() -> None:
    gold = {
        "a": {"events": [event("accuse", ["USA"], ["RUS"]), event("aid", ["FRA"], ["KHM"])]},
        "b": {"events": [event("reject", ["IRN"], ["USA"])]},
    }
    system = {"a": {"events": [event("accuse", ["USA"], ["RUS"]), event("aid", ["FRA"], ["THA"])]}, "c": {}}
    figure = score(gold, system)["dyad"]
    assert (figure.hits, figure.gold, figure.system) == (1, 3, 2)
    assert (figure.precision, figure.recall, figure.f1) == (0.5, pytest.approx(1 / 3), pytest.approx(0.4))
    assert {kind: f.f1 for kind, f in by_type(gold, system).items()} == {"accuse": 1.0, "aid": 0.0, "reject": 0.0}
    assert list(differences(gold, system)) == [
        ("a", [("aid", "FRA", "KHM")], [("aid", "FRA", "THA")]),
        ("b", [("reject", "IRN", "USA")], []),
    ]


def test_details_of_events_that_match() -> None:
    wanted = event("accuse", ["USA"], ["RUS"], modality="actual", date="next week", place="Paris")
    given = event("accuse", ["USA"], ["RUS"], modality="planned", date={"earliest": "2016-02-01"}, date_text="week")
    shares = details({"a": {"events": [wanted]}}, {"a": {"events": [given]}})
    assert {name: (s.right, s.total) for name, s in shares.items()} == {
        "modality": (0, 1),
        "date": (1, 1),
        "place": (0, 1),
    }


def test_nothing_to_compare_is_zero_and_no_error() -> None:
    assert score({}, {})["dyad"].f1 == 0.0
    assert details({}, {})["date"].value is None
