"""Articles' texts are kept beside the store as the operator wants it, and go with the article."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.config import Settings
from kg.errors import SettingsError, StoreError
from kg.sources.article import make_article
from kg.sources.bodies import FILE, Bodies, is_free

TEXT = "The ministers met in Oslo on Monday.\n\nThey spoke of fish and of the border for two hours."


@pytest.mark.parametrize(
    ("license", "free"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", True),
        ("CC BY-SA 4.0", True),
        ("CC0", True),
        ("Public domain", True),
        ("All rights reserved", False),
        ("https://example.org/terms", False),
        ("", False),
        (None, False),
    ],
)
def test_licences_that_let_anybody_show(license: str | None, free: bool) -> None:  # noqa: A002
    assert is_free(license) is free


def test_texts_are_kept_and_shown_as_the_mode_says(tmp_path: Path) -> None:
    plain = make_article(TEXT, source="a", given_id="plain")
    free = make_article(TEXT + " Free.", source="b", given_id="free", license="CC BY 4.0")
    bodies = Bodies(tmp_path, "show")
    for article in (plain, free):
        bodies.put(article)
        assert Bodies(tmp_path, "show").get([article.id]) == {}, "the store does not have the article yet"
        bodies.settle(article.id)
    bodies.close()
    found = Bodies(tmp_path, "show").get(["plain", "free", "none"])
    assert set(found) == {"plain", "free"}
    assert found["plain"].text == TEXT
    assert [TEXT[start:end] for _, start, end in found["plain"].blocks][-1].startswith("They spoke")
    assert set(Bodies(tmp_path, "licensed").get(["plain", "free"])) == {"free"}
    assert Bodies(tmp_path, "off").get(["plain", "free"]) == {}
    Bodies(tmp_path, "licensed").put(plain)
    assert set(Bodies(tmp_path, "show").get(["plain", "free"])) == {"free"}, "read anew, it is not kept any more"


def test_nothing_is_written_where_nothing_is_to_be_kept(tmp_path: Path) -> None:
    bodies = Bodies(tmp_path, "off")
    bodies.put(make_article(TEXT, source="a"))
    bodies.close()
    assert not (tmp_path / FILE).exists()
    assert Bodies(tmp_path, "show").get(["a"]) == {}


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"nonsense" * 200)
    with pytest.raises(StoreError, match="may be deleted"):
        Bodies(tmp_path, "show").get(["a"])


def test_an_article_that_is_removed_takes_its_text_with_it(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text(json.dumps({"id": "one", "text": TEXT}))
    arguments = ["--store", str(settings.store)]
    assert CliRunner().invoke(main, ["ingest", str(file), *arguments]).exit_code == 0
    assert set(Bodies(settings.store, "show").get(["one"])) == {"one"}
    assert CliRunner().invoke(main, ["remove", "one", *arguments]).exit_code == 0
    assert Bodies(settings.store, "show").get(["one"]) == {}


def test_a_mode_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="article_text: 'yes' is not 'show' or 'licensed' or 'off'"):
        Settings(article_text="yes")
