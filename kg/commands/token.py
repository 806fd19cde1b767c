"""``kg token``: who may read, write and see figures over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
from rich.console import Console
from rich.table import Table

from kg.commands.common import with_settings
from kg.config import Settings


@click.group()
def token() -> None:
    """Make, list, rotate and revoke the tokens by which programs and people read and write over HTTP.

    They stand in the file of the setting 'tokens', each as its digest alone. What is changed counts at once, in a service
    that runs too.
    """


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    multiple=True,
    required=True,
    help="What it is for: read, write, admin (/metrics where it is closed); of write alone update (SPARQL) or graphs (Graph "
    "Store); repeatable.",
)
@click.option(
    "--expires",
    type=click.FloatRange(min=0, min_open=True, max=36_500),
    metavar="DAYS",
    help="Days after which it ends.",
)
@with_settings
def new(name: str, scope: tuple[str, ...], expires: float | None, settings: Settings) -> None:
    """Make a token for NAME and print it, once.

    \b
    Examples:
      kg token new archive-robot --scope graphs --expires 365
      kg token new editor --scope read --scope write
    """
    from kg.web.http.tokens import TokenFile

    click.echo(TokenFile(settings.tokens).new(name, scope, expires))


@token.command("list")
@with_settings
def list_(settings: Settings) -> None:
    """List the tokens: names, scopes, when they were made and when they end (UTC). Neither they nor their digests are shown."""
    from kg.web.http.tokens import SCOPES, TokenFile

    now = datetime.now(UTC)
    table = Table("name", "scopes", "made", "ends", box=None)
    for one in TokenFile(settings.tokens).tokens():
        made = f"{one.made:%Y-%m-%d %H:%M}" if one.made else "not known"
        ends = f"{one.expires:%Y-%m-%d %H:%M}{' (over)' if one.over(now) else ''}" if one.expires else "never"
        table.add_row(one.name, " ".join(s for s in SCOPES if s in one.scopes), made, ends)
    Console(markup=False, highlight=False).print(table)


@token.command()
@click.argument("name")
@click.option(
    "--grace",
    type=click.FloatRange(min=0, max=8_760),
    default=24.0,
    show_default=True,
    metavar="HOURS",
    help="Hours for which the one before still counts.",
)
@with_settings
def rotate(name: str, grace: float, settings: Settings) -> None:
    """Make a new token in the place of NAME's, with its scopes, and print it, once.

    Where the one before had an end, the new one lasts as long, from now on.

    \b
    Examples:
      kg token rotate editor
      kg token rotate archive-robot --grace 0
    """
    from kg.web.http.tokens import TokenFile

    click.echo(TokenFile(settings.tokens).rotate(name, timedelta(hours=grace)))


@token.command()
@click.argument("name")
@with_settings
def revoke(name: str, settings: Settings) -> None:
    """Take NAME's token back, with those that it replaced and that still count."""
    from kg.web.http.tokens import TokenFile

    TokenFile(settings.tokens).revoke(name)
    click.echo(f"The token {name!r} no longer counts.")
