"""HTML pages: the body as trafilatura finds it, with what the page says of itself."""

from __future__ import annotations

import codecs
import logging
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from kg.config import Settings
from kg.errors import NoArticleError, SourceError
from kg.model import Article
from kg.sources.article import make_article
from kg.sources.failure import Failure, failure
from kg.sources.origin import Origin
from kg.sources.page_data import PageData, page_data

#: Of a page without an article menus and buttons are left; a report in one sentence has more words.
FEWEST_WORDS = 12

_META_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w:.-]{2,40})""", re.IGNORECASE
)
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
#: What browsers read when they read these (WHATWG Encoding Standard).
_READ_AS = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "utf-16": "utf-8"}

#: Encodings that no page is in; the time of some grows with the square of what they decode.
_NO_PAGES = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7", "undefined"})
#: Attributes of one element: the libraries that parse pages take time that grows with the square of them.
_MOST_ATTRIBUTES = 1_000
#: A tag with as many, as HTML's own tokens go (section 13.2.5 of the standard); nothing in it is gone through twice.
_OVERLOADED = re.compile(
    rf"""<[a-zA-Z][^\s/>]*+(?>[\s/]*+=?[^\s/>=]++(?:\s*+=\s*+(?>"[^"]*+"|'[^']*+'|[^\s>]++)?)?){{{_MOST_ATTRIBUTES + 1}}}"""
)

# the libraries tell of pages they find nothing in; this program tells of them in its own words
for _name in ("trafilatura", "htmldate", "courlan", "justext"):
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False


def _codec(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name
        "".encode(found)  # what packs bytes, and is no encoding of text, is refused here
    except (LookupError, ValueError):
        return None
    return None if found in _NO_PAGES else found


def decode(data: bytes, charset: str | None = None) -> str:
    """Bytes of a page to text, in the order of the HTML standard: mark, the server's word, the page's word, UTF-8, cp1252.

    A stray byte becomes U+FFFD, as in browsers: pages with one are common, and the rest of them reads.

    Raises:
        SourceError: it is binary.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, errors="replace")
    if b"\0" in data:
        raise SourceError("it is binary, not text")
    stated = _META_CHARSET.search(data[:2048])
    for told in (charset, stated[1].decode("ascii", "ignore") if stated else None):
        if told and (codec := _codec(told)):
            codec = _READ_AS.get(codec, codec)
            return data.decode(codec, errors="replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _without_outlet(title: str | None, outlet: str | None) -> str | None:
    """A title without the outlet's name that pages add to it."""
    if title and outlet:
        for between in (" | ", " - ", " – ", " — ", " :: "):
            shorter = title.removesuffix(between + outlet)
            if shorter != title and shorter.strip():
                return shorter.strip()
    return title


def _body(tree: Any, url: str | None) -> tuple[str, PageData]:
    """The article's text and what trafilatura takes for its title, author and outlet: not its date, which may be a guess."""
    # half a second: a run without pages need not wait for it
    from trafilatura import bare_extraction, extract_metadata

    try:
        found = bare_extraction(tree, url=url, include_comments=False, include_tables=False)
        meta = extract_metadata(tree, default_url=url, date_config={"extensive_search": False})
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise NoArticleError(f"its HTML cannot be read ({type(error).__name__})") from None
    text = getattr(found, "text", None) or ""
    return text, PageData(title=meta.title, author=meta.author, outlet=meta.sitename)


def read(data: bytes, origin: Origin, known: PageData | None = None) -> Article:
    """One page to its article.

    Args:
        known: what a feed says of the page, for what the page does not say itself.

    Raises:
        NoArticleError: no article's text is found in it.
        SourceError: it is no page, or its text is not English.
    """
    from trafilatura import load_html

    text = _DECLARATION.sub("", decode(data, origin.charset))
    if not text.strip():
        raise SourceError("it is empty")
    if _OVERLOADED.search(text):
        raise SourceError(f"it has an element with more than {_MOST_ATTRIBUTES:,} attributes")
    tree = load_html(text)
    if tree is None:
        raise NoArticleError("no HTML is found in it")
    stated = page_data(tree, origin.url).or_else(known or PageData())
    body, guessed = _body(tree, origin.url)
    if len(body.split()) < FEWEST_WORDS:
        raise NoArticleError("no article's text is found in it")
    stated = stated.or_else(guessed)
    return make_article(
        body,
        source=origin.source,
        title=_without_outlet(stated.title, stated.outlet),
        published=stated.published,
        url=stated.url,
        outlet=stated.outlet,
        author=stated.author,
        license=stated.license,
        fetched=origin.fetched,
    )


def items(stream: BinaryIO, origin: Origin, settings: Settings) -> Iterator[Article | Failure]:
    """The one article of a page."""
    data = stream.read(settings.max_article_bytes + 1)
    try:
        if len(data) > settings.max_article_bytes:
            raise SourceError(f"it is longer than {settings.max_article_bytes:,} bytes")
        yield read(data, origin)
    except SourceError as error:
        yield failure(origin.name, error)
