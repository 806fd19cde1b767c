"""``kg token``: who may write over HTTP."""

from __future__ import annotations

import click

from kg.commands.common import with_settings
from kg.config import Settings


@click.command()
@click.argument("name")
@click.option(
    "--scope", multiple=True, required=True, help="What it is for: update (SPARQL), graphs (Graph Store); repeatable."
)
@with_settings
def token(name: str, scope: tuple[str, ...], settings: Settings) -> None:
    """Make a token for NAME and print it; only its digest is kept, in the file of the setting 'tokens'.

    Take a token back by deleting its line there.

    \b
    Examples:
      kg token archive-robot --scope graphs
      kg token editor --scope update --scope graphs
    """
    from kg.web.http.access import new_token

    click.echo(new_token(settings.tokens, name, scope))
