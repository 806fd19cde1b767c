"""The time that a stage takes grows with its input, whatever is repeated in it: nothing that reads a stranger's text is quadratic."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable

import pytest

from kg.config import Settings
from kg.errors import KgError, QueryError
from kg.language.splitter import dateline, sentence_spans
from kg.mentions.dates import find_dates
from kg.mentions.quotes import find_quotes
from kg.model import Article, Block, BlockKind
from kg.search.words import spans
from kg.sources import html, linked_data, near
from kg.sources.article import make_article
from kg.sources.blocks import blocks
from kg.sources.english import why_not_english
from kg.sparql import check, check_update, graphs_written
from kg.store.documents import parsed_graph
from tests.fuzz.asking import preferred as negotiated
from tests.fuzz.documents import RDF
from tests.fuzz.texts import MUCH, SENTENCES

#: Length of the shorter text, and how many times as long the longer one is.
SHORT, TIMES = 1_500, 5
#: Time may grow with this power of the length: 1 is linear, 2 quadratic; what is above it after some tries is a fault.
MOST_GROWTH, TRIES = 1.6, 5
#: Seconds that the longer text may take whatever the shorter one took: caches and clocks weigh more in less.
QUICK = 0.015
#: More of what once was slow: white space before the end of a script, escapes in SPARQL, points after numbers.
MORE = (
    "\\u0041",
    "e:a\\'",
    "<a",
    "'\\",
    "a:b.",
    "-->",
    "--> ",
    "2016.",
    "A.'",
    "1 - ",
    "May 1 to ",
    "[0",
    "@a-",
    "_:a.",
    "1e",
    "…",
    "?!",
    "DELETE WHERE { ?s ?p ?o } ; ",
    "<urn:g> ",
    "<<( <urn:a> <urn:b> ",
    "<< <urn:a> ",
    "[ <urn:b> ",
    '{"urn:b": ',
    '{"a": "b:c"}, ',
    '"\\u0041", ',
    "<e:a>",
    "<r:Description e:a='1'/>",
    "xmlns:e='urn:e:' ",
    "text/turtle;q=0.5,",
    ";q=",
)


def _article(text: str) -> Article:
    return Article("a", text, "d", (Block(0, len(text), BlockKind.PARAGRAPH),))


def _dates(text: str) -> object:
    find_dates.cache_clear()
    return find_dates(text)


def _unless_refused(stage: Callable[[str], object]) -> Callable[[str], None]:
    def run(text: str) -> None:
        with contextlib.suppress(KgError):
            stage(text)

    return run


def _document(media_type: str, around: str) -> Callable[[str], object]:
    def run(text: str) -> None:
        with contextlib.suppress(QueryError, SyntaxError, ValueError):
            parsed_graph([(around.format(text).encode(), media_type)], "urn:base")

    return run


STAGES: dict[str, Callable[[str], object]] = {
    "blocks": lambda text: blocks(text, None),
    "article": _unless_refused(lambda text: make_article(text, source="given")),
    "english": why_not_english,
    "sentences": lambda text: list(sentence_spans(text)),
    "dateline": dateline,
    "dates": _dates,
    "quotes": lambda text: find_quotes(_article(text)),
    "duplicates": lambda text: near.Print.of(_article(text)),
    "linked data": lambda text: linked_data.article([text], None),
    "encoding": lambda text: html.decode(text.encode()),
    "words": spans,
    "query": _unless_refused(check),
    "query in braces": _unless_refused(lambda text: check(f"SELECT * {{ {text}")),
    "query in quotes": _unless_refused(lambda text: check(f"SELECT * {{ ?s ?p '{text}")),
    "update": _unless_refused(lambda text: check_update(f"DELETE WHERE {{ ?s ?p ?o }} ; {text}", ["urn:g"])),
    "graphs of an update": _unless_refused(graphs_written),
    "turtle": _document("text/turtle", "<urn:a> <urn:b> {}"),
    "n-quads": _document("application/n-quads", "<urn:a> <urn:b> {}"),
    "json-ld": _document("application/ld+json", '{{"@id": "urn:a", "urn:b": {}'),
    "context": _document("application/ld+json", '{{"@context": [{}'),
    "rdf/xml": _document("application/rdf+xml", f'<r:RDF xmlns:r="{RDF}" xmlns:e="urn:e:">{{}}</r:RDF>'),
    "attributes": _document("application/rdf+xml", f'<r:RDF xmlns:r="{RDF}" xmlns:e="urn:e:" {{}}/>'),
    "preferences": lambda text: negotiated(" ".join(text.splitlines())),
}


def _least(stage: Callable[[str], object], text: str, tries: int) -> float:
    found = math.inf
    for _ in range(tries):
        began = time.process_time()
        stage(text)
        found = min(found, time.process_time() - began)
    return found


def _growth(stage: Callable[[str], object], piece: str, short: int) -> float:
    """The power of the length with which the time grows; 0 where it is too short to tell. Tried again where it seems too much."""
    texts = [piece * (length // len(piece)) for length in (short, TIMES * short)]
    growth = 0.0
    for tries in range(1, TRIES + 1):
        less, more = (_least(stage, text, tries) for text in texts)
        if more < QUICK:
            return 0.0
        growth = math.log(more / max(less, 1e-5)) / math.log(TIMES)
        if growth <= MOST_GROWTH:
            break
    return growth


@pytest.mark.parametrize("name", STAGES)
def test_stages_take_time_in_proportion(name: str) -> None:
    found = {piece: _growth(STAGES[name], piece, SHORT) for piece in (*MUCH, *MORE)}
    assert {piece: round(power, 2) for piece, power in found.items() if power > MOST_GROWTH} == {}


def _extracted(text: str) -> None:
    from kg import facts
    from kg.language import load

    with contextlib.suppress(KgError):
        article = make_article("\n\n".join((*SENTENCES[:4], text)), source="given")
        (parsed,) = load(Settings()).parse([article])
        facts.extract(parsed)


#: One for each kind of thing that the extractors gather over an article: actors, sayings, quotes, events, instruments, dates.
GATHERED = (
    "President Ann Example met Prime Minister Bo Sample in Paris on Monday.\n",
    "“We will go,” the minister told reporters. ",
    "the Treaty of Paris and Resolution 2254 of the U.N. ",
    "Ann Example, Bo Sample and ",
    "said that he said ",
    "((( ",
)


@pytest.mark.parametrize("piece", GATHERED)
def test_the_whole_path_takes_time_in_proportion(piece: str) -> None:
    _extracted(piece * 20)  # what is loaded with the first article is no part of it
    assert _growth(_extracted, piece, 800) <= MOST_GROWTH


#: The same with other names in each sentence: repeated paragraphs would be taken for clutter, and not be read.
DISTINCT = (
    "“We will go to {0},” the minister told reporters.",
    "President Ann {0} met Prime Minister Bo {1} in Paris on Monday.",
)


def _distinct(form: str, length: int) -> str:
    """Paragraphs of three sentences, each with names of its own."""
    syllables = [a + b for a in "bdklmnrst" for b in "aeiou"]

    def name(number: int) -> str:
        return "".join(syllables[number // 45**n % 45] for n in range(3)).title()

    sentences = (form.format(name(7 * n), name(7 * n + 3)) for n in range(length // len(form)))
    return "\n\n".join(map(" ".join, zip(*[sentences] * 3, strict=False)))


@pytest.mark.parametrize("form", DISTINCT)
def test_many_different_things_take_time_in_proportion(form: str) -> None:
    from kg import facts
    from kg.language import load

    lengths = 10_000, 40_000
    articles = [make_article("\n\n".join((*SENTENCES[:4], _distinct(form, n))), source="given") for n in lengths]
    parsed = dict(zip(("less", "more"), load(Settings()).parse(articles), strict=True))

    def extract(name: str) -> object:
        return facts.extract(parsed[name], ("frames",))

    extract("less")  # what is loaded with the first article is no part of it
    growth = math.inf
    for tries in range(1, TRIES + 1):
        less, more = (_least(extract, name, tries) for name in parsed)
        growth = math.log(more / less) / math.log(lengths[1] / lengths[0])
        if growth <= MOST_GROWTH:
            break
    assert growth <= MOST_GROWTH


def test_five_million_characters_end_or_are_refused() -> None:
    """The longest input there can be is read, or refused by a limit that is told, within some seconds."""
    longest = Settings().max_article_bytes
    for piece in ("a", "a ", "(", "2016 ", "A\n"):
        began = time.process_time()
        with contextlib.suppress(KgError):
            make_article(piece * (longest // len(piece)), source="given")
        assert time.process_time() - began < 30, piece
