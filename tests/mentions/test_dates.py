"""Words to days, by the day they were written on."""

import datetime as dt

import pytest

from kg.mentions.dates import find_dates, resolve

#: A Wednesday.
TODAY = dt.date(2016, 1, 27)


@pytest.mark.parametrize(
    ("text", "tense", "earliest", "latest", "precision"),
    [
        ("They met on Tuesday.", "past", "2016-01-26", "2016-01-26", "day"),
        ("They will meet on Tuesday.", "future", "2016-02-02", "2016-02-02", "day"),
        ("They met yesterday.", None, "2016-01-26", "2016-01-26", "day"),
        ("They will meet next month.", None, "2016-02-01", "2016-02-29", "month"),
        ("They met last year.", None, "2015-01-01", "2015-12-31", "year"),
        ("It was signed on 3 March 1998.", None, "1998-03-03", "1998-03-03", "day"),
        ("It was signed on March 3, 1998.", None, "1998-03-03", "1998-03-03", "day"),
        ("It was signed Jan. 26, 2016.", None, "2016-01-26", "2016-01-26", "day"),
        ("They met on Nov. 12.", "past", "2015-11-12", "2015-11-12", "day"),
        ("They will meet in March.", "future", "2016-03-01", "2016-03-31", "month"),
        ("It began in 1998.", None, "1998-01-01", "1998-12-31", "year"),
        ("They met three days ago.", None, "2016-01-24", "2016-01-24", "day"),
        ("He has been there since 2014.", None, "2014-01-01", "2016-01-27", "range"),
    ],
)
def test_dates(text: str, tense: str | None, earliest: str, latest: str, precision: str) -> None:
    (mention,) = find_dates(text)
    assert text[mention.start : mention.end] == mention.text
    found = resolve(mention, TODAY, tense)
    assert found
    assert (found.earliest.isoformat(), found.latest.isoformat(), found.precision.value) == (
        earliest,
        latest,
        precision,
    )


@pytest.mark.parametrize(
    "text",
    [
        "He may come.",
        "They will march on.",
        "The 1975 soldiers were armed with 2000 rifles.",
        "Mr. May and Ms. April agreed.",
        "",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert [m.text for m in find_dates(text) if not m.text.isdigit()] == []


def test_without_a_reference_only_full_dates_are_resolved() -> None:
    (weekday,) = find_dates("They met on Tuesday.")
    assert resolve(weekday, None, "past") is None
    (full,) = find_dates("They met on 3 March 1998.")
    found = resolve(full, None)
    assert found
    assert found.earliest == dt.date(1998, 3, 3)


def test_impossible_days_are_no_dates() -> None:
    for mention in find_dates("It was on February 31, 2015."):
        found = resolve(mention, TODAY)
        assert found is None or found.earliest.month == 2
