"""``kg serve``: the SPARQL endpoint and the pages."""

from __future__ import annotations

import dataclasses

import click

from kg.commands.common import with_settings
from kg.config import Settings


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.  [default: 8000]")
@click.option(
    "--replica",
    type=click.Path(file_okay=False),
    help="Serve, read-only, the newest state that a primary has published in this folder with 'kg publish'.",
)
@click.option("--copy", is_flag=True, help="Copy what is published to the store's folder here, and do not link to it.")
@with_settings
def serve(host: str | None, port: int | None, replica: str | None, copy: bool, settings: Settings) -> None:
    """Serve the store: pages for people, a SPARQL endpoint for programs.

    \b
    Examples:
      kg serve
      kg serve --port 8001 --store /data/diplomacy
      kg serve --replica /shared/published --store /var/tmp/replica --copy
    """
    import server

    options = {"host": host, "port": port, "replica_of": replica, "replica_copy": "on" if copy else None}
    given = {name: value for name, value in options.items() if value is not None}
    server.serve(dataclasses.replace(settings, **given))  # type: ignore[arg-type]
