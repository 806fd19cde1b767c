"""Splits a page's text into paragraph-like blocks and tells what each is, by evidence that holds on any news page.

The words that the evidence rests on are in ``kg/data/boilerplate.txt``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache

from kg.model import Block, BlockKind
from kg.sources.lists import boilerplate

#: Hard-wrapped text: no line is longer than this, and the lines that are not last are mostly at least two fifths as long.
WRAP_WIDTH = 100
#: Longest headline, in words; news agencies' stay far below.
LONGEST_HEADLINE = 25
#: Fewest words of a headline; shorter lines before the body are sections and buttons.
SHORTEST_HEADLINE = 4
#: A headline that is a question is short; longer questions are the body's.
LONGEST_QUESTION = 12
#: Longest caption, in words.
LONGEST_CAPTION = 70
#: Words that are written small in a title although the others are written large.
_SMALL = frozenset(
    "a an and as at but by for from in into nor of off on or over per the to up via vs with after before amid".split()
)

_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_ENDS_SENTENCE = re.compile(r"""[.!?…:;,]["'”’»)\]]*$""")
_ENDS_FULLY = re.compile(r"""[.!?…]["'”’»)\]]*$""")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_FULL_DATE = re.compile(rf"(?:{_MONTH}\s+\d{{1,2}},?\s+\d{{4}}|\d{{1,2}}\s+{_MONTH},?\s+\d{{4}})")
#: Where the lists' phrases stand in a caption: one of the first is enough, of the second it takes two (or one and a date).
_CAPTION_ENDS = (("file", r"^(?:{})"), ("credit", r"[(\[](?:{})\b[^)\]]*[)\]]\.?$"), ("credit", r"^(?:{})\s*[/:]"))
_AFTER_MODAL = "".join(f"(?<!{word} )" for word in "to will would can could may might must should not".split())
_CAPTION_MARKS = (
    ("position", r"(?:, (?:{})\b(?=,|\.| and\b)|[(\[](?:{})[)\]])"),
    ("scene", rf"(?<![’']){_AFTER_MODAL}\b(?:{{}})\b(?! of\b)"),
)
#: Points that end no sentence.
_POINTS = re.compile(rf"{_MONTH}|\b[A-Z]\.|\b[A-Z][a-z]{{1,4}}\.")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_BYLINE = re.compile(
    r"^(?:by|written by|reported by|story by)\s+(?:[A-Z][\w.'’-]*(?:,?\s+(?:and\s+)?|$)){1,8}$", re.IGNORECASE
)
_DATE_LABEL = re.compile(
    r"^(?:posted|published|updated|last updated|first published|date|on|at)\b[\s:]*", re.IGNORECASE
)
_CLOCK = re.compile(
    r"\b(?:\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\.?)?|[ap]\.?m\.?|[A-Z]{3,4}|GMT[+-]?\d*)(?=\W|$)|[|,•·–—-]", re.IGNORECASE
)
_WEEKDAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b,?", re.IGNORECASE)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’.-][^\W_]+)*", text)


def _wrapped(lines: list[str]) -> bool:
    """Whether lines without an empty one between them are one paragraph broken at a column, not paragraphs."""
    inner = lines[:-1]
    if not inner or max(map(len, lines)) > WRAP_WIDTH:
        return False
    broken = [line for line in inner if len(line) >= 0.4 * WRAP_WIDTH and not _ENDS_FULLY.search(line)]
    return 2 * len(broken) > len(inner) and sum(map(len, lines)) <= WRAP_WIDTH * 200


def _chunks(text: str) -> Iterator[list[tuple[int, int]]]:
    """The begins and ends of lines that have no empty line between them, without the white space around each."""
    lines: list[tuple[int, int]] = []
    for match in _LINE.finditer(text):
        line = match[1].strip()
        if line:
            begin = match.start() + match[1].index(line[0])
            lines.append((begin, begin + len(line)))
        elif lines:
            yield lines
            lines = []
    if lines:
        yield lines


def spans(text: str) -> Iterator[tuple[int, int]]:
    """The blocks' begins and ends in characters, without the white space around them.

    An empty line ends a block; so does every line's end, unless the text is hard-wrapped there.
    """
    for lines in _chunks(text):
        if _wrapped([text[begin:end] for begin, end in lines]):
            yield lines[0][0], lines[-1][1]
        else:
            yield from lines


@cache
def _either(where: str, pattern: str) -> re.Pattern[str]:
    """A pattern with the phrases of one list of ``kg/data/boilerplate.txt`` in the place of its braces."""
    phrases = sorted(boilerplate()[where], key=lambda phrase: (-len(phrase), phrase))
    return re.compile(pattern.replace("{}", "|".join(map(re.escape, phrases))))


def _normal(block: str) -> str:
    return " ".join(block.replace("’", "'").casefold().split()).strip(" .:;,!?|>»›…-–—[]()*#•")


