"""``kg link``: persons of the graph to Wikidata."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from kg.commands.common import with_settings
from kg.config import Settings


@click.command()
@click.option(
    "--wikidata", "origin", required=True, help="An extract (JSON Lines or TSV), or a SPARQL endpoint's address."
)
@click.option("--requests", type=click.IntRange(1, 500), default=25, show_default=True, help="Requests to an endpoint.")
@with_settings
def link(origin: str, requests: int, settings: Settings) -> None:
    """Link persons of the graph to items of Wikidata, where one item alone fits by name, country and time.

    The extract has the columns or fields id, label and, where known, aliases, country, born, died, from, to. An endpoint is
    asked for twenty names at once, once a second. Nothing is sent anywhere unless an address is given here. The links have a
    graph of their own, which each run replaces.

    \b
    Examples:
      kg link --wikidata people.jsonl
      kg link --wikidata https://query.wikidata.org/sparql --requests 5
    """
    from kg.identity.endpoint import ask
    from kg.identity.people import all_persons
    from kg.identity.wikidata import Item, link_quads, match, read_items
    from kg.store import open_store
    from kg.triples.iris import Iris

    iris = Iris(settings.base_iri)
    with open_store(settings, make=False) as store:
        people = all_persons(store, iris)
        remote = origin.startswith(("http://", "https://"))
        items: Iterable[Item] = ask(origin, (p.name for p in people), requests) if remote else read_items(Path(origin))
        found = match(people, items)
        graph = iris.identity_graph("wikidata")
        if quads := link_quads(found, origin if remote else Path(origin).name, iris):
            store.replace_graphs({graph: quads})
        else:
            store.remove_graphs([graph])
    click.echo(f"{len(found):,} of {len(people):,} persons are linked to Wikidata.")
