"""``kg export`` and ``kg remove``: what is in the store, out of it."""

from __future__ import annotations

from pathlib import Path

import click
import pyoxigraph

from kg.commands.common import with_settings
from kg.config import Settings
from kg.errors import StoreError

#: Name of a format -> pyoxigraph's. The first three keep the named graphs apart; the others put all triples together.
FORMATS = {
    "nquads": pyoxigraph.RdfFormat.N_QUADS,
    "trig": pyoxigraph.RdfFormat.TRIG,
    "jsonld": pyoxigraph.RdfFormat.JSON_LD,
    "turtle": pyoxigraph.RdfFormat.TURTLE,
    "ntriples": pyoxigraph.RdfFormat.N_TRIPLES,
    "rdfxml": pyoxigraph.RdfFormat.RDF_XML,
}


@click.command()
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="nquads", show_default=True)
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A file.  [default: standard output]")
@with_settings
def export(form: str, output: Path | None, settings: Settings) -> None:
    """Write out everything that is in the store.

    nquads, trig and jsonld keep each article's graph apart; turtle, ntriples and rdfxml put all triples together.

    \b
    Examples:
      kg export > all.nq
      kg export --format turtle -o all.ttl
    """


@click.command()
@click.argument("article")
@with_settings
def remove(article: str, settings: Settings) -> None:
    """Take an article, and all that it alone said, out of the store.

    ARTICLE is its id, or the address of its page or of its graph: what follows the last '/' counts.

    \b
    Example:
      kg remove 4c746df65e6d6e56
    """
