"""The Spark job in local mode with two workers: the same articles give the same quads as on one machine."""

import gzip
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyoxigraph as ox
import pytest

from kg.config import Settings
from kg.pipeline import Extractor
from kg.sources import Failure, read_articles
from kg.tables.columns import COLUMNS
from kg.tables.stream import event_table
from kg.triples.iris import Iris
from kg.triples.writer import article_quads
from tests.sources.test_warc import archive

pytest.importorskip("pyspark", reason="the Spark tests need the extra kg[spark]")
if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
    pytest.skip("the Spark tests need a Java runtime, version 17 or newer", allow_module_level=True)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS = Settings(extractors="frames")
#: Fiction, written for this test.
TEXTS = [
    "Foreign Minister Ann Example of France met Chinese Foreign Minister Bo Sample in Paris on Monday.",
    "The leaders of Kenya and Uganda signed a treaty on trade in Nairobi on 3 March 2021. Tanzania rejected it.",
    "China threatened sanctions against Lithuania on Friday. The European Union condemned the threat.",
    "President Emmanuel Macron telephoned Chancellor Angela Merkel and thanked her for the aid.",
    "Japan accused Russia of spying. Russia rejected the accusation and expelled two diplomats.",
    "The prime minister of Norway visited Iceland in June 2019 and praised its government.",
]
RECORDS = [
    {"id": f"a{n}", "text": text, "date": "2021-03-05", "title": f"Article {n}", "url": f"https://news.example/{n}"}
    for n, text in enumerate(TEXTS)
]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[SparkSession]":
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    scratch = tmp_path_factory.mktemp("spark")
    builder = SparkSession.builder.master("local[2]").appName("tests")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        # six articles: starting costs more than running, so nothing is compiled that need not be
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.shuffle.partitions": "2",
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.log.level": "ERROR",
    }.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The articles, one twice, and lines that are none."""
    file = tmp_path_factory.mktemp("input") / "news.jsonl"
    rows = [json.dumps(record).encode() for record in (*RECORDS, RECORDS[0])]
    file.write_bytes(b"\n".join([*rows, b"", b"{no json", b'{"text": "\xff"}']) + b"\n")
    return file


@pytest.fixture(scope="module")
def local(lines: Path) -> list[ox.Quad]:
    """The quads of the local path, in the order of N-Quads lines within each graph."""
    iris, seen = Iris(SETTINGS.base_iri), {}
    for item in Extractor(SETTINGS).extract(read_articles([lines], SETTINGS)):
        if not isinstance(item, Failure):
            seen[item.article.id] = article_quads(item, iris)
    return [quad for key in sorted(seen) for quad in seen[key]]


@pytest.fixture(scope="module")
def run(spark: "SparkSession", lines: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The folder of a run and its counts."""
    from kg.spark.job import Output, extract, write

    folder = tmp_path_factory.mktemp("run")
    extract(spark, [str(lines)], "jsonl", Output(str(folder)), SETTINGS, partitions=4)
    return folder, write(spark, Output(str(folder)), SETTINGS, shards=3)


def shards(folder: Path, part: str = "quads") -> list[bytes]:
    return [gzip.decompress(path.read_bytes()) for path in sorted((folder / part).glob("part-*.gz"))]


def test_the_same_quads_as_the_local_path(run: tuple[Path, Any], local: list[ox.Quad]) -> None:
    wanted = (ox.serialize(local, format=ox.RdfFormat.N_QUADS) or b"").splitlines()
    assert len(wanted) > 300
    assert [line for shard in shards(run[0]) for line in shard.splitlines()] == wanted


def test_shards_are_ranges_of_graphs(run: tuple[Path, Any]) -> None:
    graphs = [[str(q.graph_name) for q in ox.parse(shard, format=ox.RdfFormat.N_QUADS)] for shard in shards(run[0])]
    assert len(graphs) > 1
    assert [g for shard in graphs for g in shard] == sorted(g for shard in graphs for g in shard)
    assert sum(len(set(shard)) for shard in graphs) == len(RECORDS)


def test_what_cannot_be_read_is_told(run: tuple[Path, Any]) -> None:
    folder, counts = run
    assert (counts.articles, counts.duplicates, counts.failures) == (len(RECORDS), 1, 2)
    text = "".join(path.read_text() for path in (folder / "failures").glob("part-*"))
    assert "it is not JSON" in text
    assert "it is not UTF-8" in text


