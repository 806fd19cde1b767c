"""Every question runs, and on the seed gives the rows that a reader of the article expects."""

import pyoxigraph as ox
import pytest

from kg.config import Settings
from kg.sparql.questions import Question, questions
from kg.store import open_store

Rows = set[tuple[str, ...]]
KERRY, HUN_SEN, HOR = "John Kerry", "Hun Sen", "Hor Namhong"

#: Question -> the variables looked at, and their rows (dates as written; empty for unbound).
EXPECTED: dict[str, tuple[str, Rows]] = {
    "who-met-whom": (
        "who whom from until where",
        {(KERRY, other, "2016-01-26", "2016-01-26", "Peace Palace") for other in (HUN_SEN, HOR)},
    ),
    "visits-between-states": (
        "from to visitor office day",
        {("United States", "Cambodia", KERRY, "Secretary of State", "2016-01-26")},
    ),
    "planned-meetings": ("from until where with", {("2016-02-01", "2016-02-29", "California", "ASEAN, United States")}),
    "requests-and-answers": (
        "by of what answered",
        {
            (HUN_SEN, "United States", "more US markets for Cambodian goods", ""),
            (HOR, "United States", "tariff breaks on garments and shoes", ""),
        },
    ),
    "pledges": (
        "by to what word",
        {
            (
                HUN_SEN,
                "United States",
                "Cambodia will continue to partner on issues of terrorism and extremism",
                HUN_SEN,
            )
        },
    ),
    "stances": (
        "actor stance topic on voice",
        {
            ("labor leaders", "against", topic, "impending law to regulate unions", "labor leaders")
            for topic in ("Legislation", "Trade unions")
        },
    ),
    "offices-on-a-day": (
        "person office of seen",
        {
            (KERRY, "Secretary of State", "United States", "2016-01-27"),
            (HUN_SEN, "Prime Minister", "Cambodia", "2016-01-27"),
            (HOR, "Foreign Minister", "Cambodia", "2016-01-27"),
            ("Ath Thon", "head", "Cambodian Labor Confederation", "2016-01-27"),
        },
    ),
    "instruments": (
        "name kind status body for against",
        {("impending law to regulate unions", "law", "under debate", "National Assembly", "", "labor leaders")},
    ),
    "on-one-word": (
        "what speaker party",
        {
            ("Request: Hor Namhong – United States", HOR, "Cambodia"),
            ("Commitment: Hun Sen – United States", HUN_SEN, "Cambodia"),
        },
    ),
    "date-disagreements": ("across from article", set()),
    "widely-reported": ("event outlets", set()),
    "before-and-after": ("when cooperation conflict", {("on the day or after", "3", "2")}),
}
#: Question -> rows that must be among the answer, where the whole is long.
AMONG: dict[str, tuple[str, Rows]] = {
    "what-was-said": (
        "speaker topic quote",
        {
            (
                KERRY,
                "Trade",
                "Our trade and investment ties have long served to propel our relationship forward",
            ),
        },
    ),
    "non-state-voices": (
        "speaker kind said",
        {
            ("Ath Thon", "Person", "US influence could improve conditions for Cambodian workers"),
            (
                "labor leaders",
                "Group",
                "they hoped Kerry’s visit would prompt Cambodia to improve workers’ rights",
            ),
        },
    ),
    "dealings-by-month": ("a b month topic", {("Cambodia", "United States", "2016-01", "Security")}),
    "evidence": (
        "what confidence sentence",
        {("Request: Hun Sen – United States", "0.9", "Hun Sen asked for more US markets for Cambodian goods.")},
    ),
    "policy-field": (
        "what topic",
        {
            ("Commitment: Hun Sen – United States", "Terrorism"),
            (f"Meeting: {KERRY} – {HUN_SEN}, {HOR}, 2016-01-26", "Security"),
        },
    ),
}


def rows(settings: Settings, question: Question, variables: str) -> tuple[Rows, int]:
    with open_store(settings) as store:
        found = store.query(question.query)
        assert isinstance(found, ox.QuerySolutions)
        solutions = [tuple(_text(s[name]) for name in variables.split()) for s in found]
    return set(solutions), len(solutions)


def _text(value: object) -> str:
    text = str(getattr(value, "value", ""))
    # the order within a group is the engine's own
    return ", ".join(sorted(text.split(", "))) if text in ("ASEAN, United States", "United States, ASEAN") else text


def test_there_are_seventeen_and_each_says_what_it_asks() -> None:
    found = questions()
    assert len(found) == 17
    assert all("?" in q.title for q in found)
    assert {q.name for q in found} == EXPECTED.keys() | AMONG.keys()


@pytest.mark.parametrize("question", questions(), ids=lambda q: q.name)
def test_rows_on_the_seed(question: Question, filled: Settings) -> None:
    if question.name in EXPECTED:
        variables, wanted = EXPECTED[question.name]
        found, count = rows(filled, question, variables)
        assert found == wanted
        assert count == len(wanted), "a row comes twice"
    else:
        variables, wanted = AMONG[question.name]
        found, _ = rows(filled, question, variables)
        assert wanted <= found
