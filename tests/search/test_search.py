"""Search on the real store: what is found by which words, and what is counted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.config import Settings, load_settings
from kg.errors import SettingsError
from kg.search import FACETS, GROUPS, Filters, Index, QueryTextError, asked, marked
from kg.search.spelling import Speller
from kg.store import open_store
from kg.triples.vocab import PREFIXES
from tests.search.indexes import labels


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Dmitry Medvedev", "Dmitry Medvedev"),
        ("medvedev", "Dmitry Medvedev"),
        ("Medvedyev", "Dmitry Medvedev"),
        ("dimitry medvedef", "Dmitry Medvedev"),
        ("Hun Senn", "Hun Sen"),
        ("hun s", "Hun Sen"),
        ("Samdech Hun Sen", "Hun Sen"),
        ("Bogota", "Bogotá"),
        ("BOGOTÁ", "Bogotá"),
        ("Burma", "Myanmar"),
        ("UN", "United Nations"),
        ("U.N.", "United Nations"),
        ("MMR", "Myanmar"),
        ("colombian", "Colombia"),
        ("prime minister of cambodia", "Prime Minister of Cambodia"),
    ],
)
def test_a_thing_is_found_by_its_names(text: str, first: str, index: Index) -> None:
    assert labels(index, text)[0] == first


def test_the_very_name_comes_before_its_beginnings_and_these_before_its_words(index: Index) -> None:
    found = labels(index, "Colombia")
    assert found[0] == "Colombia"
    assert any("Colombia" in label for label in found[1:])
    assert labels(index, "United")[:1] != ["Emirates"]


def test_a_person_of_several_spellings_is_one_hit(index: Index) -> None:
    people = [h for h in index.search("Hun Sen", Filters(group="names")).hits if h.kind == "Person"]
    assert len(people) == 1
    assert (people[0].weight, people[0].countries) == (2, ("KHM",))
    assert "Samdech Hun Sen" in (people[0].label, *people[0].names)


@pytest.mark.parametrize(
    ("text", "group", "part"),
    [
        ("receives", "articles", "Medvedev receives Hun Sen"),
        ("sanction", "articles", "Sanctions on Eritrea"),
        ("meeting medvedev", "facts", "Meeting: "),
        ("build the bridge", "facts", "We shall build"),
        ('"build the bridge"', "sentences", "We shall build the bridge together"),
        ("imposed sanctions", "sentences", "The United Nations imposed sanctions"),
    ],
)
def test_texts_are_found_by_their_words(text: str, group: str, part: str, index: Index) -> None:
    assert any(part in found for found in labels(index, text, group)), labels(index, text, group)


def test_words_between_quotation_marks_stand_together(index: Index) -> None:
    apart = index.search('"bridge build"')
    assert (apart.total, apart.maybe) == (0, "bridge build")
    assert index.search("bridge build").total > 0


def test_a_sentence_comes_with_its_article_outlet_and_day(index: Index) -> None:
    (hit, *_) = index.search("imposed sanctions", Filters(group="sentences")).hits
    assert (hit.headline, hit.outlet) == ("Sanctions on Eritrea", "Volga Wire")
    assert hit.article.endswith("/id/article/d")
    assert hit.iri.startswith(f"{hit.article}#char=")
    shown = marked(hit.text, hit.text_marks)
    assert "".join(text for text, _ in shown) == hit.text
    assert [text for text, found in shown if found] == ["imposed sanctions"]


def test_a_question_with_a_mistake_is_answered_as_it_was_meant(index: Index) -> None:
    found = index.search("imposd sanctions")
    assert (found.corrected, found.some) == ("imposed sanctions", False)
    assert any(h.kind == "Sentence" for h in found.hits)
    assert index.search("Medvedyev").corrected == "Medvedev"


def test_where_nothing_has_all_words_some_are_enough_and_rare_ones_count_more(index: Index) -> None:
    found = index.search("bridge quispe", Filters(group="sentences"))
    assert found.some
    assert {"bridge" in h.text or "Quispe" in h.text for h in found.hits} == {True}


COUNTS = {
    "type": "SELECT (COUNT(DISTINCT ?e) AS ?n) { ?e a dipl:Event, dipl:%s }",
    "topic": "SELECT (COUNT(DISTINCT ?e) AS ?n) { ?e a dipl:Event ; dipl:topic dipl:topic-%s }",
    "outlet": "SELECT (COUNT(DISTINCT ?e) AS ?n) { ?e a dipl:Event ; dipl:evidence/oa:hasSource/schema:publisher '%s' }",
    "year": "SELECT (COUNT(DISTINCT ?e) AS ?n) { ?e a dipl:Event ; dipl:earliestDate ?d FILTER (YEAR(?d) = %s) }",
    "country": """SELECT (COUNT(DISTINCT ?e) AS ?n) { ?e a dipl:Event . BIND (<http://127.0.0.1:8000/id/state/%s> AS ?c)
        { ?e dipl:participation/(dipl:onBehalfOf|dipl:actor)/dipl:actsFor? ?c }
        UNION { ?e dipl:place/schema:containedInPlace* ?c } }""",
}


@pytest.mark.parametrize("facet", COUNTS)
def test_facets_count_what_sparql_counts(facet: str, index: Index, told: Settings) -> None:
    counted = index.search("", Filters({"kind": "Event"})).facets[facet]
    assert counted
    with open_store(told) as store:
        for value, number in counted:
            (row,) = store.query(COUNTS[facet] % value, PREFIXES)  # type: ignore[misc]
            assert int(row["n"].value) == number, value
            assert index.search("", Filters({"kind": "Event", facet: value})).total == number, value


def test_kinds_count_what_sparql_counts(index: Index, told: Settings) -> None:
    counted = dict(index.search("").facets["kind"])
    with open_store(told) as store:
        for kind in ("State", "Organization", "Place", "Office", "Event", "Statement", "Tenure", "Article"):
            query = f"SELECT (COUNT(DISTINCT ?e) AS ?n) {{ ?e a dipl:{kind} }}"
            if kind == "Place":
                query = query.replace("}", "FILTER NOT EXISTS { ?e a dipl:State } }")
            (row,) = store.query(query, PREFIXES)  # type: ignore[misc]
            assert int(row["n"].value) == counted.get(kind, 0), kind


def test_a_facet_counts_under_the_other_filters_and_not_under_its_own(index: Index) -> None:
    everything = index.search("medvedev")
    narrowed = index.search("medvedev", Filters({"outlet": "Andes Post"}))
    assert narrowed.facets["outlet"] == everything.facets["outlet"]
    assert sum(n for _, n in narrowed.facets["kind"]) == narrowed.total < everything.total
    assert narrowed.total == dict(everything.facets["outlet"])["Andes Post"]
    assert sum(narrowed.groups.values()) == narrowed.total


def test_days_narrow_down_by_overlap(index: Index) -> None:
    import datetime as dt

    day = dt.date(2010, 5, 3).toordinal()
    found = index.search("", Filters({"kind": "Event"}, since=day, until=day))
    assert found.total
    assert all(h.first <= day <= h.last for h in found.hits)


def test_pages_follow_each_other_without_gaps(index: Index) -> None:
    whole = [h.iri for h in index.search("", most=200).hits]
    parts = [h.iri for start in range(0, 200, 20) for h in index.search("", start=start, most=20).hits]
    assert parts == whole
    assert len(set(parts)) == 200


def test_groups_come_one_after_the_other(index: Index) -> None:
    found = index.search("medvedev", per_group=2)
    order = [next(g for g, kinds in GROUPS.items() if h.kind in kinds) for h in found.hits]
    assert order == sorted(order, key=list(GROUPS).index)
    assert max(order.count(g) for g in GROUPS) == 2


def test_suggestions_begin_as_was_typed_the_most_spoken_of_first(index: Index) -> None:
    assert [s.name for s in index.suggest("Medv")] == ["Dmitry Medvedev"]
    assert [s.name for s in index.suggest("burm")] == ["Burma"]
    names = [s.label for s in index.suggest("co")]
    assert names[0] == "Colombia"
    assert index.suggest("") == []


def test_a_name_is_joined_to_what_it_may_mean_with_a_score(index: Index) -> None:
    (best, *_) = index.find("Dmitry Medvedev")
    assert (best.label, best.score) == ("Dmitry Medvedev", 100)
    assert index.find("Medvedev Dmitry")[0].score == 98
    mistyped = index.find("Dimitri Medvedyev", kinds=["Person"])[0]
    assert mistyped.label == "Dmitry Medvedev"
    assert 70 < mistyped.score < 98
    assert index.find("Burma", kinds=["State"])[0].label == "Myanmar"
    assert index.find("Burma", kinds=["Person"]) == []
    assert index.find("Juan Manuel Santos", countries=["PER"]) == []
    assert index.find("Juan Santos", countries=["COL"], limit=1)[0].label == "Juan Manuel Santos"
    assert index.find("blorptastic fnord") == []


_WORDS = """
" "" ' NEAR(a;b) OR a* ^a -a key:a {a;b}:c ( ) * % _ “ "a x";OR;"y \\ 🙂 ١٢٣ 習近平 ﬁ İstanbul ';DROP;TABLE;docs;-- a;AND NOT;x
"""
HOSTILE = [t.replace(";", " ") for t in _WORDS.split()] + ["\0", "a\0b", "\ud800", "\u202e", "a" * 200]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_any_text_is_words_and_nothing_else(text: str, index: Index) -> None:
    found = index.search(text)
    assert found.total == 0 or asked(text).words
    assert index.search("medvedev").total > 0
    index.suggest(text)
    index.find(text)


def test_limits_of_a_question(index: Index) -> None:
    with pytest.raises(QueryTextError, match="200 characters, and this one has 201"):
        index.search("a" * 201)
    with pytest.raises(QueryTextError, match="16 words, and this one has 17"):
        index.find("a " * 17)


def test_the_command_line(told: Settings) -> None:
    run = CliRunner()
    shown = run.invoke(main, ["search", "Hun", "Senn", "--store", str(told.store)])
    assert shown.exit_code == 0, shown.output
    assert "Hun Sen" in shown.output
    assert "this has 'Hun Sen'" in shown.output
    lines = run.invoke(
        main, ["search", "medvedev", "--kind", "event", "--limit", "2", "--json", "--store", str(told.store)]
    )
    records = [json.loads(line) for line in lines.output.splitlines()]
    assert [r["kind"] for r in records] == ["Event", "Event"]
    assert run.invoke(main, ["search", "x" * 201, "--store", str(told.store)]).exit_code == 1


def test_spelling_looks_for_as_many_mistakes_as_a_word_is_long() -> None:
    speller = Speller({"sen": 9, "seen": 2, "kerry": 3, "medvedev": 5, "sanctions": 7, "gone": 0})
    assert speller.near("senn") == ["sen", "seen"]
    assert speller.near("sne") == ["sen"]
    assert speller.near("sn") == []
    assert speller.near("kerri") == ["kerry"]
    assert speller.near("kreri") == []
    assert speller.near("medvedyef") == ["medvedev"]
    assert speller.near("sanctoin") == ["sanctions"]
    assert speller.near("gone") == speller.near("2016") == []


def test_the_example_of_the_documents_runs(
    told: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], root: Path
) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", (root / "docs" / "search.md").read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "store").symlink_to(told.store)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102
    assert re.match(r"\d\d Dmitry Medvedev http", capsys.readouterr().out)
    for name in ("index", "writer", "states"):
        names[name].close()


def test_the_setting_is_checked() -> None:
    with pytest.raises(SettingsError, match="search: 'maybe'"):
        load_settings(environment={"KG_SEARCH": "maybe"})
    assert set(FACETS) == {"kind", "country", "type", "topic", "outlet", "year"}
