"""Where events happened: a circle for each town, cut by cooperation and conflict, and shaded states where no town is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from math import cos, pi, sin

from kg.registry import party_name
from kg.web.pictures.asking import Row
from kg.web.pictures.frame import Frame, plural
from kg.web.pictures.outlines import outlines
from kg.web.pictures.projection import equal_earth
from kg.web.pictures.svg import Element, Picture, cut, el, link, text, width_of

#: Degrees of latitude between which people deal with each other.
_SOUTH, _NORTH = -56.5, 83.7
_MOST_LABELS = 18


@dataclass
class _Spot:
    """Places that lie too near each other to be told apart, under the name of the busiest."""

    x: float
    y: float
    rows: list[Row] = field(default_factory=list)

    @property
    def events(self) -> int:
        return sum(row.whole("events") for row in self.rows)


@dataclass(frozen=True)
class _Sheet:
    """From degrees to the picture's own pixels."""

    width: float

    @property
    def _scale(self) -> float:
        return self.width / (2 * equal_earth(180, 0)[0])

    @property
    def height(self) -> float:
        return (equal_earth(0, _NORTH)[1] - equal_earth(0, _SOUTH)[1]) * self._scale

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        x, y = equal_earth(longitude, latitude)
        return self.width / 2 + x * self._scale, (equal_earth(0, _NORTH)[1] - y) * self._scale


@cache
def _paths(width: float) -> dict[str, str]:
    """State's code -> its outline as path data, in whole and half pixels."""
    sheet, found = _Sheet(width), {}
    for code, rings in outlines().items():
        parts = []
        for ring in rings:
            points = list(dict.fromkeys(tuple(round(v, 1) for v in sheet.at(*p)) for p in ring))
            if len(points) > 2:
                parts.append("M" + "L".join(f"{x:g},{y:g}" for x, y in points) + "Z")
        found[code] = "".join(parts)
    return found


def of_states(rows: Sequence[Row]) -> Counter[str]:
    """State's IRI -> the events that are placed in it without a town."""
    found: Counter[str] = Counter()
    for row in rows:
        if row.decimal("latitude") is None and row.text("state"):
            found[row.text("state")] += row.whole("events")
    return found


def nowhere(rows: Sequence[Row]) -> list[Row]:
    """Places that have neither a position nor a state with an outline."""
    drawn = outlines()
    return [r for r in rows if r.decimal("latitude") is None and r.text("state").rpartition("/")[2] not in drawn]


def _spots(rows: Sequence[Row], sheet: _Sheet, radius: float) -> list[_Spot]:
    spots: list[_Spot] = []
    for row in rows:  # the busiest first
        latitude, longitude = row.decimal("latitude"), row.decimal("longitude")
        if latitude is None or longitude is None:
            continue
        x, y = sheet.at(longitude, latitude)
        near = next((s for s in spots if (s.x - x) ** 2 + (s.y - y) ** 2 < radius**2), None)
        if near is None:
            near = _Spot(x, y)
            spots.append(near)
        near.rows.append(row)
    return sorted(spots, key=lambda s: (-s.events, s.rows[0].text("place")))


def _slice(x: float, y: float, radius: float, share: float) -> str:
    """A circle's sector from the top, clockwise."""
    angle = 2 * pi * share - pi / 2
    large = 1 if share > 0.5 else 0
    at = f"{x + radius * cos(angle):.1f},{y + radius * sin(angle):.1f}"
    return f"M{x:.1f},{y:.1f}L{x:.1f},{y - radius:.1f}A{radius:.1f},{radius:.1f} 0 {large} 1 {at}Z"


def _circle(spot: _Spot, radius: float, frame: Frame) -> Element:
    friendly = sum(row.whole("cooperation") for row in spot.rows)
    hostile = sum(row.whole("conflict") for row in spot.rows)
    names = ", ".join(row.text("name") for row in spot.rows[:6]) + (" and others" if len(spot.rows) > 6 else "")
    title = f"{names}: {friendly:,} in cooperation, {hostile:,} in conflict"
    share = hostile / max(friendly + hostile, 1)
    body = el("circle", look="q4 rim" if share == 1 else "q2 rim", cx=spot.x, cy=spot.y, r=radius)
    part = el("path", look="q4", d=_slice(spot.x, spot.y, radius - 0.5, share)) if 0 < share < 1 else None
    return link(frame.thing(spot.rows[0].text("place")), title, body, part)


