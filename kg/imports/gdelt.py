"""GDELT's event files, 1.0 (57 or 58 columns) and 2.0 (61): tab-separated, without a header.

The layout is that of the codebooks of the GDELT event database 1.03 and 2.0.
"""

from __future__ import annotations

from collections.abc import Sequence

from kg.imports.record import Collection, ImportedActor, ImportedEvent, ImportedPlace, RowError
from kg.imports.values import cameo, count, day, number
from kg.registry import party_name
from kg.registry.codes import organization_of_cameo, state_of_cameo, state_of_fips

COLLECTION = Collection(
    name="gdelt",
    title="GDELT event database",
    home="https://www.gdeltproject.org/",
    license="https://www.gdeltproject.org/about.html#termsofuse",
)
#: Number of columns -> where the columns of the place of the action begin, how many they are, and where the address stands.
LAYOUTS: dict[int, tuple[int, int, int | None]] = {57: (49, 7, None), 58: (49, 7, 57), 61: (51, 8, 60)}
_ACTOR1, _ACTOR2 = 5, 15


def _actor(cells: Sequence[str], first: int) -> ImportedActor | None:
    code, name, country, group = cells[first : first + 4]
    if not code and not name:
        return None
    organization = organization_of_cameo(group)
    if organization:
        return ImportedActor(party_name(organization) or name, code, organization, itself=True)
    state = state_of_cameo(country or code[:3])
    # an actor that is its country and nothing more has that country's three letters alone
    if state and code == (country or code[:3]):
        return ImportedActor(party_name(state) or name, code, state, itself=True)
    return ImportedActor(name or code, code or None, state)


def _place(cells: Sequence[str]) -> ImportedPlace | None:
    sort, name, country = cells[:3]
    # GDELT 2.0 has a second code of the district before the coordinates
    latitude, longitude, feature = cells[-3:]
    state = state_of_fips(country)
    if not name:
        return None
    return ImportedPlace(
        name=name,
        state=state,
        whole=sort == "1" and state is not None,
        key=feature or None,
        latitude=number(latitude, "latitude", -90, 90),
        longitude=number(longitude, "longitude", -180, 180),
    )


def read(cells: Sequence[str]) -> ImportedEvent:
    """One row.

    Raises:
        RowError: it is not in the layout, or a value that an event needs is missing or none.
    """
    layout = LAYOUTS.get(len(cells))
    if layout is None:
        raise RowError(f"it has {len(cells)} columns, and GDELT's events have {', '.join(map(str, LAYOUTS))}")
    if not cells[0].isdigit():
        raise RowError(f"its GLOBALEVENTID {cells[0]!r} is no number")
    place, width, address = layout
    code, kind = cameo(cells[26])
    quad = count(cells[29], "QuadClass")
    source, target = _actor(cells, _ACTOR1), _actor(cells, _ACTOR2)
    if source is None and target is None:
        raise RowError("it names no actor")
    if quad not in (None, 1, 2, 3, 4):
        raise RowError(f"its QuadClass {cells[29]!r} is none")
    return ImportedEvent(
        key=cells[0],
        date=day(cells[1], "%Y%m%d"),
        cameo=code,
        kind=kind,
        source=source,
        target=target,
        place=_place(cells[place : place + width]),
        quad=quad,
        goldstein=number(cells[30], "GoldsteinScale", -10, 10),
        sources=count(cells[32], "NumSources"),
        url=cells[address] if address is not None and cells[address] else None,
    )
