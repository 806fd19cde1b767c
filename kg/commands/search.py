"""``kg search``: find what is in the store by names and words."""

from __future__ import annotations

import datetime as dt
import json
import sys

import click
from rich.console import Console
from rich.table import Table

from kg.commands.common import cells, with_settings
from kg.config import Settings
from kg.search import KINDS, Filters, Found, Hit


def _day(hit: Hit) -> str:
    return dt.date.fromordinal(hit.first).isoformat() if hit.first else ""


def _print(found: Found, words: str) -> None:
    for told in (
        f"Nothing has {words!r}; this has {found.corrected!r}." if found.corrected else "",
        f"Did you mean {found.maybe!r}?" if found.maybe else "",
        "Nothing has all of these words; this has some of them." if found.some else "",
    ):
        if told:
            click.echo(told, err=True)
    table = Table("kind", "what", "day", "where", "IRI")
    for hit in found.hits:
        where = hit.outlet or " ".join(hit.countries)
        table.add_row(*cells(hit.type or hit.kind, hit.label or hit.text, _day(hit), where, hit.iri))
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    click.echo(f"{found.total:,} found.", err=True)


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--kind", type=click.Choice(KINDS, case_sensitive=False), help="Only what is of this kind.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=20, show_default=True, help="Number of hits.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")
@with_settings
def search(words: tuple[str, ...], kind: str | None, limit: int, as_json: bool, settings: Settings) -> None:
    """Find people, states, headlines, events and sentences by names and words.

    Accents, capitals and a typing mistake or two in names do not matter; words between quotation marks stand together. The
    search index in the store's folder is made, or brought up to date, first.

    \b
    Examples:
      kg search Hun Senn
      kg search Burma --kind State
      kg search '"trade agreement"' --limit 50 --json
    """
    from kg.search import up_to_date
    from kg.store import states_and_writer

    states, writer = states_and_writer(settings, make=False)
    try:
        index = up_to_date(settings, states)
        text = " ".join(words)
        found = index.search(text, Filters({"kind": kind} if kind else {}), most=limit)
        index.close()
    finally:
        writer.close()
        states.close()
    if not as_json:
        _print(found, text)
        return
    for hit in found.hits:
        record = {"iri": hit.iri, "kind": hit.kind, "label": hit.label, "text": hit.text, "names": hit.names}
        record |= {"countries": hit.countries, "outlet": hit.outlet, "article": hit.article, "from": _day(hit)}
        click.echo(json.dumps(record, ensure_ascii=False))
