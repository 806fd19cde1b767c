"""What has come apart in a store is found, each thing with the words that name it."""

import shutil
import sqlite3
import sys
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.config import Settings
from kg.store import open_store
from kg.triples.iris import Iris


@pytest.fixture
def copied(filled: Settings, tmp_path: Path) -> Settings:
    """A store with the seeds that may be written to."""
    shutil.copytree(filled.store, tmp_path / "store", ignore=shutil.ignore_patterns("snapshots", "search.*"))
    return replace(filled, store=tmp_path / "store")


def check(settings: Settings, *options: str) -> Result:
    return CliRunner().invoke(main, ["check", "--store", str(settings.store), *(options or ("--no-shapes",))])


def _article(settings: Settings) -> tuple[Iris, str]:
    iris = Iris(settings.base_iri)
    with open_store(settings) as store:
        prefix = iris.article_graph("").value
        return iris, next(g.value.removeprefix(prefix) for g in store.graphs() if g.value.startswith(prefix))


def _update(settings: Settings, text: str) -> None:
    with open_store(settings) as store:
        store.update(
            "PREFIX dipl: <https://w3id.org/diplomatic-kg/ontology#> PREFIX oa: <http://www.w3.org/ns/oa#> " + text
        )


def test_what_was_ingested_holds_together_with_the_shapes(copied: Settings) -> None:
    done = check(copied, "--shapes")
    assert (done.exit_code, done.stdout) == (0, "")
    told = [part.partition(" ") for part in done.stderr.splitlines()[0].split("; ")]
    counted = {what: int(number.replace(",", "")) for number, _, what in told}
    assert counted["articles"] == counted["texts"] >= 1
    assert counted["passages"] > 10
    assert counted["graphs held against the shapes"] >= 1


def test_an_article_without_a_record_and_a_record_without_an_article(copied: Settings) -> None:
    iris, key = _article(copied)
    with open_store(copied) as store:
        store.remove_graphs([iris.ingestion_graph(key)])
        store.replace_graphs(
            {
                iris.ingestion_graph("lost"): [
                    ox.Quad(iris.article("lost"), ox.NamedNode("urn:p"), ox.Literal("x"), iris.ingestion_graph("lost"))
                ]
            }
        )
    done = check(copied)
    assert done.exit_code == 1
    assert f"<{iris.article_graph(key).value}> has no record of its ingestion." in done.stdout
    assert f"<{iris.ingestion_graph('lost').value}> is the record of an article that is not there." in done.stdout


def test_an_offset_that_does_not_fit(copied: Settings) -> None:
    _update(
        copied,
        "DELETE { GRAPH ?g { ?s oa:start ?n } } INSERT { GRAPH ?g { ?s oa:start ?m } } "
        "WHERE { { SELECT ?g ?s ?n (?n + 1 AS ?m) { GRAPH ?g { ?s oa:start ?n } } ORDER BY ?n LIMIT 1 } }",
    )
    done = check(copied)
    assert done.exit_code == 1
    assert "does not fit" in done.stdout
    assert "#char=" in done.stdout


def test_a_text_that_is_another_or_damaged(copied: Settings) -> None:
    _, key = _article(copied)
    with closing(sqlite3.connect(copied.store / "articles.sqlite", isolation_level=None)) as texts:
        texts.execute("UPDATE bodies SET text = ? WHERE id = ?", (zlib.compress(b"Another text."), key))
        assert "is not the one that it was read from" in check(copied).stdout
        texts.execute("UPDATE bodies SET text = ? WHERE id = ?", (b"no zlib", key))
    done = check(copied)
    assert (done.exit_code, done.stdout.count("is damaged")) == (1, 1)


def test_blank_nodes_lost_tellings_and_graphs_of_another_base(copied: Settings) -> None:
    iris, key = _article(copied)
    _update(
        copied,
        f"INSERT DATA {{ GRAPH {iris.article_graph(key)} {{ [] <urn:p> 1 }} "
        f"GRAPH {iris.identity_graph('event', 'x')} {{ <urn:across> dipl:reportedAs <urn:gone> }} "
        "GRAPH <https://old.example/graph/article/a> { <urn:s> <urn:p> 1 } }",
    )
    done = check(copied)
    assert done.exit_code == 1
    assert "has 1 triples with blank nodes" in done.stdout
    assert "<urn:across> is drawn from <urn:gone>, which no graph tells of." in done.stdout
    assert "<https://old.example/graph/article/a> is an article's graph under another base IRI" in done.stdout


def test_a_graph_that_does_not_conform_is_named_with_what_is_wrong(copied: Settings) -> None:
    iris, key = _article(copied)
    _update(copied, "DELETE WHERE { GRAPH ?g { ?e dipl:modality ?m } }")
    done = check(copied, "--shapes")
    assert done.exit_code == 1
    assert all(line.startswith(f"<{iris.article_graph(key).value}>: ") for line in done.stdout.splitlines())
    assert "modality" in done.stdout


def test_much_is_counted_and_some_of_it_told(copied: Settings) -> None:
    _update(
        copied,
        "DELETE { GRAPH ?g { ?s oa:end ?n } } INSERT { GRAPH ?g { ?s oa:end 0 } } WHERE { GRAPH ?g { ?s oa:end ?n } }",
    )
    done = check(copied, "--no-shapes", "--most", "2")
    lines = done.stdout.splitlines()
    assert (done.exit_code, len(lines)) == (1, 3)
    assert lines[2].startswith("… and ")


def test_a_database_that_is_damaged(copied: Settings) -> None:
    path = copied.store / "texts.sqlite"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    done = check(copied)
    assert done.exit_code == 1
    assert f"{path} is damaged" in done.stdout


def test_a_store_that_is_not_there_or_damaged_is_an_error_and_not_an_empty_one(
    copied: Settings, tmp_path: Path
) -> None:
    done = check(replace(copied, store=tmp_path / "none"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "There is no store" in done.stderr
    for file in (copied.store / "data").glob("MANIFEST-*"):
        file.write_bytes(file.read_bytes()[:40])
    done = check(copied)
    assert done.exit_code == 1
    assert "cannot be opened" in done.stderr
    assert not (tmp_path / "none").exists()


def test_without_pyshacl_it_is_said(copied: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyshacl", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    done = CliRunner().invoke(main, ["check", "--store", str(copied.store)])
    assert done.exit_code == 0
    assert "The shapes were not checked: that needs the extra diplomatic-kg[shapes]." in done.stderr
    assert check(copied, "--shapes").exit_code == 1
