"""The table of events: the same rows in three formats, read back by pandas, and every column documented."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.config import Settings
from kg.language import Pipeline
from kg.registry import states
from kg.registry.codes import cow, goldstein, state_of_fips
from kg.sources.article import make_article
from kg.store import open_store
from kg.tables.columns import COLUMNS
from kg.tables.index import Index
from kg.tables.rows import RowMaker
from kg.triples.iris import Iris
from kg.triples.vocab import term
from kg.triples.writer import article_quads

NAMES = [column.name for column in COLUMNS]
STRINGS = {"cameo": str, "cameo_root": str}


def export(settings: Settings, *arguments: str | Path) -> bytes:
    done = CliRunner().invoke(main, ["export", "events", "--store", str(settings.store), *map(str, arguments)])
    assert done.exit_code == 0, done.stderr
    return done.stdout_bytes


def test_csv_in_pandas(filled: Settings, tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_bytes(export(filled))
    table = pd.read_csv(tmp_path / "events.csv", dtype=STRINGS, parse_dates=["date_from", "date_until"])
    assert list(table.columns) == NAMES
    assert not table.duplicated(["event", "dyad"]).any()
    met = table[(table["class"] == "Meeting") & (table.target_name == "Hun Sen")].iloc[0]
    assert (met.plover, met.cameo, met.cameo_root, met.quad_class, met.goldstein) == ("CONSULT", "040", "04", 1, 1.0)
    assert (met.source_name, met.source_kind, met.source_office) == ("John Kerry", "person", "Secretary of State")
    assert (met.source_iso, met.source_cow, met.source_cow_abbreviation) == ("USA", 2, "USA")
    assert (met.target_iso, met.target_cow, met.target_cow_abbreviation) == ("KHM", 811, "CAM")
    assert met.date_from == met.date_until == pd.Timestamp(2016, 1, 26)
    assert (met.modality, met.date_precision, met.sources) == ("actual", "day", 1)
    assert "bilateral meeting at the Peace Palace" in met.sentence
    visit = table[table["class"] == "Visit"].iloc[0]
    assert (visit.place, visit.place_iso, visit.source_role) == ("Phnom Penh", "KHM", "visitor")
    assert (round(visit.latitude), round(visit.longitude)) == (12, 105)


def test_the_three_formats_say_the_same(filled: Settings, tmp_path: Path) -> None:
    export(filled, "--format", "parquet", "-o", tmp_path / "events.parquet")
    parquet = pd.read_parquet(tmp_path / "events.parquet")
    lines = [json.loads(line) for line in export(filled, "--format", "jsonl").splitlines()]
    csv = (tmp_path / "events.csv").write_bytes(export(filled)) and pd.read_csv(tmp_path / "events.csv", dtype=STRINGS)
    assert list(parquet.columns) == NAMES
    assert all(list(line) == NAMES for line in lines)
    assert len(parquet) == len(lines) == len(csv) > 5
    for name in NAMES:
        values = [str(v) if v is not None and not pd.isna(v) else None for v in parquet[name]]
        wanted = [line[name] for line in lines]
        if any(isinstance(v, int | float) for v in wanted):
            assert [None if v is None else float(v) for v in values] == wanted
            assert [None if pd.isna(v) else v for v in csv[name]] == wanted
        else:
            assert values == wanted
            assert [None if pd.isna(v) else str(v) for v in csv[name]] == wanted


def test_parquet_needs_a_file_and_options_stand_behind_the_word(filled: Settings) -> None:
    run = CliRunner().invoke
    assert run(main, ["export", "events", "--format", "parquet"]).exit_code == 2
    done = run(main, ["export", "--store", str(filled.store), "events"])
    assert done.exit_code == 2
    assert "come after that word" in done.stderr


def test_every_column_is_documented_and_no_other(root: Path) -> None:
    text = (root / "docs" / "event-table.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", text, re.MULTILINE)
    assert rows == [(column.name, column.kind) for column in COLUMNS]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("The leaders of Kenya and Uganda signed a treaty on trade in Nairobi on 3 March 2021.", {("KEN", "UGA")}),
        ("China threatened sanctions against Lithuania and Latvia on Friday.", {("CHN", "LTU"), ("CHN", "LVA")}),
    ],
    ids=["equals", "two targets"],
)
def test_dyads(text: str, pairs: set[tuple[str, str]], pipeline: Pipeline) -> None:
    from kg import facts

    iris = Iris("https://example.org/kg/")
    (parsed,) = pipeline.parse([make_article(text, source="test")])
    quads = article_quads(facts.extract(parsed), iris)
    index = Index((q.subject, q.predicate, q.object) for q in quads)
    graph = iris.article_graph(parsed.article.id)
    found = [row for event in index.of_type(term("Event")) for row in RowMaker(iris).rows(index, graph, event)]
    assert pairs == {(row["source_iso"], row["target_iso"]) for row in found}


def test_the_code_lists_know_every_state_once() -> None:
    codes = {state.code for state in states()}
    former = {"YUG", "SCG", "SRB", "RUS", "SUN", "RHO", "ZWE", "VDR", "VNM"}
    numbers = [cow(code)[0] for code in codes - former]
    assert len({n for n in numbers if n}) == len([n for n in numbers if n]) > 180
    assert (cow("FRA"), cow("KHM"), cow("RUS"), cow("HKG")) == ((220, "FRN"), (811, "CAM"), (365, "RUS"), (None, None))
    assert (state_of_fips("CH"), state_of_fips("SZ"), state_of_fips("OS")) == ("CHN", "CHE", None)


@pytest.mark.parametrize(
    ("code", "weight"), [("042", 1.9), ("057", 8.0), ("190", -10.0), ("1213", -4.0), ("0874", 10.0), ("99", None)]
)
def test_goldstein(code: str, weight: float | None) -> None:
    assert goldstein(code) == weight


def test_memory_holds_one_graph_at_a_time(filled: Settings) -> None:
    from kg.tables.stream import event_table

    with open_store(filled) as store:
        rows = event_table(store, Iris(filled.base_iri))
        assert next(rows)["dyad"] == 1
        assert list(event_table(store, Iris(filled.base_iri), ["gdelt"])) == []
        rows.close()  # type: ignore[attr-defined]
