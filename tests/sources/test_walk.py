"""Files and folders: which are read, and in which order."""

import io
import json
from pathlib import Path

from kg.config import Settings
from kg.model import Article
from kg.sources import Failure, read_articles, read_lines

TEXT = "The minister met envoy number {} on Monday, and they spoke about the border."


def test_folders_are_read_in_sorted_order_with_those_inside(tmp_path: Path) -> None:
    for number, name in enumerate(["b.txt", "a/z.txt", "a/b.jsonl", "c.TXT", ".hidden.txt"]):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        text = TEXT.format(number)
        path.write_text(f'{{"id": "line", "text": "{text}"}}\n' if name.endswith("jsonl") else text)
    found = list(read_articles([tmp_path], Settings()))
    assert [f.source for f in found] == ["line", "z.txt", "b.txt", "c.TXT"]


def test_what_cannot_be_read_is_told_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_text("%PDF")
    (tmp_path / "b.txt").write_text(TEXT)
    (tmp_path / "c.txt").write_bytes(b"x" * 2000)
    found = list(read_articles([tmp_path, tmp_path / "none.txt"], Settings(max_article_bytes=1000)))
    assert isinstance(found[1], Article)
    assert [str(f) for f in found if isinstance(f, Failure)] == [
        f"{tmp_path}/a.pdf: there is no reader for files that end in '.pdf' (readable are .atom, .csv, .htm, .html, .jsonl, "
        ".ndjson, .rss, .text, .tsv, .txt, .warc, .warc.gz, .xhtml, .xml)",
        f"{tmp_path}/c.txt: it is longer than 1,000 bytes",
        f"{tmp_path}/none.txt: there is no such file or folder",
    ]


def test_a_link_that_leads_back_does_not_go_on_for_ever(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "loop").symlink_to(tmp_path)
    found = list(read_articles([tmp_path], Settings()))
    assert [f.source for f in found] == ["a.txt"]


def test_reading_is_lazy(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    articles = read_articles([tmp_path / "a.txt", tmp_path / "b.txt"], Settings())
    assert isinstance(next(articles), Article)
    (tmp_path / "b.txt").write_text(TEXT + " It rained.")
    assert isinstance(next(articles), Article)


def test_a_text_that_is_too_long_is_refused_and_never_cut(tmp_path: Path) -> None:
    told = Settings(max_article_characters=len(TEXT))
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "b.txt").write_text(f"{TEXT}!")
    whole, long = read_articles([tmp_path], told)
    assert isinstance(whole, Article) and whole.text == TEXT
    assert isinstance(long, Failure)
    assert (
        str(long)
        == f"b.txt: its text has {len(TEXT) + 1} characters; the limit (max_article_characters) is {len(TEXT)}"
    )
    assert (long.given, bool(long.article_id), long.offset) == (str(tmp_path / "b.txt"), True, 2 * len(TEXT) + 1)
    lines = "".join(json.dumps({"id": n, "text": t}) + "\n" for n, t in (("x", f"{TEXT} No."), ("y", TEXT)))
    kinds = [type(f) for f in read_lines(io.BytesIO(lines.encode()), "news.jsonl", told)]
    assert kinds == [Failure, Article], "the others go on"
    unlimited = list(read_articles([tmp_path], Settings(max_article_characters=0)))
    assert all(isinstance(f, Article) for f in unlimited)
