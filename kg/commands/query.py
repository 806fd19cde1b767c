"""``kg query``: ask the store in SPARQL, in words of one's own or by a question's name."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
import pyoxigraph
from rich.console import Console
from rich.table import Table

from kg.commands.common import cells, with_settings
from kg.config import Settings
from kg.errors import QueryError
from kg.sparql.questions import questions

#: Name of an output -> how pyoxigraph writes it, for rows (and yes or no) and for triples.
ROWS = {
    "csv": pyoxigraph.QueryResultsFormat.CSV,
    "tsv": pyoxigraph.QueryResultsFormat.TSV,
    "json": pyoxigraph.QueryResultsFormat.JSON,
}
_KEYWORD = re.compile(r"\b(?:SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE)


def _text(query: str) -> str:
    if query == "-":
        return sys.stdin.read()
    named = next((q for q in questions() if q.name == query), None)
    if named:
        return named.query
    if _KEYWORD.search(query):
        return query
    try:
        return Path(query).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise QueryError(
            f"{query!r} is no SPARQL query, no file that can be read and no named question (see 'kg query --list')."
        ) from None


def _cell(term: object) -> str:
    if isinstance(term, pyoxigraph.NamedNode):
        # the last part of an address tells a reader most; the other formats give it whole
        return term.value.rstrip("/#").rsplit("/", 1)[-1].rsplit("#", 1)[-1] or term.value
    return str(getattr(term, "value", "") if term is not None else "")


def _print_table(solutions: pyoxigraph.QuerySolutions) -> None:
    names = [variable.value for variable in solutions.variables]
    table = Table(*names)
    for solution in solutions:
        table.add_row(*cells(*(_cell(solution[name]) for name in names)))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@click.command()
@click.argument("query", required=False)
@click.option("--list", "listing", is_flag=True, help="List the named questions.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", *ROWS]),
    default="table",
    show_default=True,
    help="How rows are printed; triples are printed as Turtle.",
)
@with_settings
def query(query: str | None, listing: bool, form: str, settings: Settings) -> None:
    """Ask the store.

    QUERY is SPARQL text, a file with SPARQL text, '-' for standard input, or the name of a question that comes with the
    ontology. Without a named graph in the query, all that the articles say is searched.

    \b
    Examples:
      kg query --list
      kg query who-met-whom
      kg query "SELECT ?e { ?e a dipl:Meeting }" --format csv
    """
    if listing:
        for question in questions():
            click.echo(f"{question.name}  {question.title}")
        return
    if query is None:
        raise click.UsageError("Give a query, or --list.")
    from kg.store import open_store
    from kg.triples.vocab import PREFIXES

    text = _text(query)
    with open_store(settings, make=False) as store:
        results = store.query(text, PREFIXES)
        if isinstance(results, pyoxigraph.QueryBoolean):
            click.echo("true" if results else "false")
        elif isinstance(results, pyoxigraph.QueryTriples):
            click.echo(results.serialize(format=pyoxigraph.RdfFormat.TURTLE))
        elif form == "table":
            _print_table(results)
        else:
            results.serialize(output=sys.stdout.buffer, format=ROWS[form])
