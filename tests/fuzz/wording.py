"""What is read from an article's words: dates, quotes, sentences, events; and what is made of the words of a search."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from functools import cache
from typing import Any

import pyoxigraph as ox
from hypothesis import strategies as st

from kg.config import Settings
from kg.errors import KgError
from kg.mentions.dates import bounds_of, find_dates, resolve
from kg.mentions.quotes import find_quotes
from kg.search.words import QueryTextError, asked, conjunction, marked, spans
from kg.sources.article import article_id, make_article
from kg.sources.stated import address_date, stated_date
from kg.triples.iris import Iris
from kg.triples.writer import article_quads
from tests.fuzz import texts
from tests.fuzz.readers import whole
from tests.fuzz.target import Target


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
    whole(article)
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


def _id(text: str) -> None:
    made = article_id(text or None, "0" * 64)
    assert made == article_id(text or None, "0" * 64)
    ox.NamedNode(f"http://a.invalid/{made}")


def targets() -> Iterator[tuple[str, Target]]:
    """What looks at text, by the names of what it finds."""
    yield "dates", (_dated(), _dates)
    yield (
        "stated-dates",
        (st.one_of(st.text(max_size=30), st.lists(st.sampled_from(_DATE_WORDS), max_size=5).map(" ".join)), _stated),
    )
    yield "article-id", (texts.texts(60), _id)
    yield "prose", (texts.prose(), _prose)
    yield "extract", (texts.prose(300), _extract)
    yield "search-words", (st.one_of(st.text(max_size=60), texts.texts(20)), _search_words)