def _is_boilerplate(block: str) -> bool:
    lists, normal = boilerplate(), _normal(block)
    count = len(normal.split())
    return (
        not re.search(r"[^\W_]", block)
        or normal in lists["exact"]
        or normal in lists["related"]
        or (count <= 25 and _either("starts", r"^(?:{})(?!\w)").search(normal) is not None)
        or (count <= 40 and any(phrase in normal.replace(",", "") for phrase in lists["contains"]))
    )


def printed_date(block: str) -> dt.date | None:
    """The date of a block that is nothing but a date, with a label or a time of day; None for any other block."""
    found = _FULL_DATE.search(block) or _ISO_DATE.search(block)
    if not found or len(block) > 80:
        return None
    rest = _DATE_LABEL.sub("", block[: found.start()]) + " " + block[found.end() :]
    if _WEEKDAY.sub("", _CLOCK.sub("", rest)).strip(" .,:T()Z0123456789"):
        return None
    if len(parts := re.findall(r"[A-Za-z]+|\d+", found[0])) != 3:
        return None
    month = next((_MONTHS.index(p[:3].lower()) + 1 for p in parts if p.isalpha()), None)
    numbers = [int(p) for p in parts if p.isdigit()]
    try:
        if month is None:
            return dt.date(*numbers)
        return dt.date(max(numbers), month, min(numbers))
    except ValueError:
        return None


def _is_caption(block: str) -> bool:
    """Whether a block describes a picture: it opens or closes as captions do, or shows two of their lesser marks."""
    flat = " ".join(block.split())
    lower = flat.casefold()
    if len(flat.split()) > LONGEST_CAPTION:
        return False
    if any(_either(where, pattern).search(lower) for where, pattern in _CAPTION_ENDS):
        return True
    plain = _POINTS.sub("", flat)
    if len(re.findall(r"[.!?][\"”’']?\s+[A-Z]", plain)) > 1 or "“" in flat:
        return False  # more than two sentences, or quoted speech: prose
    dates = [m.end() for m in _FULL_DATE.finditer(flat)]
    marks = [_either(where, pattern).search(lower) is not None for where, pattern in _CAPTION_MARKS]
    return sum(marks) + (bool(dates) and len(flat) - dates[-1] <= 25) >= 2


def _is_title(block: str) -> bool:
    words = _words(block)
    if not words or len(words) > LONGEST_HEADLINE:
        return False
    if block.rstrip("'\"’”").endswith("?") and len(words) <= LONGEST_QUESTION:
        return True
    if not _ENDS_SENTENCE.search(block):
        return True
    large = [w for w in words if w.casefold() not in _SMALL]
    capitals = sum(not w[0].islower() for w in large)
    return len(large) >= SHORTEST_HEADLINE and capitals == len(large) and bool(_ENDS_FULLY.search(block))


def _is_prose(block: str) -> bool:
    return bool(_ENDS_FULLY.search(block)) and len(_words(block)) >= 5 and not _is_title(block)


def _kinds(pieces: list[str], title: str | None) -> Iterator[BlockKind]:
    prose = (i for i, p in enumerate(pieces) if _is_prose(p) and not _is_boilerplate(p) and not _is_caption(p))
    body = next(prose, 0)  # without prose nothing stands before it
    wanted, seen = _normal(title or ""), set()
    needs_headline, after_related = not title, False
    for i, piece in enumerate(pieces):
        normal, is_title, is_short = _normal(piece), _is_title(piece), len(_words(piece)) < SHORTEST_HEADLINE
        after_related = normal in boilerplate()["related"] or (after_related and is_title)
        if normal in seen or after_related or _is_boilerplate(piece) or printed_date(piece):
            kind = BlockKind.CLUTTER
        elif _is_caption(piece):
            kind = BlockKind.CAPTION
        elif is_title and (normal == wanted or (needs_headline and i < body and not is_short)):
            kind, needs_headline = BlockKind.HEADLINE, False
        elif (i < body and _BYLINE.match(piece)) or (is_title and is_short and not _ENDS_SENTENCE.search(piece)):
            kind = BlockKind.CLUTTER
        else:
            kind = BlockKind.PARAGRAPH
        if kind is not BlockKind.CLUTTER:
            seen.add(normal)
        yield kind


def blocks(text: str, title: str | None = None) -> tuple[Block, ...]:
    """The blocks of a text in their order; every character that is not white space is in exactly one.

    Args:
        text: the article's text, unchanged.
        title: the title where the source gives it apart; then the block that repeats it is the headline.

    A text of a single block is a paragraph, whatever it looks like: it was not taken from a page.
    """
    found = list(spans(text))
    if len(found) == 1:
        return (Block(*found[0], BlockKind.PARAGRAPH),)
    kinds = _kinds([text[b:e] for b, e in found], title)
    return tuple(Block(b, e, kind) for (b, e), kind in zip(found, kinds, strict=True))


def page_date(text: str, found: tuple[Block, ...]) -> dt.date | None:
    """The date that a page prints on a line of its own before its body; None where there is none."""
    for block in found:
        if block.kind is BlockKind.CLUTTER and (date := printed_date(text[block.start : block.end])):
            return date
        if block.kind is BlockKind.PARAGRAPH:
            return None
    return None
