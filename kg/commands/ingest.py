"""``kg ingest``: articles into the store."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from kg.commands.common import INPUT, tell, with_formats, with_settings
from kg.config import Settings
from kg.errors import StoreError

if TYPE_CHECKING:
    from kg.pipeline import Summary

#: What a shell gives for a program that an interrupt has ended.
_INTERRUPTED = 130


class _Rate(ProgressColumn):
    """Articles a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="progress.data.speed")


def _run(inputs: tuple[Path | str, ...], settings: Settings, console: Console) -> Summary:
    from kg.pipeline import ingest as run

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Reading articles", total=None)
        return run(inputs, settings, lambda name: bar.update(task, advance=1, description=name))


def _report(summary: Summary, console: Console) -> None:
    table = Table(show_header=False, box=None)
    for name, value in (
        ("articles ingested", summary.ingested),
        ("articles unchanged", summary.unchanged),
        ("duplicates", summary.duplicates),
        ("skipped", len(summary.skipped)),
        ("failed", len(summary.failures)),
        ("events", summary.events),
        ("statements", summary.statements),
        ("quads written", summary.quads),
        ("events of several articles", summary.across.events),
    ):
        table.add_row(name, f"{value:,}")
    console.print(table)
    for line in summary.skipped.lines():
        click.echo(f"{line}.", err=True)
    tell(summary.failures)


def _watch(inputs: tuple[Path | str, ...], settings: Settings, console: Console) -> None:
    """Ingest what is complete in some folders, again and again, until interrupted."""
    from kg.sources.watch import Watcher, watch

    folders = [Path(given) for given in inputs]
    for given in inputs:
        if not Path(given).is_dir():
            raise click.UsageError(f"--watch is for folders; {given} is none.")

    def take(found: list[Path]) -> bool:
        try:
            _report(_run(tuple(found), settings, console), console)
        except StoreError as error:  # another process may write for a while
            click.echo(f"{error} It is tried again.", err=True)
            return False
        return True

    click.echo(f"Watching {', '.join(map(str, folders))}; end with Ctrl-C.", err=True)
    try:
        watch(Watcher(folders), take)
    except KeyboardInterrupt:
        click.echo("Ended; what was being read is read again next time.", err=True)


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=INPUT, metavar="INPUTS...")
@click.option(
    "--watch", "watched", is_flag=True, help="Go on, and ingest what comes into the folders, until interrupted."
)
@with_settings
@with_formats
def ingest(inputs: tuple[Path | str, ...], watched: bool, settings: Settings) -> None:
    """Read articles, extract their events, and put them into the store.

    INPUTS are files, folders, and addresses of pages and feeds. Read are plain text (.txt, one article a file), HTML pages,
    saved feeds (.rss, .atom, .xml), web archives (.warc, .warc.gz), JSON Lines (.jsonl, one article a line with "text" and, where
    known, "id", "title", "date", "url", "outlet", "author", "license") and tables (.csv, .tsv) with columns of these names; other
    names are told with --field.

    An article that is in the store already is left alone unless its text or this program has changed; then all it said
    is replaced. One that repeats another's text is linked to it. What is not English is skipped. What cannot be read is told
    of in one line each, the others go on, and the exit code is 1.

    \b
    Examples:
      kg ingest seeds
      kg ingest news.jsonl more/ --store /data/diplomacy
      kg ingest https://example.org/news/feed.xml
      kg ingest table.csv --field text=body --field date=published_at
      kg ingest --watch incoming/
    """
    console = Console(stderr=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # to be told to end is to be interrupted
    if watched:
        _watch(inputs, settings, console)
        return
    try:
        summary = _run(inputs, settings, console)
    except KeyboardInterrupt:
        click.echo("Ended. What was read is in the store; the same command goes on from there.", err=True)
        sys.exit(_INTERRUPTED)
    _report(summary, console)
    sys.exit(1 if summary.failures else 0)