def _land(rows: Sequence[Row], frame: Frame) -> list[Element]:
    counts = of_states(rows)
    most = max(counts.values(), default=1)
    by_code = {iri.rpartition("/")[2]: iri for iri in sorted(counts)}
    drawn = []
    for code, path in sorted(_paths(frame.width).items()):
        iri = by_code.get(code)
        if iri is None:
            drawn.append(el("path", look="land", d=path))
            continue
        level = 1 + min(2, int(3 * counts[iri] / (most + 1)))
        title = f"{party_name(code)}, no town told: {plural(counts[iri], 'event')}"
        drawn.append(link(frame.thing(iri), title, el("path", look=f"land{level}", d=path)))
    return drawn


def _names(spots: Sequence[_Spot], radii: Sequence[float], frame: Frame) -> list[Element]:
    """Names beside the busiest circles, where there is room for them."""
    taken = [(s.x - r, s.y - r, s.x + r, s.y + r) for s, r in zip(spots, radii, strict=True)]
    drawn: list[Element] = []
    for spot, radius in zip(spots, radii, strict=True):
        if len(drawn) == _MOST_LABELS:
            break
        name = cut(spot.rows[0].text("name"), 120, 11.5)
        wide = width_of(name, 11.5)
        for left, look in ((spot.x + radius + 3, "ink halo"), (spot.x - radius - 3 - wide, "ink halo end")):
            box = (left, spot.y - 7, left + wide, spot.y + 6)
            inside = box[0] >= 2 and box[2] <= frame.width - 2
            if inside and not any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken):
                taken.append(box)
                at = left + wide if look.endswith("end") else left
                drawn.append(text(at, spot.y + 4, name, look, font_size=11.5))
                break
    return drawn


def draw(rows: Sequence[Row], frame: Frame) -> Picture:
    """The map; the largest circles lie lowest, so that none is hidden."""
    sheet = _Sheet(frame.width)
    spots = _spots(rows, sheet, 7)
    most = max((spot.events for spot in spots), default=1)
    largest = 9.0 if frame.narrow else 17.0
    radii = [max(2.6, largest * (spot.events / max(most, 6)) ** 0.5) for spot in spots]
    circles = [_circle(s, r, frame) for s, r in zip(spots, radii, strict=True)]
    placed = sum(spot.events for spot in spots)
    vague = sum(of_states(rows).values())
    told = f"{plural(placed, 'event')} in {plural(len(spots), 'spot')}; {vague:,} more in states without a town."
    return Picture(
        "map", "Where events happened", told, frame.width, sheet.height + 34,
        (el("rect", look="sea", width=frame.width, height=sheet.height, rx=4), *_land(rows, frame), *circles,
         *_names(spots, radii, frame), *_legend(sheet.height + 24, most, frame)),
    )  # fmt: skip


def _legend(y: float, most: int, frame: Frame) -> list[Element]:
    drawn, x = [], 0.0
    vague = "no town told" if frame.narrow else "in the state, no town told"
    for look, words in (("q2", "cooperation"), ("q4", "conflict"), ("land2", vague)):
        if look == "land2":
            drawn.append(el("rect", look=look, x=x, y=y - 10, width=14, height=11))
        else:
            drawn.append(el("circle", look=look, cx=x + 6, cy=y - 4, r=5))
        drawn.append(text(x + 19, y, words, "soft small"))
        x += 19 + width_of(words, 12) + 14
    if not frame.narrow:
        source = f"largest circle: {plural(most, 'event')} · Natural Earth, Equal Earth projection"
        drawn.append(text(frame.width, y, source, "soft small end"))
    return drawn
