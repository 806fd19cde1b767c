"""``kg import``: event data of other collections into the store, to be compared with what articles say."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kg.commands.common import INPUT, printable, with_settings
from kg.config import Settings


def _run(name: str, paths: tuple[Path, ...], license: str | None, settings: Settings) -> None:  # noqa: A002
    from kg.errors import SourceError, StoreError
    from kg.imports.load import COLLECTIONS, import_file
    from kg.ledger import Ledger
    from kg.store import EmbeddedStore, open_store
    from kg.triples.iris import Iris

    iris, failed, console = Iris(settings.base_iri), False, Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}: {task.completed:,} events"), TimeElapsedColumn())
    with (
        open_store(settings) as store,
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar,
    ):
        if not isinstance(store, EmbeddedStore):
            raise StoreError("Event files are imported into a store of this program's own, not into a remote one.")
        Ledger(store, iris, settings).add_reference_data()
        for path in paths:
            task = bar.add_task(escape(printable(path.name)), total=None)
            try:
                done = import_file(path, COLLECTIONS[name], store, iris, license, partial(bar.advance, task))
            except SourceError as error:
                click.echo(printable(str(error)), err=True)
                failed = True
                continue
            click.echo(f"{printable(path.name)}: {done.events:,} events in {done.graph.value}", err=True)
            for reason in done.reasons:
                click.echo(f"{printable(reason)}.", err=True)
            if done.rejected:
                click.echo(
                    f"{printable(path.name)}: {done.bad:,} rows could not be read and are kept in {done.rejected}",
                    err=True,
                )
                failed = True
    sys.exit(1 if failed else 0)


@click.group("import")
def imports() -> None:
    """Read event files that other projects publish into the store.

    Each file becomes a graph of its own with the same classes and properties as what is read from articles, so that one
    query compares both; docs/imports.md tells how. Reading a file again replaces its graph.

    Rows that cannot be read are told of by their line numbers and kept in the store's folder, and the exit code is 1.

    \b
    Examples:
      kg import gdelt 20240101.export.CSV.zip
      kg import icews events.2015.tab --license https://creativecommons.org/publicdomain/zero/1.0/
    """


@imports.command()
@click.argument("paths", nargs=-1, required=True, type=INPUT)
@with_settings
def gdelt(paths: tuple[Path, ...], settings: Settings) -> None:
    """Read event files of GDELT 1.0 and 2.0.

    PATHS are files as GDELT publishes them: tab-separated, without a header, 57, 58 or 61 columns, plain or packed (.zip,
    .gz).

    \b
    Example:
      kg import gdelt 20240101.export.CSV.zip
    """
    _run("gdelt", paths, None, settings)


@imports.command()
@click.argument("paths", nargs=-1, required=True, type=INPUT)
@click.option("--license", "license_", metavar="IRI", help="The licence under which the file came, to be kept with it.")
@with_settings
def icews(paths: tuple[Path, ...], license_: str | None, settings: Settings) -> None:
    """Read event files of ICEWS.

    PATHS are files as they stand on Dataverse: tab-separated, with a header, plain or packed (.zip, .gz).

    \b
    Example:
      kg import icews events.2015.20180710092545.tab
    """
    _run("icews", paths, license_, settings)
