"""Tables: names of columns, encodings, and rows that cannot be read."""

from pathlib import Path

import pytest

from kg.config import Settings, load_settings
from kg.errors import SettingsError
from kg.model import Article
from kg.sources import Failure, Skipped, read_articles

TEXT = "The minister met the envoy of Łódź on Monday, and they spoke about the border."


def read(folder: Path, content: bytes | str, name: str = "t.csv", settings: Settings | None = None) -> list[object]:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_articles([folder / name], settings or Settings()))


def test_every_field_arrives(tmp_path: Path) -> None:
    rows = f'id,date,title,text,url,outlet,author,license,more\n7,2016-01-26,"A ""title""","{TEXT}\nIt rained.",https://e.example/1,O,A,L,x\n'
    (article,) = read(tmp_path, rows)
    assert isinstance(article, Article)
    assert (article.id, str(article.published), article.title) == ("7", "2016-01-26", 'A "title"')
    assert article.text == f"{TEXT}\nIt rained."
    assert (article.url, article.outlet, article.author, article.license) == ("https://e.example/1", "O", "A", "L")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_stands_between_the_fields(tmp_path: Path, delimiter: str) -> None:
    (article,) = read(tmp_path, f'id{delimiter}text\n1{delimiter}"{TEXT}"\n')
    assert isinstance(article, Article)
    assert article.text == TEXT


def test_columns_by_other_names(tmp_path: Path) -> None:
    settings = Settings(fields="text=body, date=published_at")
    (article,) = read(tmp_path, f'published_at,body\n2016-01-26,"{TEXT}"\n', settings=settings)
    assert isinstance(article, Article)
    assert str(article.published) == "2016-01-26"
    (line,) = read(tmp_path, f'{{"body": "{TEXT}", "published_at": "2016-01-26"}}', "a.jsonl", settings)
    assert isinstance(line, Article)
    (inner,) = read(tmp_path, f'{{"a": {{"b": "{TEXT}"}}}}', "b.jsonl", Settings(fields="text=a.b"))
    assert isinstance(inner, Article)


@pytest.mark.parametrize("fields", ["txt=body", "text", "text="])
def test_names_that_say_nothing(fields: str) -> None:
    with pytest.raises(SettingsError, match="FIELD=NAME"):
        load_settings(environment={}, fields=fields)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_with_and_without_a_mark(tmp_path: Path, encoding: str) -> None:
    (article,) = read(tmp_path, f'text\n"{TEXT}"\n'.encode(encoding))
    assert isinstance(article, Article)
    assert article.text == TEXT


def test_an_encoding_that_is_told(tmp_path: Path) -> None:
    data = f'text\n"{TEXT}"\n'.encode("iso-8859-2")
    (failure,) = read(tmp_path, data)
    assert str(failure).endswith("it is not UTF-8, and what follows is not read; tell its encoding with --encoding")
    (article,) = read(tmp_path, data, settings=Settings(encoding="iso-8859-2"))
    assert isinstance(article, Article)
    assert article.text == TEXT
    with pytest.raises(SettingsError, match="no encoding"):
        load_settings(environment={}, encoding="utf-9")


def test_a_bad_row_does_not_stop_the_others(tmp_path: Path) -> None:
    french = "Le ministre a rencontré mardi son homologue à Paris pour parler de la crise dans la région."
    rows = [
        "id,text",
        f'a,"{TEXT}"',
        "b",
        "c,",
        f'd,"{french}"',
        f'e,"{TEXT}",more',
        "",
        f'f,"{TEXT}" x',
        f'g,"{TEXT}"',
    ]
    found = read(tmp_path, "\n".join(rows) + "\n")
    assert [a.id for a in found if isinstance(a, Article)] == ["a", "g"]
    assert [str(f).removeprefix(f"{tmp_path}/") for f in found if isinstance(f, Failure)] == [
        "t.csv, line 3: it has 1 fields under 2 columns",
        't.csv, line 4: it has no "text"',
        "t.csv, line 5: it is not English (its language looks like 'fr')",
        "t.csv, line 6: it has 3 fields under 2 columns",
        """t.csv, line 8: it is not CSV (',' expected after '"')""",
    ]
    assert sum(isinstance(f, Skipped) for f in found) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no column 'text' (its columns are none)"),
        ("id,body\n", "no column 'text' (its columns are 'id', 'body'); name it with --field text=COLUMN"),
        ("text,id,id\n", "two columns 'id'"),
        (b"text\n\0\0\0\n", "line 2: it is binary, not text"),
        (b"text\n" + b"x" * 3000 + b"\n", "line 2: it is longer than 1,000 characters"),
        (
            b'text\n"' + b"The minister met the envoy.\n" * 90,
            "line 2: it is not CSV (field larger than field limit (1000))",
        ),
    ],
)
def test_tables_that_cannot_be_read(tmp_path: Path, content: bytes | str, words: str) -> None:
    first, *_ = read(tmp_path, content, settings=Settings(max_article_bytes=1000))
    assert words in str(first)
