"""What all pictures share: how wide they are, where their links lead, and the words and order of the quad classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from kg.web.pictures.svg import Element, el, text

#: Quad class -> its name, and what is in it, in words. PLOVER (Halterman et al. 2023) files its sixteen event types under them.
QUADS = {
    1: ("Verbal cooperation", "meet, agree, support"),
    2: ("Material cooperation", "aid, cooperate, withdraw"),
    3: ("Verbal conflict", "demand, accuse, reject, threaten"),
    4: ("Material conflict", "protest, sanction, mobilise, assault"),
}
WIDE, NARROW = 952.0, 350.0


@dataclass(frozen=True)
class Frame:
    """Where a picture goes.

    Args:
        width: in pixels; ``WIDE``, or ``NARROW`` for a phone.
        thing: the link for an IRI.
        base: what the addresses of pages begin with: "/" in a page, the service's own address in a file.
        filters: what was asked, as it stands in the address.
    """

    width: float
    thing: Callable[[str], str]
    base: str
    filters: Mapping[str, str]

    @property
    def narrow(self) -> bool:
        """Whether it is for a phone."""
        return self.width < 600

    def page(self, name: str, **more: str) -> str:
        """The address of another picture with the same filters, some of them changed."""
        values = {k: v for k, v in {**self.filters, **{k.rstrip("_"): v for k, v in more.items()}}.items() if v}
        return self.base + name + (f"?{urlencode(values)}" if values else "")


def plural(number: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def legend(x: float, y: float, narrow: bool) -> list[Element]:
    """The four quad classes with their colours, in a row or, where there is no room, in two."""
    drawn = []
    for quad, (name, _) in QUADS.items():
        column, row = ((quad - 1) % 2, (quad - 1) // 2) if narrow else (quad - 1, 0)
        left, top = x + column * (168 if narrow else 172), y + row * 18
        drawn.append(el("rect", look=f"q{quad}", x=left, y=top - 9, width=10, height=10, rx=2))
        drawn.append(text(left + 15, top, name, "soft small"))
    return drawn
