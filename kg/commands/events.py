"""``kg export events``: the table of events, for statistics programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from kg.commands.common import with_settings
from kg.config import Settings
from kg.errors import StoreError


@contextmanager
def target(path: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that takes its name once it is complete."""
    if path is None:
        yield sys.stdout.buffer
        return
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("wb") as out:
            yield out
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


@click.command()
@click.option("--format", "form", type=click.Choice(["csv", "parquet", "jsonl"]), default="csv", show_default=True)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file; Parquet needs one.  [default: standard output]",
)
@click.option(
    "--dataset",
    "datasets",
    multiple=True,
    metavar="NAME",
    help="Only these: 'articles', or the name of an import such as 'gdelt'; may be given more than once.",
)
@with_settings
def events(form: str, output: Path | None, datasets: tuple[str, ...], settings: Settings) -> None:
    """Write the table of events: one row for each event and pair of a source and a target.

    The columns are described in docs/event-table.md; they are the same in each format. The rows come in the order of the
    graphs' and events' addresses. Parquet needs the extra kg[tables].

    \b
    Examples:
      kg export events > events.csv
      kg export events --format parquet -o events.parquet --dataset articles
    """
    from kg.store import open_store
    from kg.tables.formats import WRITERS
    from kg.tables.stream import event_table
    from kg.triples.iris import Iris

    if form == "parquet" and output is None:
        raise click.UsageError("Parquet is written to a file: name it with --output.")
    try:
        with open_store(settings, make=False) as store, target(output) as out:
            WRITERS[form](event_table(store, Iris(settings.base_iri), datasets), out)
    except OSError as error:
        raise StoreError(f"{output or 'Standard output'} cannot be written: {error.strerror or error}.") from None
