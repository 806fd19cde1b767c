"""The outlines of states, from ``kg/data/outlines.tsv``."""

from __future__ import annotations

from functools import cache

from kg.registry.tables import rows

Ring = tuple[tuple[float, float], ...]


def _ring(words: str) -> Ring:
    x = y = 0
    points = []
    for word in words.split():
        dx, _, dy = word.partition(",")
        x, y = x + int(dx), y + int(dy)
        points.append((x / 100, y / 100))
    return tuple(points)


@cache
def outlines() -> dict[str, tuple[Ring, ...]]:
    """State's code ("" for land that has none) -> closed lines of longitude and latitude in degrees."""
    found: dict[str, list[Ring]] = {}
    for row in rows("outlines.tsv"):
        found.setdefault(row["code"], []).append(_ring(row["ring"]))
    return {code: tuple(rings) for code, rings in found.items()}
