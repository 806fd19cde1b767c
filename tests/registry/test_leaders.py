"""The dated table of office-holders: its form, what it must not say, and whom it finds."""

import datetime as dt
import re
from collections import defaultdict

import pytest

from kg.registry import leader, leaders, organization, state
from kg.registry.tables import rows

MONTH = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])")
#: When the table was written; nobody in it takes office later.
WRITTEN = "2026-01"


def _months(value: str) -> int:
    return int(value[:4]) * 12 + int(value[5:])


def test_every_row_has_its_form() -> None:
    for row in rows("leaders.tsv"):
        assert state(row["party"]) or organization(row["party"]), row
        assert MONTH.fullmatch(row["from"]), row
        assert row["from"] <= WRITTEN, row
        assert not row["to"] or MONTH.fullmatch(row["to"]), row
        assert not row["to"] or row["from"] <= row["to"] <= WRITTEN, row
        assert row["known"] in ("checked", "general"), row
        assert row["name"].isascii(), row
        assert row["short"].isascii(), row


def test_the_table_is_large_and_sorted() -> None:
    keys = [(r["party"], r["office"], r["from"], r["name"]) for r in rows("leaders.tsv")]
    assert len(keys) > 4_000
    assert keys == sorted(keys)
    assert len(keys) == len(set(keys))


def test_an_office_has_one_holder_at_a_time() -> None:
    """Months of change count for both, and rival claims of up to a year are told as they were."""
    held: defaultdict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
    for row in rows("leaders.tsv"):
        span = (_months(row["from"]), _months(row["to"] or WRITTEN), row["name"])
        held[row["party"], row["office"]].append(span)
    for office, spans in held.items():
        for i, (_, end, name) in enumerate(spans):
            for start, other_end, other in spans[i + 1 :]:
                assert min(end, other_end) - start <= 12, (office, name, other)


@pytest.mark.parametrize(
    ("name", "day", "office", "party"),
    [
        ("Angela Merkel", dt.date(2015, 9, 4), "chancellor", "DEU"),
        ("Otto Schily", dt.date(2003, 3, 1), "interior minister", "DEU"),
        ("Ann Veneman", dt.date(2008, 3, 1), "executive director", "UNICEF"),
        ("Donald J. Trump", dt.date(2025, 3, 1), "president", "USA"),
        ("James A. Baker III", dt.date(1991, 3, 1), "secretary of state", "USA"),
    ],
)
def test_who_held_what(name: str, day: dt.date, office: str, party: str) -> None:
    found = leader(name, day)
    assert found
    assert (found.office, found.party) == (office, party)


def test_initials_tell_people_apart_where_the_table_has_them() -> None:
    assert {one.name for one in leaders("George H.W. Bush")} == {"George H.W. Bush"}
    assert {one.name for one in leaders("George W. Bush")} == {"George W. Bush"}
    assert leaders("J. Nobody Atall III") == ()
