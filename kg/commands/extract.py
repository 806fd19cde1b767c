"""``kg extract``: articles to records, triples or a table, without a store."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from kg.commands.common import INPUT, cells, tell, with_formats, with_settings
from kg.config import Settings
from kg.model import ArticleFacts
from kg.sources import STANDARD_INPUT, Failure, Skipped, read_articles


def _side(participants: list[dict[str, Any]]) -> str:
    return ", ".join(
        f"{p['name'] or p['mention']}" + (f" ({p['party']})" if p["party"] and p["party"] != p["name"] else "")
        for p in participants
    )


def _table(records: Iterable[dict[str, Any]]) -> None:
    table = Table("article", "type", "who", "whom", "when", "where", "modality", "in the text", "sure")
    for record in records:
        for event in record["events"]:
            dates = event["date"] or {}
            when = " – ".join(sorted({dates[k] for k in ("earliest", "latest") if k in dates}))
            row = (
                record["id"],
                event["subtype"] or event["type"],
                _side(event["source"]),
                _side(event["target"]),
                when,
                event["place"] or "",
                event["modality"],
                event["trigger"],
                f"{event['confidence']:.2f}",
            )
            table.add_row(*cells(*row))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@click.command()
@click.argument("paths", nargs=-1, type=INPUT)
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "turtle", "table"]),
    default="jsonl",
    show_default=True,
    help="One JSON record an article, RDF in Turtle, or a table for the eye.",
)
@with_settings
@with_formats
def extract(paths: tuple[Path | str, ...], form: str, settings: Settings) -> None:
    """Extract events, statements and offices from articles, and print them.

    PATHS are files, folders and addresses as for 'kg ingest'; without any, or with '-', JSON Lines are read from standard input.
    Nothing is stored. The fields of a record are described in docs/extract-record.md.

    Records that cannot be read are told of on standard error, the others go on, and the exit code is 1. What is not English is
    told of and skipped.

    \b
    Examples:
      kg extract seeds --format table
      kg extract < news.jsonl > events.jsonl
      echo '{"id": "1", "text": "The king met the envoy."}' | kg extract
    """
    if not paths and sys.stdin.isatty():
        raise click.UsageError("Name files or folders, or pipe JSON Lines in.")
    from kg.facts.record import record
    from kg.pipeline import Extractor

    failed = 0

    def facts() -> Iterator[ArticleFacts]:
        nonlocal failed
        for item in Extractor(settings).extract(read_articles(paths or [STANDARD_INPUT], settings)):
            if isinstance(item, Failure):
                failed += not isinstance(item, Skipped)
                tell([item])
            else:
                yield item

    if form == "jsonl":
        for found in facts():
            click.echo(json.dumps(record(found), ensure_ascii=False))
    elif form == "table":
        _table(record(found) for found in facts())
    else:
        from kg.triples.writer import turtle

        click.echo(turtle(facts(), settings))
    sys.exit(1 if failed else 0)
