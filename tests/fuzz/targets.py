"""What is fuzzed: each target is a property of a part of the program, which holds for whatever Hypothesis makes.

The tests run each with a bounded number of examples, always the same ones; ``campaign`` runs them for as long as is wished,
led by what atheris sees of the branches that are taken.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import gzip
import io
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from hypothesis import strategies as st

from kg.config import Settings, load_settings
from kg.errors import KgError
from kg.identity.curation import read_curation
from kg.imports import gdelt, icews
from kg.imports.files import cells, lines
from kg.imports.record import RowError
from kg.mentions.dates import bounds_of, find_dates, resolve
from kg.mentions.quotes import find_quotes
from kg.model import Article
from kg.search.words import QueryTextError, asked, conjunction, marked, spans
from kg.sources import Failure
from kg.sources.article import article_id, make_article
from kg.sources.formats import FORMATS
from kg.sources.origin import Origin
from kg.sources.stated import address_date, stated_date
from kg.sparql.lexer import plain, tokens
from kg.triples.iris import Iris
from kg.triples.writer import article_quads
from kg.web.endpoint.fragments import read_term
from tests.fuzz import queries, texts
from tests.fuzz.guard_oracle import agree_on_query, agree_on_update

Target = tuple[st.SearchStrategy[Any], Callable[[Any], None]]
_SETTINGS = Settings(max_article_bytes=20_000)
_TEXT = " ".join(texts.SENTENCES[:6])


def _read(name: str, data: bytes) -> None:
    """A reader gives articles and failures, whatever the bytes; what it gives can be written as triples."""
    for item in FORMATS[name].items(io.BytesIO(data), Origin("given", "given.x"), _SETTINGS):
        assert isinstance(item, Article | Failure)
        if isinstance(item, Article):
            _whole(item)
        else:
            assert item.reason
            assert "\n" not in item.reason, item.reason


def _whole(article: Article) -> None:
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


def _dates(given: tuple[str, dt.date | None, str | None]) -> None:
    text, reference, tense = given
    end = 0
    for mention in find_dates(text):
        assert text[mention.start : mention.end] == mention.text
        assert end <= mention.end
        end = mention.end
        found = resolve(mention, reference, tense)
        bounds_of(mention, reference)
        if found is not None:
            assert found.earliest <= found.latest, found


_DATE_WORDS = (
    "the early mid late end of beginning since between and to until week of last next this past coming year month quarter half first "
    "second third 1st 31st 30 29 Feb. February May march Sept. 11 2016 1 0 99 9999 1990s '90s 19th century two three 365 10000 days "
    "weeks months years decades ago later earlier before from now tomorrow yesterday today tonight Monday Tue. weekend New Year's Eve "
    "Christmas spring fall 2016-02-30 2016-12-31 9/11 — - , . ( ) ’s million recent fiscal on in by over"
).split()


def _dated() -> st.SearchStrategy[Any]:
    words = st.lists(st.one_of(st.sampled_from(_DATE_WORDS), st.integers(0, 10_000).map(str)), max_size=12)
    text = st.one_of(words.map(" ".join), texts.texts(200))
    day = st.one_of(st.none(), st.dates(), st.sampled_from((dt.date.min, dt.date.max, dt.date(2016, 2, 29))))
    return st.tuples(text, day, st.sampled_from((None, "past", "future")))


def _stated(text: str) -> None:
    for found in (stated_date(text), address_date(f"http://a.invalid/{text}/"), address_date(text)):
        assert found is None or isinstance(found, dt.date)


def _prose(text: str) -> None:
    """What looks at text alone: blocks, sentences, quotes, datelines."""
    from kg.language.splitter import dateline, sentence_spans

    try:
        article = make_article(text, source="given", given_id=text[:40] or None, title=text[40:60] or None)
    except KgError:
        return
    _whole(article)
    for quote in find_quotes(article):
        assert article.text[quote.start : quote.end] == quote.text
    end = 0
    for begin, stop in sentence_spans(text):
        assert end <= begin < stop <= len(text)
        end = stop
    assert 0 <= dateline(text) <= len(text)


def _extract(text: str) -> None:
    """The whole path of an article to triples: an answer or a clear error, every span in its place, twice the same."""
    from kg import facts
    from kg.language import load

    try:
        article = make_article(text, source="given")
    except KgError:
        return
    made = []
    for _ in range(2):
        (parsed,) = load(Settings()).parse([article])
        found = facts.extract(parsed)
        for event in found.events:
            for span in (event.trigger, *event.evidence):
                assert article.text[span.start : span.end] == span.text
        for said in found.statements:
            for span in (*said.quotes, *said.evidence):
                assert article.text[span.start : span.end] == span.text
        made.append(ox.serialize(article_quads(found, Iris("http://a.invalid/")), format=ox.RdfFormat.N_QUADS))
    assert made[0] == made[1]
    assert list(ox.parse(made[0] or b"", format=ox.RdfFormat.N_QUADS)) or not made[0]


def _lexed(text: str) -> None:
    try:
        found = list(tokens(text))
        plain(text)
    except KgError:
        return
    for token in found:
        assert text[token.start : token.start + len(token.text)] == token.text


def _term(text: str) -> None:
    try:
        found = read_term("object", text)
    except KgError:
        return
    if found is None:
        return
    again = (
        read_term("object", found.value if isinstance(found, ox.NamedNode) else str(found))
        if not isinstance(found, ox.Literal)
        else found
    )
    assert again == found
    ox.serialize([ox.Triple(ox.NamedNode("a:a"), ox.NamedNode("a:a"), found)], format=ox.RdfFormat.N_TRIPLES)


_TERMS = st.lists(
    st.one_of(
        st.sampled_from(
            (
                '"',
                '"a"',
                "@en",
                "@en-",
                "^^",
                "<",
                ">",
                "http://a/b",
                "xsd:integer",
                "_:b",
                "?x",
                "\\",
                " ",
                "\n",
                "<a:b>",
                "@",
            )
        ),
        st.text(max_size=6),
    ),
    max_size=7,
).map("".join)


def _search_words(text: str) -> None:
    try:
        question = asked(text)
    except QueryTextError:
        return
    for prefix in (False, True):
        wanted = conjunction(question, prefix=prefix)
        if wanted:
            _index().execute("SELECT count(*) FROM t WHERE t MATCH ?", (wanted,)).fetchone()
    assert "".join(piece for piece, _ in marked(text, range(0, 40, 2))) == text
    for start, end, _ in spans(text):
        assert 0 <= start < end <= len(text)


@cache
def _index() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", check_same_thread=False)
    made.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
    made.execute("INSERT INTO t VALUES ('the envoy of France')")
    return made


def _in_a_file(read: Callable[[Path], object], ending: str) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"given{ending}"
            path.write_bytes(data)
            try:
                read(path)
            except KgError as error:
                assert str(error)

    return run


_KEYS = tuple(field.name for field in dataclasses.fields(Settings))


def _toml() -> st.SearchStrategy[bytes]:
    value = st.one_of(
        st.integers(-10, 10**6).map(str),
        st.sampled_from(
            (
                "true",
                "inf",
                "nan",
                "-inf",
                "1e400",
                "[]",
                "{}",
                "[1]",
                "2016-01-26",
                "9" * 400,
                '""',
                "''",
                "0x10",
                "1979-05-27T07:32:00Z",
            )
        ),
        st.text(max_size=12).map(json.dumps),
        st.sampled_from(
            (
                "http://a/",
                "http:// a/",
                "frames",
                "text=body",
                "10.0.0.0/8",
                "utf-8",
                "hex",
                "base64",
                "idna",
                "a\\u0000b",
                "union",
                "on",
                "http://[a/",
            )
        ).map(lambda t: f'"{t}"'),
    )
    line = st.one_of(st.tuples(st.sampled_from(_KEYS), value).map(" = ".join), st.text(max_size=20))
    return st.lists(line, max_size=4).map(lambda found: "\n".join(found).encode(errors="replace"))


def _environment(given: dict[str, str]) -> None:
    try:
        load_settings(environment=given)
    except KgError as error:
        assert str(error)


_CURATION = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(("same-as", "not-same-as", "label", "x", "")),
            st.sampled_from(("person/a", "event/b", "http://a/b", "a b/c", "x", "\u2028/a", "http://[/")),
            st.one_of(st.sampled_from(("person/a", "http://a/b", "Words")), st.text(max_size=10)),
        ).map("\t".join),
        st.text(max_size=20),
    ),
    max_size=5,
).map(lambda found: "\n".join(found).encode(errors="replace"))


def _row_of(width: int) -> st.SearchStrategy[bytes]:
    cell = st.one_of(
        st.just(""),
        st.sampled_from(
            (
                "USA",
                "KHM",
                "040",
                "20160126",
                "0",
                "-1",
                "1e9",
                "nan",
                "inf",
                "²",
                "٣",
                "99999999999999",
                "FR",
                "http://a/ b",
                '"',
                "a\x00",
            )
        ),
        st.text(max_size=8),
    )

    def made(found: list[str], key: str, day: str, code: str) -> bytes:
        found[0], found[1] = key, day
        if width > 26:
            found[26] = code
        return "\t".join(found).encode(errors="replace")

    keys, codes = st.sampled_from(("1", "²", "x", "")), st.sampled_from(("040", "1823", "²0", "0", ""))
    days = st.sampled_from(("20160126", "00010101", "20161301", "2016-01-26", "99991231"))
    return st.builds(made, st.lists(cell, min_size=width, max_size=width), keys, days, codes)


_HEADER = "Event ID\tEvent Date\tSource Name\tSource Country\tCAMEO Code\tTarget Name\tTarget Country\tCountry\tCity\tLatitude\tLongitude\tIntensity"


def _gdelt(row: bytes) -> None:
    try:
        event = gdelt.read(cells(row))
    except RowError:
        return
    _imported(gdelt.COLLECTION, event)


def _icews(row: bytes) -> None:
    try:
        event = icews.Reader(_HEADER.split("\t")).read(cells(row))
    except RowError:
        return
    _imported(icews.COLLECTION, event)


def _imported(collection: Any, event: Any) -> None:
    from kg.imports.writer import ImportWriter

    iris = Iris("http://a.invalid/")
    quads = ImportWriter(collection, iris.imported_graph(collection.name, "x"), iris).events([event])
    text = ox.serialize(list(quads), format=ox.RdfFormat.N_QUADS) or b""
    assert len(list(ox.parse(text, format=ox.RdfFormat.N_QUADS))) > 0


def _all_lines(path: Path) -> None:
    for _, line in lines(path):
        cells(line)


_GZIP = (gzip.compress(b"1\t2\n", mtime=0), b"PK\x05\x06" + b"\0" * 18)


def targets() -> Iterator[tuple[str, Target]]:
    """Every target by its name: what it is given, and what must hold of it."""
    yield "query-guard", (queries.sparql(), agree_on_query)
    yield "update-guard", (queries.sparql(), agree_on_update)
    yield "lexer", (st.one_of(queries.sparql(), texts.any_text()), _lexed)
    yield "text", (_plain_bytes(), lambda data: _read("text", data))
    yield "html", (st.one_of(texts.tampered((_PAGE,)), st.binary(max_size=60)), lambda data: _read("html", data))
    yield "feed", (texts.tampered(_FEED), lambda data: _read("feed", data))
    yield "jsonlines", (_jsonlines(), lambda data: _read("jsonlines", data))
    yield "table", (_csv(), lambda data: _read("table", data))
    yield "warc", (texts.tampered(_WARC), lambda data: _read("warc", data))
    yield "dates", (_dated(), _dates)
    yield (
        "stated-dates",
        (st.one_of(st.text(max_size=30), st.lists(st.sampled_from(_DATE_WORDS), max_size=5).map(" ".join)), _stated),
    )
    yield "article-id", (texts.texts(60), lambda text: _id(text))
    yield "prose", (texts.prose(), _prose)
    yield "extract", (texts.prose(300), _extract)
    yield "fragment-term", (_TERMS, _term)
    yield "search-words", (st.one_of(st.text(max_size=60), texts.texts(20)), _search_words)
    yield "settings-file", (_toml(), _in_a_file(lambda path: load_settings(path, {}), ".toml"))
    yield (
        "environment",
        (
            st.dictionaries(st.sampled_from(_KEYS).map(lambda k: f"KG_{k.upper()}"), st.text(max_size=12), max_size=3),
            _environment,
        ),
    )
    yield "curation", (_CURATION, _in_a_file(lambda path: read_curation(path, "http://a.invalid/"), ".tsv"))
    yield "gdelt", (st.one_of(_row_of(58), _row_of(61), st.binary(max_size=80)), _gdelt)
    yield "icews", (_row_of(12), _icews)
    yield "packed", (texts.tampered(_GZIP), _in_a_file(_all_lines, ".gz"))
    yield "zipped", (texts.tampered(_GZIP), _in_a_file(_all_lines, ".zip"))


def _id(text: str) -> None:
    made = article_id(text or None, "0" * 64)
    assert made == article_id(text or None, "0" * 64)
    ox.NamedNode(f"http://a.invalid/{made}")
