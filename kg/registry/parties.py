"""The curated states and organisations, from ``kg/data/states.tsv``, ``organizations.tsv`` and ``identifiers.tsv``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from kg.model import Organization, State
from kg.registry.tables import rows


@cache
def _identifiers() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in rows("identifiers.tsv")}


def identifiers(key: str) -> tuple[str | None, str | None]:
    """Wikidata and GeoNames identifiers of a state or organisation (its code) or a region ("USA/California")."""
    row = _identifiers().get(key, {})
    return row.get("wikidata") or None, row.get("geonames") or None


@cache
def _states() -> Mapping[str, State]:
    found = {}
    for row in rows("states.tsv"):
        known = _identifiers().get(row["code"], {})
        found[row["code"]] = State(
            code=row["code"],
            name=row["name"],
            alpha2=known.get("alpha2") or None,
            wikidata=known.get("wikidata") or None,
            geonames=known.get("geonames") or None,
        )
    return MappingProxyType(found)


@cache
def _organization_rows() -> Mapping[str, dict[str, str]]:
    return MappingProxyType({row["code"]: row for row in rows("organizations.tsv")})


@cache
def _organizations() -> Mapping[str, Organization]:
    found = {}
    for code, row in _organization_rows().items():
        wikidata, _ = identifiers(code)
        found[code] = Organization(code, row["name"], wikidata, tuple(row["members"].split()))
    return MappingProxyType(found)


def states() -> tuple[State, ...]:
    """All curated states, in the order of their codes; the former ones (Soviet Union) among them."""
    return tuple(_states().values())


def organizations() -> tuple[Organization, ...]:
    """All curated organisations and movements, in the order of their codes."""
    return tuple(_organizations().values())


def state(code: str) -> State | None:
    """The state with this ISO 3166-1 alpha-3 code (or former code of ISO 3166-3)."""
    return _states().get(code)


def organization(code: str) -> Organization | None:
    """The organisation with this code ("UN", "HAMAS")."""
    return _organizations().get(code)


def organization_sort(code: str) -> str | None:
    """``intergovernmental``, ``nongovernmental`` or ``movement``; None for an unknown code."""
    row = _organization_rows().get(code)
    return row["sort"] if row else None


def organization_home(code: str) -> str | None:
    """The code of the state that a movement comes from; None where there is none or the code is unknown."""
    row = _organization_rows().get(code)
    return (row["home"] or None) if row else None


def organization_whole(code: str) -> str | None:
    """The code of the organisation in whose name this one acts ("UN" for "UNHCR"); None for one that acts in its own."""
    row = _organization_rows().get(code)
    return (row["part_of"] or None) if row else None


def party_name(code: str) -> str | None:
    """The canonical name of the state or organisation with this code."""
    party = state(code) or organization(code)
    return party.name if party else None
