"""Writes SVG: elements as values, text escaped, numbers short, and the same bytes for the same picture.

https://www.w3.org/TR/SVG2/. Colours stand in presentation attributes, so that a picture keeps them in any viewer and needs no
style of its own, which the pages' Content-Security-Policy would refuse; in a page the style sheet (``static/pictures.css``)
overrides them by the same class names, for dark mode.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "http://www.w3.org/2000/svg"
#: What an average letter is wide, as a share of the size of its font, in the wider ones of the fonts that viewers have: enough
#: to tell whether two labels would meet.
_LETTER = 0.6

#: Class of an element -> its presentation attributes: how it looks wherever no style sheet says otherwise.
LOOKS: dict[str, dict[str, str]] = {
    "paper": {"fill": "#ffffff"},
    "ink": {"fill": "#1c2430"},
    "soft": {"fill": "#5a6472"},
    "small": {"font-size": "11"},
    "strong": {"font-weight": "600"},
    "line": {"stroke": "#d7dce2", "stroke-width": "1", "fill": "none"},
    "axis": {"stroke": "#5a6472", "stroke-width": "1", "fill": "none"},
    "panel": {"fill": "#f4f6f8"},
    "q1": {"fill": "#5a9bc9"},
    "q2": {"fill": "#1c4f8c"},
    "q3": {"fill": "#e09140"},
    "q4": {"fill": "#b3302a"},
    "s1": {"stroke": "#5a9bc9"},
    "s2": {"stroke": "#1c4f8c"},
    "s3": {"stroke": "#e09140"},
    "s4": {"stroke": "#b3302a"},
    "hollow": {"fill": "#ffffff", "stroke-width": "1.75"},
    "friendly": {"stroke": "#4086b8", "fill": "none"},
    "mixed": {"stroke": "#8a8f98", "fill": "none"},
    "hostile": {"stroke": "#b3302a", "fill": "none"},
    "node": {"fill": "#2c3644", "stroke": "#ffffff", "stroke-width": "1.5"},
    "halo": {"stroke": "#ffffff", "stroke-width": "3", "stroke-linejoin": "round", "paint-order": "stroke"},
    "rim": {"stroke": "#ffffff", "stroke-width": "1"},
    "sea": {"fill": "#f4f6f8"},
    "land": {"fill": "#dfe3e8", "stroke": "#ffffff", "stroke-width": "0.5"},
    "land1": {"fill": "#d9d6cb", "stroke": "#ffffff", "stroke-width": "0.5"},
    "land2": {"fill": "#c9c3ad", "stroke": "#ffffff", "stroke-width": "0.5"},
    "land3": {"fill": "#b0a686", "stroke": "#ffffff", "stroke-width": "0.5"},
    "end": {"text-anchor": "end"},
    "middle": {"text-anchor": "middle"},
    # seen by the pointer alone: what a finger or mouse can hit around a thin mark
    "hit": {"fill": "#ffffff", "fill-opacity": "0"},
}


def number(value: float) -> str:
    """A coordinate with one decimal at most, so that pictures are small and the same on every machine."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


@dataclass(frozen=True)
class Element:
    """One element; a string among the children is text."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Element | str, ...] = ()

    def render(self) -> str:
        """The element as XML."""
        inner = "".join(escape(c) if isinstance(c, str) else c.render() for c in self.children)
        names = "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes)
        return f"<{self.name}{names}>{inner}</{self.name}>" if inner else f"<{self.name}{names}/>"


def el(tag: str, *children: Element | str | None, look: str = "", **attributes: str | float | None) -> Element:
    """An element; ``look`` are class names of ``LOOKS``, "_" in a name stands for "-", None leaves one out."""
    given = {n.rstrip("_").replace("_", "-"): v for n, v in attributes.items() if v is not None}
    looks = {name: value for part in look.split() for name, value in LOOKS.get(part, {}).items()}
    named = {"class": look} if look else {}
    values = {n: v if isinstance(v, str) else number(v) for n, v in (named | looks | given).items()}
    return Element(tag, tuple(values.items()), tuple(c for c in children if c is not None))


def text(x: float, y: float, words: str, look: str = "ink", **attributes: str | float | None) -> Element:
    """Words, with their start (or middle or end) at x and their base line at y."""
    return el("text", words, look=look, x=x, y=y, **attributes)


def link(address: str, title: str, *children: Element | None) -> Element:
    """What leads to an address; the title is what a reader hears and the pointer shows."""
    return el("a", el("title", title), *children, href=address)


def width_of(words: str, size: float) -> float:
    """About how wide some words are."""
    return len(words) * size * _LETTER


def cut(words: str, room: float, size: float) -> str:
    """Words as far as there is room for them."""
    most = max(1, int(room / (size * _LETTER)))
    return words if len(words) <= most else words[: most - 1].rstrip(" ,;:–-") + "…"


@dataclass(frozen=True)
class Picture:
    """A finished drawing.

    Args:
        name: unique among the pictures of a page.
        look: classes of the root, such as "wide".
    """

    name: str
    title: str
    description: str
    width: float
    height: float
    children: tuple[Element, ...]
    look: str = ""

    def named(self, name: str, look: str) -> Picture:
        """The same under another name, with classes of its own."""
        return replace(self, name=name, look=look)

    def render(self, *, alone: bool) -> str:
        """The picture as XML.

        Args:
            alone: a file of its own, not a part of a page.

        In a page it is a group of links, not an image: what is inside an image is hidden from screen readers
        (https://www.w3.org/TR/wai-aria-1.2/#img, "Children Presentational").
        """
        root = el(
            "svg",
            el("title", self.title, id=f"{self.name}-title"),
            el("desc", self.description, id=f"{self.name}-desc"),
            el("rect", look="paper", width=self.width, height=self.height),
            *self.children,
            xmlns=NAMESPACE,
            viewBox=f"0 0 {number(self.width)} {number(self.height)}",
            class_=f"picture {self.look}".strip(),
            role="img" if alone else "group",
            aria_labelledby=f"{self.name}-title",
            aria_describedby=f"{self.name}-desc",
            font_family="system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif",
            font_size="12.5",
            width=self.width if alone else None,
            height=self.height if alone else None,
        )
        declaration = '<?xml version="1.0" encoding="UTF-8"?>\n' if alone else ""
        return declaration + root.render() + ("\n" if alone else "")
