"""Other names of what the registry knows: "Burma", "Cambodian", "UN Security Council", "Bombay"."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from kg.model import Place
from kg.registry.tables import rows, several
from kg.registry.vocabulary import phrases
from kg.triples.iris import Iris

#: What a name of a party is; a capital or a palace that stands for one is found by itself.
_NAMES = ("state", "organization", "demonym")


@cache
def aliases(base: str) -> dict[str, tuple[str, ...]]:
    """IRI -> the names that the registry has for it, the canonical one first, under a base IRI."""
    iris, found = Iris(base), defaultdict[str, dict[str, None]](dict)
    for phrase, entry in phrases():
        if entry.kind in _NAMES and entry.code:
            found[iris.party(entry.code).value][phrase] = None
    for row in rows("city_names.tsv"):
        place = iris.place(Place(row["name"], row["state"])).value
        found[place] |= dict.fromkeys(several(row["aliases"]))
    return {iri: tuple(names) for iri, names in found.items()}
