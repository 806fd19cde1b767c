"""JSON Lines: fields, and records that cannot be read."""

import io
import json

import pytest

from kg.config import Settings
from kg.errors import SourceError
from kg.model import Article
from kg.sources import Failure, jsonlines, read_lines

TEXT = "The minister met the envoy on Monday and they spoke about the border."


def line(**fields: object) -> bytes:
    return json.dumps({"text": TEXT} | fields).encode()


def test_every_field_arrives() -> None:
    article = jsonlines.read(
        line(
            id="n-1",
            title="A meeting",
            date="2016-01-26T10:00:00Z",
            url="https://example.org/1",
            outlet="O",
            author="A",
        ),
        "f, line 1",
    )
    assert (article.id, article.title, str(article.published)) == ("n-1", "A meeting", "2016-01-26")
    assert (article.url, article.outlet, article.author, article.text) == ("https://example.org/1", "O", "A", TEXT)


def test_without_an_id_the_text_gives_it() -> None:
    article = jsonlines.read(line(), "f, line 1")
    assert article.id == article.digest[:16]


def test_ids_that_cannot_stand_in_an_address_stay_apart() -> None:
    ids = [jsonlines.read(line(id=given), "f").id for given in ("a/b c", "a/b_c", "https://example.org/a?b", "Übung")]
    assert len(set(ids)) == 4
    assert all(set(i) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for i in ids)
    assert ids[2].startswith("example-org-a-b-")


def test_an_address_is_an_id_where_none_is_given() -> None:
    url = "https://example.org/2016/talks.html"
    assert jsonlines.read(line(url=url), "f").id == jsonlines.read(line(id=url), "f").id


def test_unknown_fields_and_empty_ones_are_left_alone() -> None:
    article = jsonlines.read(line(id=7, date=None, title="", events=[{}], gold=1), "f")
    assert (article.id, article.title, article.published) == ("7", None, None)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"id": "x"}', 'no "text"'),
        (b'{"text": 5}', "'text' is not a string"),
        (b'{"text": ""}', "empty"),
        (b'{"text": "The \\ud800 minister met the envoy."}', "surrogate"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (line(date="last Tuesday"), "not an ISO 8601 date"),
        (line(title=["a"]), "'title' is not a string"),
        (line(language="fr"), "not English"),
    ],
)
def test_records_that_cannot_be_read(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        jsonlines.read(data, "f, line 1")


def test_a_bad_line_does_not_stop_the_others() -> None:
    stream = io.BytesIO(b"\n".join([line(id="a"), b"", b"nonsense", line(id="b")]))
    found = list(read_lines(stream, "news.jsonl", Settings()))
    assert [f.id if isinstance(f, Article) else str(f) for f in found] == [
        "a",
        "news.jsonl, line 3: it is not JSON (Expecting value)",
        "b",
    ]


def test_a_line_over_the_limit_is_passed_over_whole() -> None:
    stream = io.BytesIO(line(id="a") + b"\n" + b"x" * 5000 + b"\n" + line(id="b"))
    found = list(read_lines(stream, "news.jsonl", Settings(max_article_bytes=1000)))
    assert isinstance(found[1], Failure)
    assert str(found[1]) == "news.jsonl, line 2: it is longer than 1,000 bytes"
    assert [f.id for f in found if isinstance(f, Article)] == ["a", "b"]
