"""Finds quoted words: pairs of quotation marks within a paragraph, and paragraphs whose quotation goes on in the next."""

from __future__ import annotations

from collections.abc import Iterator

from kg.model import Article, Block, BlockKind, Span

_OPEN, _CLOSE, _PLAIN = "“", "”", '"'


def _marks(text: str, begin: int, end: int) -> Iterator[tuple[int, bool]]:
    """Where quotation marks stand, and whether they open; a plain mark opens after white space or a bracket."""
    inside = False
    for i in range(begin, end):
        c = text[i]
        if c in "“„«":
            inside = True
            yield i, True
        elif c in "”»":
            inside = False
            yield i, False
        elif c == _PLAIN:
            inside = not inside
            yield i, inside


def _in_block(article: Article, block: Block) -> Iterator[Span]:
    text, opened = article.text, None
    for i, opens in _marks(text, block.start, block.end):
        if opens:
            opened = i
        elif opened is not None:
            yield _span(text, opened + 1, i)
            opened = None
    if opened is not None:  # goes on in the next paragraph, which opens with a mark of its own
        yield _span(text, opened + 1, block.end)


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
