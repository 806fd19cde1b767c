"""``kg export view``: the graph in the terms of another vocabulary."""

from __future__ import annotations

from pathlib import Path

import click
import pyoxigraph

from kg.commands.common import with_settings
from kg.commands.events import target
from kg.config import Settings
from kg.errors import StoreError

FORMATS = {
    "turtle": pyoxigraph.RdfFormat.TURTLE,
    "ntriples": pyoxigraph.RdfFormat.N_TRIPLES,
    "jsonld": pyoxigraph.RdfFormat.JSON_LD,
    "rdfxml": pyoxigraph.RdfFormat.RDF_XML,
}


@click.command("view")
@click.argument("name", required=False)
@click.option("--list", "listing", is_flag=True, help="List the views.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="turtle", show_default=True)
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A file.  [default: standard output]"
)
@with_settings
def view(name: str | None, listing: bool, form: str, output: Path | None, settings: Settings) -> None:
    """Write the graph in the terms of another vocabulary, without this project's own.

    NAME is 'sem' (Simple Event Model), 'schema-org' or 'prov'; docs/views.md tells what each holds. The triples come in the
    order of their N-Triples lines.

    \b
    Examples:
      kg export view --list
      kg export view sem > sem.ttl
      kg export view schema-org --format ntriples -o schema.nt
    """
    from kg.sparql import views
    from kg.store import open_store
    from kg.triples.vocab import DIPL, PREFIXES

    if listing:
        for found in views.views():
            click.echo(f"{found.name}  {found.title}")
        return
    if name is None:
        raise click.UsageError("Give the name of a view, or --list.")
    text = views.view(name).query
    prefixes = {prefix: iri for prefix, iri in PREFIXES.items() if iri != DIPL}
    try:
        with open_store(settings, make=False) as store, target(output) as out:
            results = store.query(text)
            assert isinstance(results, pyoxigraph.QueryTriples)
            pyoxigraph.serialize(sorted(set(results), key=str), out, format=FORMATS[form], prefixes=prefixes)
    except OSError as error:
        raise StoreError(f"{output or 'Standard output'} cannot be written: {error.strerror or error}.") from None
