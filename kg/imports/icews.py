"""ICEWS coded event data as they stand on Dataverse: tab-separated, with a header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg.imports.record import Collection, ImportedActor, ImportedEvent, ImportedPlace, RowError
from kg.imports.values import cameo, day, number
from kg.registry import lookup, party_name, state

COLLECTION = Collection(
    name="icews", title="ICEWS coded event data", home="https://doi.org/10.7910/DVN/28075", license=None
)
#: The columns that are needed; the others of the header are read where they are.
NEEDED = ("Event ID", "Event Date", "Source Name", "CAMEO Code", "Target Name")


def _party(name: str) -> tuple[str, bool] | None:
    """Code of the state or organisation that a name is, and whether it is a state."""
    found = lookup(name.split()) if name else None
    if found is None or found.code is None or found.kind not in ("state", "organization"):
        return None
    return found.code, found.kind == "state"


def _actor(cells: Mapping[str, str], side: str) -> ImportedActor | None:
    name, country = cells.get(f"{side} Name", ""), cells.get(f"{side} Country", "")
    if not name:
        return None
    itself = _party(name)
    if itself:
        return ImportedActor(party_name(itself[0]) or name, None, itself[0], itself=True)
    home = _party(country)
    return ImportedActor(name, None, home[0] if home and home[1] else None)


def _place(cells: Mapping[str, str]) -> ImportedPlace | None:
    country = cells.get("Country", "")
    parts = [cells[c] for c in ("City", "District", "Province") if cells.get(c)]
    found = _party(country)
    home = found[0] if found and state(found[0]) else None
    if not parts and not country:
        return None
    return ImportedPlace(
        name=", ".join([*parts, *([country] if country else [])]),
        state=home,
        whole=not parts and home is not None,
        latitude=number(cells.get("Latitude", ""), "latitude", -90, 90),
        longitude=number(cells.get("Longitude", ""), "longitude", -180, 180),
    )


class Reader:
    """Reads the rows below a header.

    Raises:
        RowError: the header lacks a column that is needed.
    """

    def __init__(self, header: Sequence[str]) -> None:
        self._header = header
        if missing := [name for name in NEEDED if name not in header]:
            raise RowError(f"its header has no column {missing[0]!r}")

    def read(self, row: Sequence[str]) -> ImportedEvent:
        """One row. Raises RowError."""
        if len(row) != len(self._header):
            raise RowError(f"it has {len(row)} columns, and its header has {len(self._header)}")
        cells = dict(zip(self._header, row, strict=True))
        code, kind = cameo(cells["CAMEO Code"].zfill(2))
        source, target = _actor(cells, "Source"), _actor(cells, "Target")
        if not cells["Event ID"]:
            raise RowError("it has no Event ID")
        if source is None and target is None:
            raise RowError("it names no actor")
        story = [
            f"{what} {cells[c]}" for what, c in (("story", "Story ID"), ("sentence", "Sentence Number")) if cells.get(c)
        ]
        return ImportedEvent(
            key=cells["Event ID"],
            date=day(cells["Event Date"][:10], "%Y-%m-%d"),
            cameo=code,
            kind=kind,
            source=source,
            target=target,
            place=_place(cells),
            goldstein=number(cells.get("Intensity", ""), "Intensity", -10, 10),
            citation=", ".join(filter(None, [cells.get("Publisher", ""), *story])) or None,
        )
