"""``kg ingest``: articles into the store."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from kg.commands.common import INPUT, tell, with_settings
from kg.config import Settings


@click.command()
@click.argument("paths", nargs=-1, required=True, type=INPUT)
@with_settings
def ingest(paths: tuple[Path, ...], settings: Settings) -> None:
    """Read articles, extract their events, and put them into the store.

    PATHS are files and folders: plain text (.txt, one article a file) and JSON Lines (.jsonl, one article a line with
    "text" and, where known, "id", "title", "date", "url", "outlet", "author").

    An article that is in the store already is left alone unless its text or this program has changed; then all it said
    is replaced. What cannot be read is told of in one line each, the others go on, and the exit code is 1.

    \b
    Examples:
      kg ingest seeds
      kg ingest news.jsonl more/ --store /data/diplomacy
    """
    from kg.pipeline import ingest as run

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Reading articles", total=None)
        summary = run(paths, settings, progress=lambda name: bar.update(task, advance=1, description=name))
    table = Table(show_header=False, box=None)
    for name, value in (
        ("articles ingested", summary.ingested),
        ("articles unchanged", summary.unchanged),
        ("failed", len(summary.failures)),
        ("events", summary.events),
        ("statements", summary.statements),
        ("quads written", summary.quads),
        ("events of several articles", summary.across.events),
    ):
        table.add_row(name, f"{value:,}")
    console.print(table)
    tell(summary.failures)
    sys.exit(1 if summary.failures else 0)
