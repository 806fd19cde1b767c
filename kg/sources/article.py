"""What every reader shares: an article's id, its digest, and what is refused whatever the format."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata

from kg.errors import LanguageError, SourceError
from kg.model import Article, BlockKind
from kg.sources.blocks import blocks, page_date
from kg.sources.english import has_words, why_not_english

#: A paragraph or a word longer than this, in characters, is not prose: parsing takes memory in proportion to it.
LONGEST_PARAGRAPH = 100_000
LONGEST_WORD = 5_000
#: Length of an id that is made from the text's digest, in hexadecimal digits.
ID_DIGITS = 16

_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,119}")


def article_id(given: str | None, digest: str) -> str:
    """An id that can stand in an IRI's path: the given one where it can, a readable form of it where it cannot.

    Args:
        given: the id or address that the source gives, or None.
        digest: SHA-256 of the text, hexadecimal; its beginning is the id of an article that comes without one.
    """
    if not given:
        return digest[:ID_DIGITS]
    if _SAFE_ID.fullmatch(given):
        return given
    plain = unicodedata.normalize("NFKD", given).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", re.sub(r"^https?://(www\.)?", "", plain.lower())).strip("-")
    # two ids that differ only in what a slug drops must stay two
    return f"{slug[:60].strip('-') or 'id'}-{hashlib.sha256(given.encode()).hexdigest()[:8]}"


def _refuse_if_not_prose(text: str) -> None:
    for line in text.splitlines():
        if len(line) > LONGEST_PARAGRAPH:
            raise SourceError(f"it has a line of {len(line):,} characters; the limit is {LONGEST_PARAGRAPH:,}")
        if len(line) > LONGEST_WORD and (longest := max(map(len, line.split()), default=0)) > LONGEST_WORD:
            raise SourceError(f"it has a word of {longest:,} characters; the limit is {LONGEST_WORD:,}")


def make_article(
    text: str,
    *,
    source: str,
    given_id: str | None = None,
    title: str | None = None,
    published: dt.date | None = None,
    url: str | None = None,
    outlet: str | None = None,
    author: str | None = None,
    license: str | None = None,  # noqa: A002 -- the record's own word
    fetched: dt.datetime | None = None,
) -> Article:
    """Check a text and make the article.

    Raises:
        LanguageError: the text is not English.
        SourceError: the text is empty or not prose; the message is a clause without the source's name.
    """
    if not text.strip():
        raise SourceError("it is empty")
    _refuse_if_not_prose(text)
    if not has_words(text):
        raise SourceError("it has no words")
    if reason := why_not_english(text):
        raise LanguageError(reason)
    digest = hashlib.sha256(text.encode()).hexdigest()
    found = blocks(text, title)
    if title is None:
        title = next((" ".join(text[b.start : b.end].split()) for b in found if b.kind is BlockKind.HEADLINE), None)
    return Article(
        id=article_id(given_id or url, digest),
        text=text,
        digest=digest,
        blocks=found,
        title=title,
        published=published or page_date(text, found),
        url=url,
        outlet=outlet,
        author=author,
        license=license,
        source=source,
        fetched=fetched,
    )
