"""Search on the real store: what is found by which words, what is counted, and that the index follows what is written."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.config import Settings, load_settings
from kg.errors import SettingsError
from kg.pipeline import ingest
from kg.search import FACETS, GROUPS, Filters, Index, QueryTextError, asked, marked, up_to_date
from kg.search.build import bring_up_to_date
from kg.search.following import Follower, file_of
from kg.search.spelling import Speller
from kg.store import open_store, states_and_writer
from kg.triples.iris import Iris
from kg.triples.vocab import PREFIXES
from tests.store.servers import Remote, oxigraph, virtuoso

#: Articles of one or two sentences, written for these tests: fiction, also where it names people who exist.
ARTICLES = (Path(__file__).parent / "articles.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
FIRST, MORE = ARTICLES[:5], {json.loads(line)["id"]: line for line in ARTICLES[5:]}


def _file(folder: Path, *articles: str) -> Path:
    path = folder / f"{len(articles)}.jsonl"
    path.write_text("".join(articles), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose store holds the articles. Not to be written to."""
    folder = tmp_path_factory.mktemp("told")
    settings = Settings(store=folder / "store", curation=folder / "none", extractors="frames", processes=1)
    assert not ingest([_file(folder, *FIRST)], settings).failures
    return settings


@pytest.fixture
def own(told: Settings, tmp_path: Path) -> Settings:
    """The same in a store of the test's own, without an index."""
    shutil.copytree(told.store, tmp_path / "store", ignore=shutil.ignore_patterns("search.*", "snapshots"))
    return dataclasses.replace(told, store=tmp_path / "store", curation=tmp_path / "curation.tsv")


def current(settings: Settings) -> Index:
    states, writer = states_and_writer(settings)
    try:
        return up_to_date(settings, states)
    finally:
        writer.close()
        states.close()


@pytest.fixture(scope="module")
def index(told: Settings) -> Iterator[Index]:
    found = current(told)
    yield found
    found.close()


def labels(index: Index, text: str, group: str = "names") -> list[str]:
    return [hit.label or hit.text for hit in index.search(text, Filters(group=group)).hits]


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


def test_what_is_ingested_is_found_and_what_is_removed_is_not(own: Settings, tmp_path: Path) -> None:
    before = current(own)
    assert before.search("Ragnarsson").total == 0
    assert ingest([_file(tmp_path, MORE["f"])], own).ingested == 1
    states, writer = states_and_writer(own)
    state = states.current()
    changed = state.changed(state.generation - 2)
    assert changed is not None and len(changed) < 10
    assert bring_up_to_date(file_of(own), state, own.base_iri) < 6, "only what has changed is read"
    assert bring_up_to_date(file_of(own), state, own.base_iri) == 0
    writer.close()
    states.close()
    assert before.search("Ragnarsson").total == 0, "a reader has one state until it takes over the next"
    before.refresh()
    assert labels(before, "bjork ragnarson")[0] == "Björk Ragnarsson"
    assert any(h.kind == "Sentence" for h in before.search("Ragnarsson").hits)
    assert "Fjord News" in dict(before.search("").facets["outlet"])
    assert CliRunner().invoke(main, ["remove", "f", "--store", str(own.store)]).exit_code == 0
    after = current(own)
    before.refresh()
    for each in (after, before):
        assert each.search("Ragnarsson").total == 0
        assert each.search("Ragnarsson").corrected == ""
        assert "Fjord News" not in dict(each.search("").facets["outlet"])
        assert each.find("Björk Ragnarsson") == []
    assert current_of(own) == current_of_fresh(own)


def current_of(settings: Settings) -> list[object]:
    index = current(settings)
    try:
        return [
            (f.total, f.groups, f.facets, [dataclasses.replace(h) for h in f.hits])
            for f in (index.search(text, most=500) for text in ("", "medvedev", "bogota", "hun senn", "trade talks"))
        ]
    finally:
        index.close()


def current_of_fresh(settings: Settings) -> list[object]:
    """What an index finds that is made anew."""
    file_of(settings).unlink()
    return current_of(settings)


def test_a_curators_label_is_what_a_thing_is_called(own: Settings, tmp_path: Path) -> None:
    current(own).close()
    own.curation.write_text(
        "label\tperson/dmitry-medvedev-rus\tDmitri A. Medvedev\n"
        "same-as\tperson/juan-manuel-santos-col\tperson/ollanta-quispe-per\n"
    )
    assert not ingest([_file(tmp_path, *FIRST)], own).failures
    index = current(own)
    for text in ("Dmitri A. Medvedev", "Dmitry Medvedev"):
        (hit, *_) = index.search(text, Filters(group="names")).hits
        assert hit.label == "Dmitri A. Medvedev"
    one = index.search("Quispe", Filters(group="names")).hits[0]
    assert {"Juan Manuel Santos", "Ollanta Quispe"} <= {one.label, *one.names}
    assert one.iri == index.search("Juan Manuel Santos", Filters(group="names")).hits[0].iri


