"""Writes ``kg/data/outlines.tsv``, the outlines of states, from a file of the npm package ``world-atlas``.

Run it with ``python -m kg.registry.build_outlines countries-110m.json`` in an environment that has pycountry (ISO 3166
codes); the project itself does not need it. The package (ISC) is a redistribution of Natural Earth (public domain,
https://www.naturalearthdata.com) as TopoJSON (https://github.com/topojson/topojson-specification). The same file gives the
same bytes.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "data"
#: What the outlines show without a number of ISO 3166-1: Kosovo has a code of common use. Others are land of no state of ours.
UNNUMBERED = {"Kosovo": "XKX"}
#: Nobody deals there, and it would take a fifth of every map.
LEFT_OUT = {"ATA"}
#: Half the way around the world, in hundredths of a degree.
_HALF = 18_000
HEAD = """\
# Outlines of states for small maps, written by kg/registry/build_outlines.py: never edit by hand. '-' stands for nothing.
# Source: Natural Earth 1:110 million (public domain), by way of the npm package world-atlas {version} (ISC).
# code: ISO 3166-1 alpha-3, '-' for land that has none. ring: one closed line; longitude and latitude in hundredths of a degree,
# the first point whole, each other one as its distance from the point before it.
code\tring
"""


def _arcs(topology: dict[str, Any]) -> list[list[tuple[int, int]]]:
    """Each arc's points in hundredths of a degree; arcs are delta-coded on a grid of the whole."""
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((round((x * scale_x + shift_x) * 100), round((y * scale_y + shift_y) * 100)))
        arcs.append(points)
    return arcs


def _ring(indices: list[int], arcs: list[list[tuple[int, int]]]) -> list[tuple[int, int]]:
    """A ring's points, without the last one, which is the first; a negative index is an arc that runs backwards."""
    points: list[tuple[int, int]] = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += [p for p in arc if not points or p != points[-1]]
    return points[:-1] if points[0] == points[-1] else points


def _cut(points: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """A ring as rings that do not cross the antimeridian, where the package has sewn together what Natural Earth cuts.

    A step of more than half the world is one across it: there the line ends on one side and goes on from the other. A ring is
    taken apart into its pieces on either side, each closed along the antimeridian.
    """
    start = next((i for i in range(len(points)) if abs(points[i][0] - points[i - 1][0]) > _HALF), None)
    if start is None:
        return [points]
    turned = points[start:] + points[:start]
    east: list[tuple[int, int]] = []
    west: list[tuple[int, int]] = []
    for number, point in enumerate(turned):
        side = east if point[0] > 0 else west
        before = turned[number - 1]
        if abs(point[0] - before[0]) > _HALF:
            east.append((_HALF, before[1]))
            west.append((-_HALF, before[1]))
        side.append(point)
    return [piece for piece in (east, west) if len(piece) > 2]


def _delta_coded(points: list[tuple[int, int]]) -> str:
    before = (0, 0)
    words = []
    for x, y in points:
        words.append(f"{x - before[0]},{y - before[1]}")
        before = (x, y)
    return " ".join(words)


def _rows(topology: dict[str, Any]) -> Iterator[tuple[str, str]]:
    countries, arcs = importlib.import_module("pycountry").countries, _arcs(topology)
    for shape in topology["objects"]["countries"]["geometries"]:
        known = countries.get(numeric=shape["id"]) if "id" in shape else None
        code = known.alpha_3 if known else UNNUMBERED.get(shape["properties"]["name"], "-")
        if code in LEFT_OUT:
            continue
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        for ring in (ring for polygon in polygons for ring in polygon):
            for piece in _cut(_ring(ring, arcs)):
                if len(piece) > 2:
                    yield code, _delta_coded(piece)


def write_outlines(source: Path) -> None:
    """Write ``outlines.tsv`` from the package's ``countries-110m.json``, which lies beside its ``package.json``."""
    version = json.loads((source.parent / "package.json").read_text(encoding="utf-8"))["version"]
    found = sorted(_rows(json.loads(source.read_text(encoding="utf-8"))))
    text = HEAD.format(version=version) + "".join(f"{code}\t{ring}\n" for code, ring in found)
    (DATA / "outlines.tsv").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_outlines(Path(sys.argv[1]))
