"""The word lists that the recipe draws on, read from the tables beside the code.

``words.tsv`` has lists under a name, ``places.tsv`` a country with its adjective and capital, ``names.tsv`` given and family
names by region: facts, put together for this project.
"""

from __future__ import annotations

import csv
from functools import cache

from kg.language.training.folders import HERE


@cache
def table(name: str) -> list[dict[str, str]]:
    """The rows of ``name.tsv``, each by the columns of the first line."""
    with (HERE / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def words(name: str) -> list[str]:
    """The list ``name`` of ``words.tsv``; its entries stand between bars."""
    return next(row["words"].split("|") for row in table("words") if row["list"] == name)


@cache
def column(name: str, header: str) -> list[str]:
    """One column of a table, each value once."""
    return list(dict.fromkeys(row[header] for row in table(name)))


@cache
def people() -> dict[str, dict[str, list[str]]]:
    """``{region: {"given": [...], "family": [...]}}``."""
    out: dict[str, dict[str, list[str]]] = {}
    for row in table("names"):
        out.setdefault(row["region"], {})[row["part"]] = row["names"].split()
    return out
