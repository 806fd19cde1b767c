"""The Spark job: articles from any Hadoop file system in, sorted shards of N-Quads and a Parquet event table out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as f

from kg.config import Settings
from kg.fingerprint import fingerprint
from kg.spark.worker import SCHEMA, extracting, nquads
from kg.triples.iris import Iris
from kg.triples.reference import ontology_quads, reference_quads

#: How an input is read -> how the workers read what comes of it.
INPUTS = {"jsonl": "line", "parquet": "line", "files": "file"}
#: Bytes of input in one task, unless the session says otherwise: some thousand articles, which take minutes.
TASK_BYTES = 16_000_000


@dataclass(frozen=True)
class Output:
    """The folders of a run."""

    root: str

    def part(self, name: str) -> str:
        """``extracted`` (results of each article), ``quads``, ``ingestion``, ``reference``, ``events`` or ``failures``."""
        return f"{self.root.rstrip('/')}/{name}"


@dataclass(frozen=True)
class Counts:
    """What a run made."""

    articles: int
    duplicates: int
    failures: int
    rows: int


def session(name: str = "kg") -> SparkSession:
    """The session that ``spark-submit`` or the caller configured, with the settings this job wants where there are none."""
    spark: SparkSession = SparkSession.builder.appName(name).getOrCreate()
    # a batch of results is far larger than the articles it is made from
    for key, value in (
        ("spark.sql.execution.arrow.maxRecordsPerBatch", "500"),
        ("spark.sql.files.maxPartitionBytes", str(TASK_BYTES)),
    ):
        if spark.conf.get(key, None) in (None, "10000", "134217728b", "134217728", "128MB"):
            spark.conf.set(key, value)
    return spark


def read(spark: SparkSession, paths: Sequence[str], form: str) -> DataFrame:
    """The input as rows of ``source`` (the file) and ``data`` (a line of JSON, or a whole file).

    Args:
        form: "jsonl"; "parquet" with the same fields as columns; "files" for anything ``kg ingest`` reads, WARC among it.
    """
    source: Column = f.col("_metadata.file_path").alias("source")
    if form == "parquet":
        table = spark.read.parquet(*paths)
        return table.select(source, f.to_json(f.struct(*table.columns)).cast("binary").alias("data"))
    if form == "files":
        files = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(list(paths))
        return files.select(f.col("path").alias("source"), f.col("content").alias("data"))
    # bytes, not characters: what is no UTF-8 must be told of, not mended
    lines = spark.read.text(list(paths), lineSep="\n")
    return lines.select(source, f.col("value").cast("binary").alias("data"))


def extract(
    spark: SparkSession,
    paths: Sequence[str],
    form: str,
    output: Output,
    settings: Settings,
    partitions: int | None = None,
) -> None:
    """First stage: the results of all articles, as Parquet under ``extracted``.

    Args:
        partitions: spread the articles over so many tasks, where the files are few or cannot be split (.gz).
    """
    articles = read(spark, paths, form)
    if partitions:
        articles = articles.repartition(partitions)
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    function = extracting(settings, INPUTS[form], fingerprint(settings), now)
    articles.mapInPandas(function, SCHEMA).write.mode("overwrite").parquet(output.part("extracted"))


def _first_of_each(table: DataFrame, shards: int) -> DataFrame:
    """One result of each graph, the graphs in order: each shard holds a range of them, sorted.

    The window needs no second shuffle: a range of graphs holds all copies of each.
    """
    copies = Window.partitionBy("graph").orderBy("digest")
    ranged = table.repartitionByRange(shards, "graph").withColumn("copy", f.row_number().over(copies))
    return ranged.where("copy = 1")


def write(spark: SparkSession, output: Output, settings: Settings, shards: int) -> Counts:
    """Second stage: sorted shards of N-Quads and the event table, from what the first one left.

    An article that comes twice (the same id) is written once; of two texts with one id the one with the smaller digest.
    """
    results = spark.read.parquet(output.part("extracted"))
    good, bad = results.where("graph IS NOT NULL"), results.where("graph IS NULL")
    for column, part in (("nquads", "quads"), ("ingestion", "ingestion")):
        kept = _first_of_each(good.select("graph", "digest", column), shards)
        kept.select(column).write.mode("overwrite").option("compression", "gzip").text(output.part(part))
    events = _first_of_each(good.select("graph", "digest", "events"), shards)
    events.selectExpr("inline(events)").write.mode("overwrite").parquet(output.part("events"))
    bad.select("source", "failure").coalesce(1).write.mode("overwrite").json(output.part("failures"))
    iris = Iris(settings.base_iri)
    # a literal, so that no Python worker starts for it
    reference = f.lit(nquads([*reference_quads(iris), *ontology_quads(iris)])).alias("value")
    shared = spark.range(1).select(reference)
    shared.write.mode("overwrite").option("compression", "gzip").text(output.part("reference"))
    written = good.select("graph").distinct().count()
    return Counts(
        articles=written,
        duplicates=good.count() - written,
        failures=bad.count(),
        rows=spark.read.parquet(output.part("events")).count(),
    )
