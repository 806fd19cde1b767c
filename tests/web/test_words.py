"""Names, days and places as sentences have them; marks in a text, whichever way they overlap."""

from __future__ import annotations

import pytest

from kg.triples.vocab import DIPL, ontology
from kg.web.views.marking import Mark, apart, pieces, stretches, within
from kg.web.views.words import EVENT_KINDS, at_place, days, kind_words, phrases, sureness, when, with_the


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("United States", "the United States"),
        ("Cambodia", "Cambodia"),
        ("Czech Republic", "the Czech Republic"),
        ("Republic of the Congo", "the Republic of the Congo"),
        ("Solomon Islands", "the Solomon Islands"),
        ("ASEAN", "ASEAN"),
        ("World Bank", "the World Bank"),
        ("The Hague", "The Hague"),
        ("rebels", "rebels"),
        ("", ""),
    ],
)
def test_names_take_their_article(name: str, shown: str) -> None:
    assert with_the(name) == shown


@pytest.mark.parametrize(
    ("place", "shown"),
    [("Phnom Penh", "in Phnom Penh"), ("Peace Palace", "at the Peace Palace"), ("Camp David", "at Camp David")],
)
def test_things_are_in_towns_and_at_sites(place: str, shown: str) -> None:
    assert at_place(place) == shown


@pytest.mark.parametrize(
    ("earliest", "latest", "precision", "shown"),
    [
        ("2012-11-20", "2012-11-20", "day", "on 20 November 2012"),
        ("2012-11-01", "2012-11-30", "month", "in November 2012"),
        ("2012-01-01", "2012-12-31", "year", "in 2012"),
        ("2016-01-25", "2016-01-31", "week", "in the week of 25–31 January 2016"),
        ("2016-05-03", "2016-05-05", "range", "between 3 and 5 May 2016"),
        ("2010-06-01", "2010-08-31", "range", "between 1 June and 31 August 2010"),
        ("2023-12-01", "2024-02-29", "range", "between 1 December 2023 and 29 February 2024"),
        ("2016-05-03", "", "day", "on 3 May 2016"),
        ("", "", "", ""),
        ("nonsense", "nonsense", "day", ""),
    ],
)
def test_days_in_a_sentence(earliest: str, latest: str, precision: str, shown: str) -> None:
    assert when(earliest, latest, precision) == shown


def test_days_by_themselves() -> None:
    assert days("2016-01-26", "2016-01-26") == "26 January 2016"
    assert days("2016-01-26", "2016-01-27") == "26–27 January 2016"


def test_how_sure_in_words() -> None:
    words = [sureness(c) for c in ("0.97", "0.8", "0.6", "0.4", "0.1", "x")]
    assert words == ["very sure", "sure", "fairly sure", "unsure", "very unsure", ""]


def test_every_class_of_event_has_a_phrase_and_a_name() -> None:
    below = {
        t.subject.value.removeprefix(DIPL)  # type: ignore[union-attr]
        for t in ontology()
        if str(t.predicate).endswith("#quadClass>") and str(t.subject).startswith(f"<{DIPL}")
    }
    assert below == set(EVENT_KINDS) - {"Event"}
    assert set(phrases()) == set(EVENT_KINDS)
    assert all(p.base and p.past and p.alone and p.alone_past for p in phrases().values())
    assert (kind_words("Embargo", 2), kind_words("Person", 2), kind_words("Meeting")) == (
        "Embargoes",
        "People",
        "Meeting",
    )


TEXT = "Foreign Minister Hor Namhong met Kerry. He left."


def test_words_are_found_whole() -> None:
    assert within("met", TEXT, 0, len(TEXT)) == (29, 32)
    assert within("me", TEXT, 0, len(TEXT)) is None
    assert within("Kerry", TEXT, 0, 30) is None, "outside of the passage"
    assert within("", TEXT, 0, 10) is None


def test_of_overlapping_marks_the_first_stays_whole() -> None:
    event, name, inner, other = (
        Mark(29, 32, "event", "e"),
        Mark(17, 32, "actor", "a"),
        Mark(30, 31, "time", "t"),
        Mark(33, 38, "actor", "k"),
    )
    assert apart([event, name, inner, other]) == [event, other]
    assert apart([name, event]) == [name]
    assert apart([Mark(5, 5, "actor", "empty")]) == []


def test_the_pieces_make_the_text_again_and_nest() -> None:
    marks = apart([Mark(29, 32, "event", "e"), Mark(33, 38, "actor", "k")])
    said = [Mark(17, 36, "said", "s")]  # begins before one mark and ends within another
    found = pieces(TEXT, 0, len(TEXT), marks, said)
    assert "".join(p.text for p in found) == TEXT
    assert [(p.text, p.mark and p.mark.iri, bool(p.said)) for p in found if p.mark] == [
        ("met", "e", True),
        ("Ker", "k", True),
        ("ry", "k", False),
    ]


def test_passages_that_overlap_keep_their_anchors() -> None:
    passages = [(0, 39, "one"), (29, 48, "two"), (40, 48, "three")]
    found = stretches(TEXT, 0, len(TEXT), passages, [], [])
    assert "".join(p.text for s in found for p in s.pieces) == TEXT
    assert [(s.anchor, s.anchors) for s in found] == [("one", ("two",)), ("", ()), ("three", ())]
    half = stretches(TEXT, 20, len(TEXT), [(0, 39, "one")], [], [])
    assert [s.anchor for s in half] == ["", ""], "its anchor stands where it begins"
