"""The codes of event data: Correlates of War, FIPS 10-4, CAMEO and the Goldstein scale, each from its table in ``kg/data``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from kg.registry.parties import state
from kg.registry.tables import rows

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class CameoKind:
    """What a CAMEO code is here: type and kind of event and PLOVER type (None for what PLOVER has no type for), quad class."""

    type: str | None
    kind: str | None
    plover: str | None
    quad: int


@cache
def _cow() -> dict[str, tuple[int, str]]:
    return {row["code"]: (int(row["number"]), row["abbreviation"]) for row in rows("cow.tsv")}


def cow(code: str) -> tuple[int, str] | tuple[None, None]:
    """Correlates of War number and abbreviation of a state by its ISO code; None twice where it is not in that system."""
    return _cow().get(code, (None, None))


@cache
def _fips() -> dict[str, str]:
    return {row["fips"]: row["code"] for row in rows("fips.tsv")}


def state_of_fips(fips: str) -> str | None:
    """The ISO 3166-1 alpha-3 code for a FIPS 10-4 country code."""
    return _fips().get(fips)


@cache
def _cameo_actors(sort: str) -> dict[str, str]:
    return {row["cameo"]: row["party"] for row in rows("cameo_actors.tsv") if row["sort"] == sort}


def state_of_cameo(code: str) -> str | None:
    """The ISO code of a CAMEO country code; None for the codes of regions and for what is no country."""
    known = _cameo_actors("state").get(code)
    return known or (code if state(code) else None)


def organization_of_cameo(code: str) -> str | None:
    """The registry's code of a CAMEO known group, where the registry has it."""
    return _cameo_actors("group").get(code)


def _longest(code: str, table: Mapping[str, _Value]) -> _Value | None:
    """The value of the longest code of a table that a code begins with."""
    return next((table[code[:n]] for n in range(len(code), 1, -1) if code[:n] in table), None)


@cache
def _cameo_kinds() -> dict[str, CameoKind]:
    return {
        row["code"]: CameoKind(row["type"] or None, row["kind"] or None, row["plover"] or None, int(row["quad"]))
        for row in rows("cameo_types.tsv")
    }


def cameo_kind(code: str) -> CameoKind | None:
    """What a CAMEO event code stands for here; None where no root code begins it."""
    return _longest(code, _cameo_kinds())


@cache
def _goldstein() -> dict[str, float]:
    return {row["code"]: float(row["weight"]) for row in rows("goldstein.tsv")}


def goldstein(code: str) -> float | None:
    """The weight of a CAMEO event code on the Goldstein scale, -10 to 10."""
    return _longest(code, _goldstein())
