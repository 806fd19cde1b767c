"""``kg identity``: what is one across articles."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from kg.commands.common import with_settings
from kg.config import Settings


@click.command()
@with_settings
def identity(settings: Settings) -> None:
    """Decide anew which events and persons of the articles are one.

    'kg ingest' and 'kg remove' do so for what they change. This looks at everything: after the curator's file (setting
    'curation') was edited, after articles were written by other ways, or with a new version of the program. What has not
    changed is not written again. docs/identity.md tells how it is decided, and how the file is written.

    \b
    Examples:
      kg identity
      kg query widely-reported
    """
    from kg.identity import run
    from kg.store import open_store

    with open_store(settings, make=False, writes_beside=True) as store:
        outcome = run(store, settings, everything=True)
    table = Table(show_header=False, box=None)
    for name, value in (
        ("articles", outcome.articles),
        ("pairs compared", outcome.compared),
        ("events of several articles", outcome.events),
        ("with contradictions", outcome.disagreeing),
        ("persons of several spellings", outcome.persons),
        ("graphs written", outcome.written),
        ("graphs removed", outcome.removed),
    ):
        table.add_row(name, f"{value:,}")
    Console(stderr=True).print(table)
