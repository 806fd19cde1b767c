"""``kg ingest``: articles into the store."""

from __future__ import annotations

import itertools
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from kg.commands.common import INPUT, printable, tell, with_formats, with_settings
from kg.config import Settings
from kg.errors import StoreError

if TYPE_CHECKING:
    from kg.pipeline import Summary

Inputs = tuple[Path | str, ...]

#: What a shell gives for a program that an interrupt has ended.
_INTERRUPTED = 130


class _Articles(ProgressColumn):
    """Articles that are done, and how many a second. The bar itself counts bytes, whose end is known."""

    def render(self, task: Task) -> Text:
        done = int(task.fields["articles"])
        rate = f", {done / task.elapsed:.1f}/s" if done and task.elapsed else ""
        return Text(f"{done:,} articles{rate}", style="progress.data.speed")


def _run(inputs: Inputs, settings: Settings, console: Console, path: Path | None = None) -> Summary:
    from kg.pipeline import ingest as run
    from kg.sources import size
    from kg.sources.report import report

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        _Articles(),
        TimeElapsedColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    shown = console.is_terminal
    with report(path) as failed, Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("Reading articles", total=size(inputs) if shown else None, articles=0)
        done = itertools.count(1)

        def progress(name: str, offset: int) -> None:
            bar.update(task, completed=offset, description=escape(printable(name)), articles=next(done))

        return run(inputs, settings, progress, failed)


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
        click.echo(f"{printable(line)}.", err=True)
    tell(summary.failures)


def _watch(inputs: Inputs, settings: Settings, console: Console) -> None:
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
            click.echo(f"{printable(str(error))} It is tried again.", err=True)
            return False
        return True

    click.echo(f"Watching {', '.join(map(str, folders))}; end with Ctrl-C.", err=True)
    try:
        watch(Watcher(folders), take)
    except KeyboardInterrupt:
        click.echo("Ended; what was being read is read again next time.", err=True)


@click.command()
@click.argument("inputs", nargs=-1, type=INPUT, metavar="INPUTS...")
@click.option(
    "--watch", "watched", is_flag=True, help="Go on, and ingest what comes into the folders, until interrupted."
)
@click.option(
    "--report",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what failed, and why, to this file.",
)
@click.option("--again", type=click.Path(path_type=Path, dir_okay=False), help="Read again what such a report names.")
@with_settings
@with_formats
def ingest(inputs: Inputs, watched: bool, path: Path | None, again: Path | None, settings: Settings) -> None:
    """Read articles, extract their events, and put them into the store.

    INPUTS are files, folders, and addresses of pages and feeds. Read are plain text (.txt, one article a file), HTML pages,
    saved feeds (.rss, .atom, .xml), web archives (.warc, .warc.gz), JSON Lines (.jsonl, one article a line with "text" and, where
    known, "id", "title", "date", "url", "outlet", "author", "license") and tables (.csv, .tsv) with columns of these names; other
    names are told with --field. '-' reads JSON Lines from standard input.

    An article that is in the store already is left alone unless its text or this program has changed; then all it said
    is replaced. One that repeats another's text is linked to it. What is not English is skipped. What cannot be read is told
    of in one line each, the others go on, and the exit code is 1. With --report it stands in a file as well (JSON Lines: the
    input, the record, the reason), which --again takes once the causes are mended.

    \b
    Examples:
      kg ingest seeds
      kg ingest news.jsonl more/ --store /data/diplomacy
      kg ingest https://example.org/news/feed.xml
      kg ingest table.csv --field text=body --field date=published_at
      zcat news.jsonl.gz | kg ingest -
      kg ingest --watch incoming/
      kg ingest archive/ --report failed.jsonl
      kg ingest --again failed.jsonl --report failed.jsonl
    """
    if watched and (path or again):
        raise click.UsageError("--report and --again are for a run that ends; --watch goes on.")
    if again:
        from kg.sources.report import inputs_of

        inputs += tuple(inputs_of(again))
    if not inputs and not again:
        raise click.UsageError("Missing argument 'INPUTS...'.")
    console = Console(stderr=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # to be told to end is to be interrupted
    if watched:
        _watch(inputs, settings, console)
        return
    try:
        summary = _run(inputs, settings, console, path)
    except KeyboardInterrupt:
        click.echo("Ended. What was read is in the store; the same command goes on from there.", err=True)
        sys.exit(_INTERRUPTED)
    _report(summary, console)
    sys.exit(1 if summary.failures else 0)
