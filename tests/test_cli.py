"""The command line as a person uses it."""

import json
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kg import __version__
from kg.cli import main
from kg.config import Settings

TEXT = "Foreign Minister Ann Example met Chinese Foreign Minister Bo Sample in Paris on Monday."


def kg(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], input=stdin)


@pytest.fixture
def filled(settings: Settings, seed: Path) -> Settings:
    done = kg("ingest", seed, "--store", settings.store)
    assert done.exit_code == 0, done.stderr
    return settings


def test_version_and_help() -> None:
    assert kg("--version").stdout == f"kg, version {__version__}\n"
    listed = kg("--help").stdout
    assert all(re.search(rf"^  {name} ", listed, re.MULTILINE) for name in main.commands)


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_explains_itself(name: str) -> None:
    shown = kg(name, "--help").stdout
    assert shown.count("\n\n") >= 3, "a usage line is no explanation"


def test_a_setting_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    config = tmp_path / "kg.toml"
    config.write_text("prot = 1")
    done = kg("extract", "--config", config, tmp_path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"Error: Unknown setting 'prot' in {config}. Did you mean 'port'?\n"


def test_extract_gives_one_record_a_line_in_the_order_of_the_input() -> None:
    lines = [json.dumps({"id": name, "text": TEXT}) for name in ("b", "a", "https://example.org/x y")]
    done = kg("extract", stdin="\n".join(lines))
    assert done.exit_code == 0, done.stderr
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["b", "a", "https://example.org/x y"]


def test_ingest_takes_standard_input_and_keeps_the_records_of_each_run_apart(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for text in (TEXT, "The king of Jordan met the French envoy in Amman on Friday."):
        done = kg("ingest", "-", "--store", store, stdin=json.dumps({"text": text}))
        assert (done.exit_code, "articles ingested           1" in done.stderr) == (0, True), done.stderr
    found = kg("query", "SELECT (COUNT(*) AS ?n) { ?a a dipl:Article }", "--store", store, "--format", "csv")
    assert found.stdout.split() == ["n", "2"], found.stderr
    done = kg("ingest", "-", "--store", store, stdin='{"text": ')
    assert done.exit_code == 1
    assert "standard input, line 1: it is not JSON" in done.stderr


def test_ingest_reads_a_named_pipe_like_a_file(seed: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "news.txt"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(seed.read_bytes()))
    writer.start()
    done = kg("ingest", pipe, "--store", tmp_path / "store")
    writer.join(timeout=10)
    assert (done.exit_code, "articles ingested           1" in done.stderr) == (0, True), done.stderr


def test_every_offset_cuts_its_words_out_of_the_text(seed: Path) -> None:
    text = seed.read_text(encoding="utf-8")
    record = json.loads(kg("extract", seed).stdout)
    spans = list(_spans(record))
    assert len(spans) > 20
    assert all(text[s["start"] : s["end"]] == (s.get("text") or s["mention"]) for s in spans)
    for event in record["events"]:
        assert text[event["trigger_start"] : event["trigger_end"]] == event["trigger"]


def _spans(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "start" in value and "end" in value:
            yield value
        for inner in value.values():
            yield from _spans(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _spans(inner)


def test_the_same_article_gives_the_same_bytes(seed: Path) -> None:
    assert kg("extract", seed).stdout_bytes == kg("extract", seed).stdout_bytes
    turtle = ("extract", "--format", "turtle", seed)
    assert kg(*turtle).stdout_bytes == kg(*turtle).stdout_bytes


def test_extract_turtle_is_turtle(seed: Path) -> None:
    import rdflib

    graph = rdflib.Graph().parse(data=kg("extract", "--format", "turtle", seed).stdout, format="turtle")
    assert len(graph) > 100


def test_extract_table_shows_who_and_whom(seed: Path) -> None:
    shown = kg("extract", "--format", "table", seed).stdout
    assert "John Kerry" in shown
    assert "Hun Sen" in shown


def test_ingesting_again_changes_nothing(filled: Settings, seed: Path) -> None:
    done = kg("ingest", seed, "--store", filled.store)
    assert done.exit_code == 0
    assert re.search(r"articles ingested +0 *\n", done.stderr)
    assert re.search(r"articles unchanged +1 *\n", done.stderr)


def test_query_counts(filled: Settings) -> None:
    done = kg("query", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "--store", filled.store, "--format", "csv")
    assert done.exit_code == 0, done.stderr
    head, value = done.stdout.split()
    assert head == "n"
    assert int(value) > 100


def test_every_named_question_is_answered(filled: Settings) -> None:
    listed = kg("query", "--list").stdout
    names = re.findall(r"^(\S+)", listed, re.MULTILINE)
    assert len(names) >= 10
    for name in names:
        done = kg("query", name, "--store", filled.store, "--format", "csv")
        assert done.exit_code == 0, (name, done.stderr)


def test_a_query_with_a_mistake_is_one_line(filled: Settings) -> None:
    done = kg("query", "SELECT nonsense", "--store", filled.store)
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.output


def test_export_and_remove(filled: Settings, tmp_path: Path) -> None:
    target = tmp_path / "all.nq"
    done = kg("export", "--store", filled.store, "--format", "nquads", "--output", target)
    assert done.exit_code == 0, done.stderr
    graphs = set(re.findall(r"<(\S+/graph/article/\S+)> \.$", target.read_text(), re.MULTILINE))
    assert len(graphs) == 1
    article = graphs.pop().rsplit("/", 1)[1]
    assert kg("remove", article, "--store", filled.store).exit_code == 0
    left = [
        line
        for line in kg("export", "--store", filled.store, "--format", "nquads").stdout.splitlines()
        if article in line
    ]
    assert left, "that it was removed is told"
    assert all(" <http://www.w3.org/ns/prov#invalidatedAtTime> " in line for line in left)
    assert kg("remove", article, "--store", filled.store).exit_code == 1


def test_export_is_the_same_twice(filled: Settings) -> None:
    once, again = (kg("export", "--store", filled.store, "--format", "trig").stdout_bytes for _ in range(2))
    assert once == again


def test_eval_scores_answers(tmp_path: Path) -> None:
    event = {
        "type": "consult",
        "kind": "meeting",
        "modality": "actual",
        "source": [{"party": "FRA"}],
        "target": [{"party": "CHN"}],
    }
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({"id": "1", "text": TEXT, "events": [event], "offices": [], "statements": []}) + "\n")
    system = tmp_path / "system.jsonl"
    system.write_text(
        json.dumps({"id": "1", "events": [event | {"source": [{"party": "CHN"}], "target": [{"party": "FRA"}]}]})
    )
    done = kg("eval", gold, "--system", system, "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["figures"]["dyad"]["f1"] == 1.0
    shown = kg("eval", gold, "--system", system, "--by-type", "--errors", "1")
    assert "consult" in shown.stdout
    assert kg("eval", gold).exit_code == 0


def test_eval_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = kg("eval", tmp_path / "none.jsonl")
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
