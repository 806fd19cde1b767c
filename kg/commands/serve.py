"""``kg serve``: the SPARQL endpoint and the pages."""

from __future__ import annotations

import dataclasses

import click

from kg.commands.common import with_settings
from kg.config import Settings


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.  [default: 8000]")
@with_settings
def serve(host: str | None, port: int | None, settings: Settings) -> None:
    """Serve the store: pages for people, a SPARQL endpoint for programs.

    \b
    Examples:
      kg serve
      kg serve --port 8001 --store /data/diplomacy
    """
    import server

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    server.serve(dataclasses.replace(settings, **given))  # type: ignore[arg-type]
