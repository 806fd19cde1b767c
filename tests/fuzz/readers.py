"""Articles in each format that is read, and what holds of whatever bytes a file of it has."""

from __future__ import annotations

import csv
import dataclasses
import gzip
import io
from collections.abc import Iterator

import pyoxigraph as ox
from hypothesis import strategies as st

from kg.config import Settings
from kg.model import Article
from kg.sources import Failure
from kg.sources.formats import FORMATS
from kg.sources.origin import Origin
from kg.triples.iris import Iris
from tests.fuzz import texts
from tests.fuzz.target import Target

_SETTINGS = Settings(max_article_bytes=20_000)
_TEXT = " ".join(texts.SENTENCES[:6])


def _read(name: str, data: bytes) -> None:
    """A reader gives articles and failures, whatever the bytes; what it gives can be written as triples."""
    for item in FORMATS[name].items(io.BytesIO(data), Origin("given", "given.x"), _SETTINGS):
        assert isinstance(item, Article | Failure)
        if isinstance(item, Article):
            whole(item)
        else:
            assert item.reason
            assert "\n" not in item.reason, item.reason


def whole(article: Article) -> None:
    """An article is as the pipeline needs it: blocks in order and inside, everything in it can be written down."""
    ends = 0
    for block in article.blocks:
        assert ends <= block.start < block.end <= len(article.text)
        ends = block.end
    for field in dataclasses.fields(article):
        str(getattr(article, field.name)).encode()  # no halves of surrogate pairs
    ox.NamedNode(f"http://a.invalid/id/article/{article.id}")
    Iris("http://a.invalid/").article(article.id)


_JSON = st.dictionaries(
    st.sampled_from(("text", "id", "title", "date", "url", "outlet", "author", "license", "language", "x")),
    st.one_of(
        texts.any_text(), st.sampled_from((_TEXT, "2016-01-26", "en", "0001-01-01T00:00:00+14:00")), texts.json_values()
    ),
)
_PAGE = (
    b"<html><head><title>Talks</title><meta property='article:published_time' content='2016-01-26'><script type='application/ld+json'>"
    b'{"@type": "NewsArticle", "headline": "Talks", "author": [{"name": "Ann"}], "datePublished": "2016-01-26T10:00:00Z"}</script></head>'
    b"<body><article><h1>Talks</h1><p>" + _TEXT.encode() + b"</p><p>" + _TEXT.encode() + b"</p></article></body></html>"
)
_FEED = (
    b"<?xml version='1.0'?><rss version='2.0'><channel><title>News</title><item><title>Talks</title><link>http://a.invalid/x</link>"
    b"<pubDate>Tue, 26 Jan 2016 10:00:00 GMT</pubDate><description>"
    + _TEXT.encode()
    + b"</description></item></channel></rss>",
    b"<feed xmlns='http://www.w3.org/2005/Atom'><title>N</title><entry><title>T</title><updated>2016-01-26T00:00:00Z</updated>"
    b"<content type='html'>&lt;p&gt;" + _TEXT.encode() + b"&lt;/p&gt;</content></entry></feed>",
)
_TABLE = (
    b'id,text,date\n1,"' + _TEXT.encode() + b'",2016-01-26\n',
    b"\xff\xfe" + f"text\tid\n{_TEXT}\t2\n".encode("utf-16-le"),
)


def _warc(page: bytes, kind: bytes = b"text/html; charset=utf-8") -> bytes:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\n\r\n" + page
    head = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.invalid/x\r\nWARC-Date: 2016-01-26T10:00:00Z\r\n"
        b"WARC-Record-ID: <urn:uuid:1>\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: "
    )
    return head + str(len(answer)).encode() + b"\r\n\r\n" + answer + b"\r\n\r\n"


_WARC = (_warc(_PAGE), gzip.compress(_warc(_PAGE), mtime=0), _warc(_PAGE, b"text/html; charset=hex") * 2)


def _jsonlines() -> st.SearchStrategy[bytes]:
    line = st.one_of(_JSON.map(texts.json_bytes), texts.json_values().map(texts.json_bytes), st.binary(max_size=40))
    odd = st.sampled_from(
        (
            b'{"text": ' + b"[" * 5_000,
            b'{"id": ' + b"9" * 5_000 + b"}",
            b'{"text": "\\ud800"}',
            b"\xef\xbb\xbf{}",
            b"NaN",
        )
    )
    return st.lists(st.one_of(line, odd), max_size=4).map(b"\n".join)


def _csv() -> st.SearchStrategy[bytes]:
    def written(rows: list[list[str]]) -> bytes:
        out = io.StringIO()
        csv.writer(out).writerows([["text", "id", "date"], *rows])
        return out.getvalue().encode(errors="replace")

    cell = st.one_of(texts.any_text(), st.sampled_from((_TEXT, "2016-01-26")))
    return st.one_of(st.lists(st.lists(cell, min_size=2, max_size=4), max_size=4).map(written), texts.tampered(_TABLE))


def _plain_bytes() -> st.SearchStrategy[bytes]:
    coded = st.tuples(
        st.one_of(texts.texts(300), texts.prose()),
        st.sampled_from(("utf-8", "utf-16", "utf-8-sig", "cp1252", "utf-32")),
    )
    return st.one_of(coded.map(lambda pair: pair[0].encode(pair[1], errors="replace")), st.binary(max_size=200))


def targets() -> Iterator[tuple[str, Target]]:
    """The readers by the names of their formats."""
    yield "text", (_plain_bytes(), lambda data: _read("text", data))
    yield "html", (st.one_of(texts.tampered((_PAGE,)), st.binary(max_size=60)), lambda data: _read("html", data))
    yield "feed", (texts.tampered(_FEED), lambda data: _read("feed", data))
    yield "jsonlines", (_jsonlines(), lambda data: _read("jsonlines", data))
    yield "table", (_csv(), lambda data: _read("table", data))
    yield "warc", (texts.tampered(_WARC), lambda data: _read("warc", data))
