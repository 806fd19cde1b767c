"""``kg export`` and ``kg remove``: what is in the store, out of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import click
import pyoxigraph
from click.core import ParameterSource

from kg import identity, ledger
from kg.commands.common import with_settings
from kg.commands.events import events
from kg.commands.view import view
from kg.config import Settings
from kg.errors import StoreError
from kg.sources.bodies import Bodies
from kg.store import Store, open_store
from kg.triples.iris import Iris
from kg.triples.vocab import PREFIXES

#: Name of a format -> pyoxigraph's. The first three keep the named graphs apart; the others put all triples together.
FORMATS = {
    "nquads": pyoxigraph.RdfFormat.N_QUADS,
    "trig": pyoxigraph.RdfFormat.TRIG,
    "jsonld": pyoxigraph.RdfFormat.JSON_LD,
    "turtle": pyoxigraph.RdfFormat.TURTLE,
    "ntriples": pyoxigraph.RdfFormat.N_TRIPLES,
    "rdfxml": pyoxigraph.RdfFormat.RDF_XML,
}


def _serialized(store: Store, form: pyoxigraph.RdfFormat) -> bytes:
    """The whole store in a format, in a fixed order; triples that several graphs hold come once where graphs are put together."""
    if form.supports_datasets:
        content: Iterable[pyoxigraph.Quad] | Iterable[pyoxigraph.Triple] = store.quads()
    else:
        content = sorted({quad.triple for quad in store.quads()}, key=str)
    return pyoxigraph.serialize(content, format=form, prefixes=PREFIXES) or b""


def _written_aside(path: Path, content: bytes) -> None:
    """Write a file as a whole: what stood there stays until the new one is complete."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


@click.group(invoke_without_command=True)
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="nquads", show_default=True)
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A file.  [default: standard output]"
)
@click.pass_context
@with_settings
def export(context: click.Context, form: str, output: Path | None, settings: Settings) -> None:
    """Write out everything that is in the store, or with 'events' its table of events, with 'view' what it says in the terms
    of another vocabulary.

    nquads, trig and jsonld keep each article's graph apart; turtle, ntriples and rdfxml put all triples together.

    \b
    Examples:
      kg export > all.nq
      kg export --format turtle -o all.ttl
      kg export events --format csv > events.csv
      kg export view sem > sem.ttl
    """
    if context.invoked_subcommand:
        given = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
        if given:
            raise click.UsageError(f"Options of 'kg export {context.invoked_subcommand}' come after that word.")
        return
    with open_store(settings, make=False) as store:
        content = _serialized(store, FORMATS[form])
    try:
        if output:
            _written_aside(output, content)
        else:
            sys.stdout.buffer.write(content)
    except OSError as error:
        raise StoreError(f"{output or 'Standard output'} cannot be written: {error.strerror or error}.") from None


export.add_command(events)
export.add_command(view)


@click.command()
@click.argument("article")
@with_settings
def remove(article: str, settings: Settings) -> None:
    """Take an article, and all that it alone said, out of the store.

    ARTICLE is its id, or the address of its page or of its graph: what follows the last '/' counts. That it was removed, and
    when, is kept: its addresses tell so. Reading it again brings it back. A removal that was broken off is finished by the same
    command.

    \b
    Example:
      kg remove 4c746df65e6d6e56
    """
    iris, key = Iris(settings.base_iri), article.rstrip("/").rsplit("/", 1)[-1]
    with (
        open_store(settings, make=False, writes_beside=True) as store,
        closing(Bodies(settings.store, settings.article_text)) as bodies,
    ):
        bodies.recover(lambda article: ledger.held(store, iris, article)[0])
        before = ledger.is_removed(store, iris, key)
        if not before:
            bodies.leave(key)
            ledger.remove(store, iris, key)
            bodies.settle(key)
        outcome = identity.run(store, settings)  # takes its share of what several articles tell of
    if before and not (outcome.articles or outcome.resumed):
        raise ledger.missing(store.name, key)