def test_one_bulk_load_and_the_same_event_table(run: tuple[Path, Any], tmp_path: Path) -> None:
    from kg.ledger import Ledger
    from kg.store import open_store

    folder, counts = run
    settings = Settings(store=tmp_path / "store", extractors="frames")
    settings.store.mkdir()
    store = ox.Store(str(settings.store / "data"))
    for part in ("quads", "ingestion", "reference"):
        for shard in shards(folder, part):
            store.bulk_load(shard, format=ox.RdfFormat.N_QUADS)
    store.flush()
    del store
    with open_store(settings) as opened:
        rows = list(event_table(opened, Iris(settings.base_iri)))
        ledger = Ledger(opened, Iris(settings.base_iri), settings)
        again = [json.dumps(record) for record in RECORDS]
        (tmp_path / "again.jsonl").write_text("\n".join(again))
        assert not list(ledger.fresh(read_articles([tmp_path / "again.jsonl"], settings)))
    table = pd.read_parquet(folder / "events").sort_values(["graph", "event", "dyad"], ignore_index=True)
    assert list(table.columns) == [column.name for column in COLUMNS]
    assert len(table) == len(rows) == counts.rows > len(RECORDS)
    for name in ("event", "dyad", "plover", "source_iso", "target_iso", "cameo", "goldstein", "sentence", "date_from"):
        found = [None if pd.isna(v) else (str(v) if name == "date_from" else v) for v in table[name]]
        assert found == [row[name] for row in rows], name


def test_the_model_is_loaded_once_in_a_worker(spark: "SparkSession") -> None:
    def task(numbers: Iterator[int]) -> Iterator[tuple[int, int]]:
        from kg.language.pipeline import _load
        from kg.sources.article import make_article
        from kg.spark.worker import extractor

        articles = (make_article(TEXTS[n], source=str(n)) for n in numbers)
        yield os.getpid(), len(list(extractor(SETTINGS).extract(articles))) and _load.cache_info().misses

    found = spark.sparkContext.parallelize(range(len(TEXTS)), len(TEXTS)).mapPartitions(task).collect()
    assert len(found) == len(TEXTS)
    assert len({pid for pid, _ in found}) <= 2
    assert {loads for _, loads in found} == {1}


def test_parquet_and_whole_files_give_the_same(
    spark: "SparkSession", tmp_path: Path, lines: Path, local: list[ox.Quad]
) -> None:
    from kg.spark.job import Output, extract, read

    pd.DataFrame(RECORDS).to_parquet(tmp_path / "news.parquet")
    wanted = (ox.serialize(local, format=ox.RdfFormat.N_QUADS) or b"").decode()
    for paths, form in (([str(tmp_path / "news.parquet")], "parquet"), ([str(lines)], "files")):
        assert read(spark, paths, form).columns == ["source", "data"]
        output = Output(str(tmp_path / form))
        extract(spark, paths, form, output, SETTINGS)
        results = pd.read_parquet(output.part("extracted")).dropna(subset="graph").drop_duplicates("graph")
        assert "\n".join(results.sort_values("graph").nquads) + "\n" == wanted


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_web_archive_gives_the_same_as_on_one_machine(spark: "SparkSession", tmp_path: Path) -> None:
    from kg.spark.job import Output, extract

    path = tmp_path / "news.warc.gz"
    archive(path, [_page(n, text) for n, text in enumerate(TEXTS)])
    found = [i for i in Extractor(SETTINGS).extract(read_articles([path], SETTINGS)) if not isinstance(i, Failure)]
    assert len(found) == len(TEXTS)
    wanted = {Iris(SETTINGS.base_iri).article_graph(item.article.id).value: item for item in found}
    output = Output(str(tmp_path / "run"))
    extract(spark, [str(path)], "files", output, SETTINGS)
    results = pd.read_parquet(output.part("extracted")).dropna(subset="graph")
    assert set(results.graph) == set(wanted)
    for graph, quads in zip(results.graph, results.nquads, strict=True):
        local = article_quads(wanted[graph], Iris(SETTINGS.base_iri))
        assert quads + "\n" == (ox.serialize(local, format=ox.RdfFormat.N_QUADS) or b"").decode()


def _page(number: int, text: str) -> tuple[str, str, str, bytes]:
    more = (
        "The talks were the first of their kind for years, and officials on both sides spoke well of them afterwards."
    )
    head = f"<title>Article {number}</title><meta property='article:published_time' content='2021-03-05T10:00:00Z'>"
    body = f"<html><head>{head}</head><body><article><p>{text}</p><p>{more}</p></article></body></html>"
    return (f"https://news.example/{number}", "200 OK", "text/html; charset=utf-8", body.encode())
