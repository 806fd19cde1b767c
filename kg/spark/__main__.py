"""``python -m kg.spark`` or ``spark-submit``: extraction over a cluster. See ``docs/spark.md``."""

from __future__ import annotations

from pathlib import Path

import click

from kg.config import load_settings


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--output", "-o", required=True, help="Folder for what is written, on any Hadoop file system.")
@click.option(
    "--input-format", "form", type=click.Choice(["jsonl", "parquet", "files"]), default="jsonl", show_default=True
)
@click.option("--shards", type=click.IntRange(1), default=32, show_default=True, help="Files of N-Quads.")
@click.option(
    "--partitions", type=click.IntRange(1), help="Tasks to spread the articles over, where files cannot be split."
)
@click.option("--skip-extraction", is_flag=True, help="Write again from what an earlier run extracted.")
@click.option("--config", type=click.Path(path_type=Path), help="A TOML file with settings.")
def main(
    paths: tuple[str, ...],
    output: str,
    form: str,
    shards: int,
    partitions: int | None,
    skip_extraction: bool,
    config: Path | None,
) -> None:
    """Extract events from articles on a Spark cluster.

    PATHS are files, folders or patterns on any Hadoop file system (hdfs://, s3a://, file://): JSON Lines as for 'kg ingest',
    Parquet with the same fields as columns, or whole files such as WARC.
    """
    from kg.spark.job import Output, extract, session, write

    settings, spark, target = load_settings(config), session(), Output(output)
    if not skip_extraction:
        extract(spark, paths, form, target, settings, partitions)
    done = write(spark, target, settings, shards)
    click.echo(
        f"{done.articles:,} articles, {done.rows:,} rows of events, {done.duplicates:,} duplicates, "
        f"{done.failures:,} failures in {target.root}"
    )


if __name__ == "__main__":
    main()
