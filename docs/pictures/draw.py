"""Draws ``data-model.svg`` and ``architecture.svg``: run it after a change of what they show.

    python docs/pictures/draw.py

Names are checked: a class or property that the ontology has not, or a folder that the code has not, is an error. The tests
compare what this draws with the files. Colours are those of the pages, light and dark.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from kg.triples.vocab import named

HERE = Path(__file__).resolve().parent
_ROOMS = HERE.parents[1] / "kg"
_STYLE = """
text { font: 14px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: #1d2126 }
.name { font-weight: 600; font-size: 15px }
.soft, .label { fill: #585f68; font-size: 13px }
.box { fill: #f4f1ea; stroke: #b9b2a3 }
.fact { fill: #e2eff0; stroke: #0d5560 }
.band { fill: none; stroke: #ddd7cb }
.ground { fill: #fdfcfa }
.arrow { fill: none; stroke: #585f68; stroke-width: 1.5 }
.head { fill: #585f68 }
@media (prefers-color-scheme: dark) {
  text { fill: #e9e6df }
  .soft, .label { fill: #a9adb3 }
  .box { fill: #1f2226; stroke: #565b63 }
  .fact { fill: #163338; stroke: #7fd0d8 }
  .band { stroke: #363a40 }
  .ground { fill: #15171a }
  .arrow { stroke: #a9adb3 }
  .head { fill: #a9adb3 }
}
"""
_WIDTH, _HEIGHT = 230, 128
_COLUMNS, _ROWS = (10, 330, 650), (10, 218, 426)
#: Class -> column, row, whether it is a fact with evidence, and its terms; a line behind a "~" is words, not terms.
CLASSES: dict[str, tuple[int, int, bool, tuple[str, ...]]] = {
    "Article": (0, 0, False, ("schema:headline", "schema:datePublished", "schema:publisher")),
    "Statement": (1, 0, True, ("quote, paraphrase", "speaker, sayingVerb", "channel, stance, negated")),
    "Tenure": (2, 0, True, ("holder, office", "observedFrom, observedUntil", "former")),
    "Passage": (0, 1, False, ("oa:hasSelector", "~the words, and their place", "~in the text by characters")),
    "Event": (
        1,
        1,
        True,
        ("ploverType, cameoCode", "earliestDate, latestDate", "modality, confidence", "partOf, follows"),
    ),
    "Participation": (2, 1, False, ("role, side", "mention, officeTitle")),
    "EventAcrossArticles": (0, 2, False, ("articleCount, outletCount", "disagreesOn, claim", "confidence")),
    "Actor": (2, 2, False, ("Person, State", "Organization, Group", "actsFor, isoCode, size")),
}
#: What an event leads to besides, one below the other.
_LESSER = ("Place", "skos:Concept", "Instrument")
#: Path, label, where the label stands and how it is set.
_ARROWS = (
    ("M330 282 H240", "evidence", 285, 274, "middle"),
    ("M330 74 H285 V250 H240", "evidence", 292, 160, "start"),
    ("M125 218 V138", "oa:hasSource", 133, 184, "start"),
    ("M445 218 V138", "accordingTo", 453, 184, "start"),
    ("M560 282 H650", "participation", 605, 274, "middle"),
    ("M765 218 V138", "inCapacity", 773, 184, "start"),
    ("M765 346 V426", "actor, onBehalfOf", 773, 392, "start"),
    ("M445 346 V426", "place, topic, concerns", 453, 392, "start"),
    ("M240 490 H285 V314 H330", "reportedAs", 292, 408, "start"),
)


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    kind = f' class="{kind}"' if kind else ""
    anchor = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:g}" y="{y:g}"{kind}{anchor}>{escape(words)}</text>'


def _box(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5" class="{kind}"/>'


def _checked(line: str) -> str:
    """A line of terms; one that no vocabulary of this project has is an error."""
    if line.startswith("~"):
        return line[1:]
    for term in line.split(", "):
        named(term if ":" in term else f"dipl:{term}")
    return line


def _svg(width: int, height: int, title: str, parts: Iterator[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n"
        '<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z" class="head"/></marker></defs>\n'
        f'<rect width="{width}" height="{height}" class="ground"/>\n{body}\n</svg>\n'
    )


def _model() -> Iterator[str]:
    for path, label, x, y, anchor in _ARROWS:
        yield f'<path d="{path}" class="arrow" marker-end="url(#end)"/>'
        yield _text(x, y, _checked(label), "label", anchor)
    for name, (column, row, fact, lines) in CLASSES.items():
        named(f"dipl:{name}")
        x, y = _COLUMNS[column], _ROWS[row]
        yield _box(x, y, _WIDTH, _HEIGHT, "box fact" if fact else "box")
        yield _text(x + 14, y + 27, name, "name")
        for at, line in enumerate(lines):
            yield _text(x + 14, y + 51 + 20 * at, _checked(line), "soft")
    for at, name in enumerate(_LESSER):
        named(name if ":" in name else f"dipl:{name}")
        y = _ROWS[2] + 45 * at
        yield _box(_COLUMNS[1], y, _WIDTH, 38, "box")
        yield _text(_COLUMNS[1] + 14, y + 25, "Topic (skos:Concept)" if ":" in name else name, "name")


#: Band -> its folders of ``kg/`` with a word on each.
BANDS: dict[str, dict[str, str]] = {
    "What is known beforehand, and readers beside the rules": {
        "data": "lists, frames",
        "registry": "who is who",
        "tagger": "learned reader",
        "llm": "third reader, off",
    },
    "Read an article": {
        "sources": "bytes to text",
        "language": "parse",
        "mentions": "names, dates",
        "facts": "who did what",
        "triples": "to RDF",
    },
    "Keep": {
        "store": "graphs, snapshots",
        "identity": "what is one",
        "imports": "GDELT, ICEWS",
        "operating": "backup, check",
    },
    "Answer": {
        "sparql": "guarded workers",
        "search": "names, words",
        "tables": "event table",
        "jsonld": "documents",
        "exports": "dumps, changes",
    },
    "Reach people and programs": {
        "web": "pages, endpoint",
        "commands": "kg …",
        "graph": "Python",
        "spark": "clusters",
    },
}
#: Which band leads to which: from the lower edge of one to the upper edge of the other.
_BAND, _GAP, _MARGIN = 92, 34, 10


def _rooms() -> Iterator[str]:
    for row, (title, rooms) in enumerate(BANDS.items()):
        y = _MARGIN + row * (_BAND + _GAP)
        if row:
            yield f'<path d="M445 {y - _GAP + 2} V{y - 3}" class="arrow" marker-end="url(#end)"/>'
        yield _box(_MARGIN, y, 870, _BAND, "band")
        yield _text(_MARGIN + 14, y + 22, title, "soft")
        for at, (name, word) in enumerate(rooms.items()):
            if not (_ROOMS / name).is_dir():
                raise SystemExit(f"There is no folder kg/{name}.")
            x = _MARGIN + 14 + at * 170
            yield _box(x, y + 32, 160, 50, "box fact" if title == "Read an article" else "box")
            yield _text(x + 12, y + 53, f"{name}/", "name")
            yield _text(x + 12, y + 72, word, "soft")
            if title == "Read an article" and at + 1 < len(rooms):
                yield f'<path d="M{x + 160} {y + 57} h9" class="arrow" marker-end="url(#end)"/>'


def drawings() -> dict[str, str]:
    """The files by their names."""
    height = 2 * _MARGIN + len(BANDS) * (_BAND + _GAP) - _GAP
    return {
        "data-model.svg": _svg(890, 564, "The classes of the ontology and what leads from one to another", _model()),
        "architecture.svg": _svg(890, height, "The folders of the code from reading to answering", _rooms()),
    }


if __name__ == "__main__":
    for name, text in drawings().items():
        (HERE / name).write_text(text, encoding="utf-8")
