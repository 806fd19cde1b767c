"""Finds quoted words: pairs of quotation marks within a paragraph, and paragraphs whose quotation goes on in the next."""

from __future__ import annotations

from collections.abc import Iterator

from kg.model import Article, Block, BlockKind, Span

_PLAIN = '"'
#: Marks that are typed as two characters, and what stands before one that opens.
_DOUBLED, _BEFORE = ("''", "``"), " \t\n\u00a0([{—–-"


def _marks(text: str, begin: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Where quotation marks begin and end, and whether they open: plain ones by turns, doubled apostrophes after white space."""
    inside, i = False, begin
    while i < end:
        c, width = text[i], 1
        if text[i : i + 2] in _DOUBLED and text[i + 2 : i + 3] != text[i]:
            inside, width = i == begin or text[i - 1] in _BEFORE, 2
            yield i, i + width, inside
        elif c in "“„«":
            inside = True
            yield i, i + width, True
        elif c in "”»":
            inside = False
            yield i, i + width, False
        elif c == _PLAIN:
            inside = not inside
            yield i, i + width, inside
        i += width


def _in_block(article: Article, block: Block) -> Iterator[Span]:
    text, opened = article.text, None
    for start, end, opens in _marks(text, block.start, block.end):
        if opens:
            opened = end
        elif opened is not None:
            yield _span(text, opened, start)
            opened = None
    if opened is not None:  # goes on in the next paragraph, which opens with a mark of its own
        yield _span(text, opened, block.end)


def _span(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] == ","):
        end -= 1  # the comma is the sentence's, not the speaker's
    return Span(start, end, text[start:end])


def find_quotes(article: Article) -> tuple[Span, ...]:
    """The quoted words of an article, without the marks, in their order; captions and clutter are left out."""
    return tuple(
        quote
        for block in article.blocks
        if block.kind is BlockKind.PARAGRAPH
        for quote in _in_block(article, block)
        if quote.text
    )