def test_what_is_written_in_sparql_is_found_too(own: Settings) -> None:
    current(own).close()
    graph = Iris(own.base_iri).article_graph("x")
    with open_store(own) as store:
        store.update(
            f"INSERT DATA {{ GRAPH {graph} {{ <urn:p> a <{PREFIXES['dipl']}Person> ; "
            f'<{PREFIXES["rdfs"]}label> "Zyxel Quorra" }} }}'
        )
    index = current(own)
    assert labels(index, "zyxel quora") == ["Zyxel Quorra"]
    with open_store(own) as store:
        store.update(f"DROP GRAPH {graph}")
    assert labels(current(own), "Zyxel Quorra") == []


@pytest.mark.parametrize("what", ["garbage", "foreign", "other form", "cut"])
def test_a_file_that_is_no_index_is_made_anew(what: str, own: Settings) -> None:
    path = file_of(own)
    current(own).close()
    if what == "garbage":
        path.write_bytes(b"no database" * 1_000)
    elif what == "foreign":
        path.unlink()
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE docs (x)")
    elif what == "other form":
        with sqlite3.connect(path) as db:
            db.execute("UPDATE meta SET value = '0' WHERE name = 'form'")
    else:
        path.write_bytes(path.read_bytes()[:5_000])
    assert labels(current(own), "Medvedev") == ["Dmitry Medvedev"]


_KILLED = """
import sys
from pathlib import Path
from kg.config import Settings
from kg.search import build
from kg.store import states_and_writer
build.AT_ONCE = 1
states, writer = states_and_writer(Settings(store=Path(sys.argv[1])))
build.bring_up_to_date(Path(sys.argv[2]), states.current(), Settings().base_iri, lambda p: print(p.done, flush=True))
"""


def test_a_killed_build_leaves_an_index_that_is_finished_by_the_next(own: Settings) -> None:
    wanted = current_of(own)
    for batches in (1, 3, 6):
        file_of(own).unlink()
        command = [sys.executable, "-c", _KILLED, str(own.store), str(file_of(own))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            for _ in range(batches):
                process.stdout.readline()
            os.kill(process.pid, signal.SIGKILL)
        held = Index(file_of(own), own.base_iri)
        assert 0 < held.search("").total < wanted[0][0]  # type: ignore[index]
        held.close()
        assert current_of(own) == wanted


def test_a_follower_takes_over_what_is_written(own: Settings, tmp_path: Path) -> None:
    states, writer = states_and_writer(own)
    follower = Follower(own, states)
    try:
        assert follower.index.search("medvedev").total == 0
        follower.start()
        _until(lambda: follower.freshness().current)
        assert follower.freshness().as_of
        assert follower.index.search("medvedev").total > 0
        ingest([_file(tmp_path, MORE["g"])], own)
        _until(lambda: follower.index.search("Nordahl").total > 0)
        file_of(own).unlink()
        _until(lambda: file_of(own).exists() and follower.freshness().current)
        assert follower.index.search("Nordahl").total > 0
    finally:
        follower.close()
        writer.close()
        states.close()


def test_questions_go_on_while_the_index_is_written(own: Settings) -> None:
    index, failures, stop = current(own), list[Exception](), threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                index.search("medvedev", per_group=5)
                index.suggest("co")
                index.find("Hun Senn")
                index.refresh()
            except Exception as error:  # noqa: BLE001
                failures.append(error)
                return

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    iris = Iris(own.base_iri)
    for _ in range(3):
        with open_store(own) as store:
            graph = iris.article_graph("e")
            quads = store.graph_quads(graph)
            store.remove_graphs([graph])
        current(own).close()
        with open_store(own) as store:
            store.replace_graphs({graph: quads})
        current(own).close()
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert index.search("trade talks").total == current(own).search("trade talks").total > 0


def _until(holds: object) -> None:
    assert callable(holds)
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("server_of", [oxigraph, virtuoso])
def test_a_remote_store_gives_the_same_hits(
    server_of: Callable[[Path], AbstractContextManager[Remote]], told: Settings, tmp_path: Path
) -> None:
    with server_of(tmp_path / "remote") as server:
        settings = Settings(
            store=tmp_path / "beside", curation=tmp_path / "none", extractors="frames", processes=1, **server.settings
        )
        assert not ingest([_file(tmp_path, *FIRST)], settings).failures
        assert current_of(settings) == current_of(told)
        with open_store(settings) as store:
            iris = Iris(settings.base_iri)
            store.remove_graphs([iris.article_graph("d"), iris.ingestion_graph("d")])
        assert current(settings).search("imposed sanctions", Filters(group="sentences")).total == 0


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
