"""A run's failures go into a report, and a later run takes them from there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.config import Settings
from kg.errors import SourceError
from kg.pipeline import ingest
from kg.sources import Failure, read_articles, size
from kg.sources.report import inputs_of, report

GOOD = {
    "id": "a",
    "text": "The President of Kenya met the Prime Minister of Japan in Nairobi on Monday.",
    "date": "2016-08-27",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One file whose second line is cut, one without a reader, one that is whole."""
    inside = tmp_path / "articles"
    inside.mkdir()
    (inside / "cut.jsonl").write_text(json.dumps(GOOD) + '\n{"id": "b", "text": "Half a li\n', encoding="utf-8")
    (inside / "picture.png").write_bytes(b"\x89PNG")
    (inside / "whole.txt").write_text("Kenya and Japan signed a treaty in Nairobi on 28 August 2016.", encoding="utf-8")
    return inside


def _kg(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(main, [str(a) for a in arguments])
    return done.exit_code, done.output


def test_what_failed_is_read_again_when_it_is_mended(folder: Path, tmp_path: Path) -> None:
    store, path = tmp_path / "store", tmp_path / "failed.jsonl"
    code, _ = _kg("ingest", folder, "--store", store, "--report", path)
    assert code == 1
    told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(t["given"], t["source"]) for t in told] == [
        (str(folder / "cut.jsonl"), f"{folder / 'cut.jsonl'}, line 2"),
        (str(folder / "picture.png"), str(folder / "picture.png")),
    ]
    assert "JSON" in told[0]["reason"] and ".png" in told[1]["reason"]

    (folder / "cut.jsonl").write_text("\n".join(json.dumps(GOOD | {"id": i}) for i in "ab") + "\n", encoding="utf-8")
    code, output = _kg("ingest", "--again", path, "--report", path, "--store", store)
    assert code == 1  # the picture is still none
    # the first line is in the store already, the file that had not failed is not read at all
    assert re.search(r"articles unchanged +1\b", output) and re.search(r"duplicates +1\b", output)
    assert [json.loads(line)["given"] for line in path.read_text().splitlines()] == [str(folder / "picture.png")]

    (folder / "picture.png").unlink()
    path.write_text("", encoding="utf-8")
    assert _kg("ingest", "--again", path, "--store", store)[0] == 0


def test_an_article_that_extraction_refuses_is_told_with_its_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise SourceError("It is refused.")

    monkeypatch.setattr("kg.facts.extract", refuse)
    found: list[Failure] = []
    ingest([folder / "whole.txt"], Settings(store=tmp_path / "store", processes=1), report=found.append)
    assert [(f.given, f.source, f.reason) for f in found] == [(str(folder / "whole.txt"), "whole.txt", "It is refused")]


def test_an_article_that_is_too_long_is_read_again_when_the_limit_is_raised(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "long.txt").write_text(
        "Kenya and Japan signed a treaty in Nairobi on 29 August 2016. " * 9, encoding="utf-8"
    )
    store, path = tmp_path / "store", tmp_path / "failed.jsonl"
    monkeypatch.setenv("KG_MAX_ARTICLE_CHARACTERS", "300")
    code, output = _kg("ingest", folder / "long.txt", folder / "whole.txt", "--store", store, "--report", path)
    assert code == 1
    assert "long.txt: its text has 558 characters; the limit (max_article_characters) is 300." in output
    assert re.search(r"articles ingested +1\b", output), "the other one is in the store"
    monkeypatch.setenv("KG_MAX_ARTICLE_CHARACTERS", "600")
    code, output = _kg("ingest", "--again", path, "--store", store)
    assert code == 0, output
    assert re.search(r"articles ingested +1\b", output)


def test_a_run_that_is_broken_off_leaves_no_report_but_what_it_knew(tmp_path: Path) -> None:
    path = tmp_path / "failed.jsonl"
    with pytest.raises(KeyboardInterrupt), report(path) as write:
        write(Failure("x, line 2", "it is cut", given="x"))
        raise KeyboardInterrupt
    assert not path.exists()
    assert inputs_of(path.with_name("failed.jsonl.part")) == [Path("x")]


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"given": null}', "no JSON"])
def test_what_is_no_report_is_told(tmp_path: Path, line: str) -> None:
    path = tmp_path / "failed.jsonl"
    path.write_text(f'{{"given": "https://example.org/a"}}\n{line}\n', encoding="utf-8")
    with pytest.raises(SourceError, match=r"line 2: it names no input"):
        inputs_of(path)


def test_a_report_that_cannot_be_written_is_told_before_anything_is_read(folder: Path, tmp_path: Path) -> None:
    code, output = _kg("ingest", folder, "--store", tmp_path / "store", "--report", tmp_path / "no" / "failed.jsonl")
    assert code == 1 and "cannot be written: No such file or directory" in output
    assert not (tmp_path / "store").exists()


def test_again_and_watch_do_not_go_together(tmp_path: Path) -> None:
    code, output = _kg("ingest", "--watch", tmp_path, "--report", tmp_path / "failed.jsonl")
    assert code == 2 and "--watch goes on" in output


def test_offsets_end_at_the_size_of_all_inputs(folder: Path) -> None:
    items = list(read_articles([folder], Settings()))
    offsets = [item.offset for item in items if item.offset]
    assert offsets == sorted(offsets) and offsets[-1] == size([folder]) == sum(
        f.stat().st_size for f in folder.iterdir()
    )
    assert size([folder, "https://example.org/feed.xml"]) is None
