"""Plain text files: encodings, and what is refused."""

import pytest

from kg.errors import SourceError
from kg.sources import plain

TEXT = "The prime minister met the visiting envoy in the capital on Monday.\n\nThey spoke about trade.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "ascii"])
def test_encodings_give_the_same_article(encoding: str) -> None:
    article = plain.read(TEXT.encode(encoding), "a.txt")
    assert article.text == TEXT
    assert article.id == plain.read(TEXT.encode(), "b.txt").id


def test_utf_16_big_endian_with_a_byte_order_mark() -> None:
    assert plain.read(b"\xfe\xff" + TEXT.encode("utf-16-be"), "a.txt").text == TEXT


def test_windows_text_is_read_when_it_is_sensible() -> None:
    text = "“We agreed on everything,” the minister said after the talks – and José nodded.\n"
    assert plain.read(text.encode("cp1252"), "a.txt").text == text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("Министр встретился с послом в столице.".encode("cp1251"), "encoding is not known"),
        ("“The talks ended,” he said of the café.".encode()[:-3] + b"\xff\xfe.", "encoding is not known"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "binary"),
        (b"%PDF-1.7\n" + bytes(range(1, 9)) * 50, "binary"),
        ("the talks".encode("utf-16-le"), "binary"),
        (b"", "empty"),
        (b" \n\t\r\n ", "empty"),
        (b"1234 5678\n9012", "no words"),
        (
            "Le ministre a rencontré mardi son homologue à Paris pour parler de la crise dans la région.".encode(),
            "not English",
        ),
        ("国务卿周二会见了首相。".encode(), "not English"),
    ],
)
def test_what_is_not_english_text_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        plain.read(data, "a.txt")


def test_bytes_after_a_damaged_character_are_not_guessed_at() -> None:
    damaged = "The café’s owner met the minister’s envoy".encode() + b"\xe2\x80 on Monday."
    with pytest.raises(SourceError, match=r"byte 46 is not UTF-8"):
        plain.read(damaged, "a.txt")


def test_the_text_is_unchanged() -> None:
    text = "  The minister\u00a0met “the envoy”.\r\n\r\nThey spoke.  \r\n"
    article = plain.read(text.encode(), "a.txt")
    assert article.text == text
    assert [text[b.start : b.end] for b in article.blocks] == ["The minister\u00a0met “the envoy”.", "They spoke."]


def test_a_headline_becomes_the_title() -> None:
    text = "Envoys Agree on New Border Rules\n\nEnvoys of the two countries agreed on new rules for the border on Monday.\n"
    assert plain.read(text.encode(), "a.txt").title == "Envoys Agree on New Border Rules"


def test_a_printed_date_becomes_the_date_of_publication() -> None:
    page = "Envoys Agree on Border Rules\n\nPublished: January 26, 2016 8:05 PM\n\nThe envoys agreed on new rules on Monday.\n"
    article = plain.read(page.encode(), "a.txt")
    assert str(article.published) == "2016-01-26"
